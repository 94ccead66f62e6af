#include <troupe/messages/values/identifier.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include <troupe/messages/values/utf8.hpp>

namespace troupe {

namespace {

// The namespace of ids whose scope is no UUID itself, drawn once at random. Changing it changes all that were ever derived.
constexpr boost::uuids::uuid derived_namespace{
  {0x7b, 0x1d, 0x6a, 0x0e, 0x3c, 0x52, 0x4f, 0x8b, 0x9e, 0x27, 0x51, 0xd4, 0xc6, 0x0f, 0xa3, 0x98}};

std::string uuid_text(const std::uint8_t (&bytes)[16]) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      ++at;
    text[at++] = digits[bytes[i] >> 4U];
    text[at++] = digits[bytes[i] & 0x0fU];
  }
  return text;
}

constexpr std::uint8_t no_digit = 0xff;

// What each character means as a digit.
constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (unsigned char c = 0; c < 10; ++c)
    values[static_cast<std::size_t>('0') + c] = c;
  for (unsigned char c = 0; c < 6; ++c)
    values[static_cast<std::size_t>('a') + c] = static_cast<std::uint8_t>(10 + c);
  return values;
}();

std::uint8_t digit_value(char c) noexcept {
  return digit_values[static_cast<unsigned char>(c)];
}

/// Reads `uuid_text`'s form, in which alone every UUID has one text.
std::optional<boost::uuids::uuid> read_uuid(std::string_view text) noexcept {
  if (text.size() != 36)
    return std::nullopt;
  boost::uuids::uuid result{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if ((i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
      return std::nullopt;
    const auto high = digit_value(text[at++]);
    const auto low = digit_value(text[at++]);
    if (high == no_digit || low == no_digit)
      return std::nullopt;
    result.data[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return result;
}

std::string named_uuid(const boost::uuids::uuid& space, std::string_view name) {
  return uuid_text(boost::uuids::name_generator_sha1{space}(name.data(), name.size()).data);
}

std::mt19937_64 seeded_engine() {
  std::random_device device;
  std::array<std::random_device::result_type, 16> entropy{};
  for (auto& word : entropy)
    word = device();
  std::seed_seq seeds(entropy.begin(), entropy.end());
  return std::mt19937_64{seeds};
}

// One engine per thread: sources may be copied and moved between threads, and no two of them can repeat each other.
std::uint64_t next_word() {
  thread_local std::mt19937_64 engine = seeded_engine();
  return engine();
}

} // namespace

random_source system_random() {
  next_word(); // a machine without entropy fails here, at the start
  return next_word;
}

random_source one_at_a_time(random_source source) {
  struct guarded {
    std::mutex guard;
    random_source source;
  };
  auto shared = std::make_shared<guarded>();
  shared->source = std::move(source);
  return [shared] {
    const std::scoped_lock lock{shared->guard};
    return shared->source();
  };
} // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the source moved into the function is lost to the analyzer

std::string random_uuid(const random_source& random) {
  std::uint8_t bytes[16];
  for (std::size_t half = 0; half < 16; half += 8) {
    const auto word = random();
    for (std::size_t i = 0; i < 8; ++i)
      bytes[half + i] = static_cast<std::uint8_t>(word >> (8 * i));
  }
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
  return uuid_text(bytes);
}

std::string derived_uuid(std::string_view scope, std::string_view name) {
  if (const auto space = read_uuid(scope)) // as every call's is
    return named_uuid(*space, name);
  // The scope's length leads, so that no two pairs make one text.
  auto text = std::to_string(scope.size());
  text.reserve(text.size() + 1 + scope.size() + name.size());
  text += ':';
  text += scope;
  text += name;
  return named_uuid(derived_namespace, text);
}

std::string id_text(std::string_view id) {
  constexpr std::string_view mark = "bytes:";
  constexpr std::string_view digits = "0123456789abcdef";
  bool is_text = id.substr(0, mark.size()) != mark;
  std::string escaped{mark};
  for (std::size_t at = 0; at < id.size();) {
    const auto next = first_code_point(id.substr(at));
    is_text = is_text && next.valid;
    for (const char c : id.substr(at, next.length)) {
      const auto byte = static_cast<unsigned char>(c);
      if (!next.valid)
        escaped.append("\\x").append({digits[byte >> 4U], digits[byte & 0x0fU]});
      else
        escaped.append(c == '\\' ? "\\\\" : std::string_view{&c, 1});
    }
    at += next.length;
  }
  return is_text ? std::string{id} : escaped;
}

} // namespace troupe
