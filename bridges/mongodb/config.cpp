#include <troupe/bridges/mongodb/config.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace troupe::mongodb {

namespace {

bool usable(duration span) noexcept {
  return span >= std::chrono::milliseconds{1} && span <= std::chrono::hours{24};
}

} // namespace

access_source always(access granted) {
  return [granted = std::move(granted)](freshness) -> expected<access> { return granted; };
}

std::vector<std::string> validate(const config& given) {
  std::vector<std::string> mistakes;
  const auto check = [&mistakes](bool right, std::string_view words) {
    if (!right)
      mistakes.emplace_back(words);
  };
  const std::array spans{given.connect, given.operation, given.close_within};
  check(static_cast<bool>(given.where), "there is no address of the servers");
  check(!given.name.empty() && given.name.size() <= 128, "the name is not 1 to 128 bytes");
  check(std::ranges::all_of(spans, usable), "a time of the store is not between 1 ms and 24 h");
  // https://github.com/mongodb/specifications, server discovery and monitoring: minHeartbeatFrequencyMS
  check(given.heartbeat >= std::chrono::milliseconds{500} && usable(given.heartbeat),
        "the time between heartbeats is not between 500 ms and 24 h");
  check(given.connections > 0 && given.connections <= 100, "the number of connections is not between 1 and 100");
  check(given.in_flight > 0, "the bound of documents in flight is 1 at least");
  check(given.in_flight_bytes >= 1024, "the bound of bytes in flight is below 1 KiB");
  check(given.largest_document > 0 && given.largest_document <= std::size_t{16} << 20U,
        "the largest document is not between 1 B and 16 MiB, which is MongoDB's own limit");
  return mistakes;
}

} // namespace troupe::mongodb
