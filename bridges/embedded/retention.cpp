#include <troupe/bridges/embedded/retention.hpp>

#include <algorithm>
#include <limits>

#include <troupe/bridges/embedded/codec.hpp>

namespace troupe::embedded {

namespace {

constexpr auto no_limit = std::numeric_limits<std::int64_t>::max();

// The first offset that retention must leave alone.
expected<std::int64_t> first_unread(sqlite::connection& on, const retention& keep, std::int64_t lane) {
  if (keep.what_is_unread == unread::discard)
    return no_limit;
  return on.number("SELECT ifnull(min(committed), 9223372036854775807) FROM group_offsets WHERE lane = ?", no_limit, lane);
}

struct reach {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::int64_t end = 0; ///< the position below which everything goes
};

// Walks from the oldest message while it is too old, or while what remains is too much.
expected<reach> expired(sqlite::connection& on, const retention& keep, std::int64_t lane, std::int64_t stop, timestamp now) {
  auto surplus = no_limit;
  if (keep.bytes) {
    const auto held = on.number("SELECT bytes FROM lanes WHERE lane = ?", 0, lane);
    if (held.has_error())
      return held.error();
    surplus = *held - *keep.bytes;
  }
  const auto too_old = keep.age ? (now - *keep.age).time_since_epoch().count() : std::numeric_limits<std::int64_t>::min();
  reach found;
  const auto use = [&](const sqlite::row& each) {
    const auto over_size = keep.bytes && found.bytes < surplus;
    if (each.integer(1) >= too_old && !over_size)
      return sqlite::reading::enough;
    ++found.count;
    found.bytes += each.integer(2);
    found.end = each.integer(0) + 1;
    return sqlite::reading::on;
  };
  auto read = on.each("SELECT position, published_at, " TROUPE_EMBEDDED_WEIGHT
                      " FROM messages WHERE position >= ? AND position < ? ORDER BY position LIMIT ?",
                      use, position_of(lane, 0), stop, keep.step);
  return read.has_error() ? expected<reach>{read.error()} : found;
}

expected<std::int64_t> remove_from(sqlite::connection& on, const retention& keep, std::int64_t lane, timestamp now) {
  auto unread_from = first_unread(on, keep, lane);
  if (unread_from.has_error())
    return unread_from;
  const auto lane_end = position_of(lane + 1, 0);
  const auto stop = *unread_from == no_limit ? lane_end : position_of(lane, *unread_from);
  const auto what = expired(on, keep, lane, stop, now);
  if (what.has_error())
    return what.error();
  if (what->count == 0)
    return 0;
  if (auto gone = on.run("DELETE FROM messages WHERE position >= ? AND position < ?", position_of(lane, 0), what->end);
      gone.has_error())
    return gone.error();
  if (auto kept = on.run("UPDATE lanes SET bytes = bytes - ? WHERE lane = ?", what->bytes, lane); kept.has_error())
    return kept.error();
  return what->count;
}

} // namespace

expected<std::int64_t> remove_expired(sqlite::connection& on, const destination& config, timestamp now) {
  if (!config.keep.age && !config.keep.bytes)
    return 0;
  const auto lanes = find_lanes(on, config.name);
  if (lanes.has_error())
    return lanes.error();
  std::int64_t most = 0;
  for (const auto& each : *lanes) {
    auto removed = remove_from(on, config.keep, each.number, now);
    if (removed.has_error())
      return removed;
    most = std::max(most, *removed);
  }
  return most;
}

} // namespace troupe::embedded
