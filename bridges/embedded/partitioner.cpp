#include <troupe/bridges/embedded/partitioner.hpp>

namespace troupe::embedded {

namespace {

constexpr std::uint32_t seed = 0x9747b28c;
constexpr std::uint32_t multiplier = 0x5bd1e995;
constexpr std::uint32_t shift = 24;

std::uint32_t byte_at(std::string_view key, std::size_t at) noexcept {
  return static_cast<unsigned char>(key[at]);
}

} // namespace

// Austin Appleby's MurmurHash2, reading words as little-endian, as Kafka does on every machine.
std::uint32_t murmur2(std::string_view key) noexcept {
  auto hash = seed ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    auto word = byte_at(key, at) | byte_at(key, at + 1) << 8U | byte_at(key, at + 2) << 16U | byte_at(key, at + 3) << 24U;
    word *= multiplier;
    word ^= word >> shift;
    word *= multiplier;
    hash *= multiplier;
    hash ^= word;
  }
  if (at < key.size()) {
    for (auto rest = key.size(); rest > at; --rest)
      hash ^= byte_at(key, rest - 1) << 8U * static_cast<std::uint32_t>(rest - 1 - at);
    hash *= multiplier;
  }
  hash ^= hash >> 13U;
  hash *= multiplier;
  hash ^= hash >> 15U;
  return hash;
}

std::int32_t partition_of(std::string_view key, std::int32_t partitions) noexcept {
  return static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % partitions;
}

} // namespace troupe::embedded
