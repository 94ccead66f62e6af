#include <troupe/bridges/embedded/retention.hpp>

#include <limits>

#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/bridges/embedded/metrics.hpp>
#include <troupe/bridges/embedded/partitions.hpp>

namespace troupe::embedded {

namespace {

constexpr auto no_limit = std::numeric_limits<std::int64_t>::max();

// The first offset that retention must leave alone.
expected<std::int64_t> first_kept(sqlite::connection& on, const retention& keep, std::int64_t partition_id) {
  if (keep.unread_messages == unread::discard)
    return no_limit;
  return on.number("SELECT ifnull(min(committed), 9223372036854775807) FROM group_offsets WHERE partition_id = ?", no_limit,
                   partition_id);
}

struct reach {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::int64_t end = 0; ///< the position below which everything goes
};

// Walks from the oldest message while it is too old, or while what remains is too much.
expected<reach> expired(sqlite::connection& on, const retention& keep, std::int64_t partition_id, std::int64_t stop,
                        timestamp now) {
  auto surplus = no_limit;
  if (keep.bytes) {
    const auto held = on.number("SELECT bytes FROM partitions WHERE partition_id = ?", 0, partition_id);
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
                      use, position_of(partition_id, 0), stop, keep.step);
  return read.has_error() ? expected<reach>{read.error()} : found;
}

// Before the removal.
expected<void> count_unread(sqlite::connection& on, std::int64_t partition_id, std::int64_t end, sqlite::removal& into) {
  const auto use = [&into](const sqlite::row& each) {
    if (const auto count = each.integer(1); count > 0)
      into.unread[std::string{each.text(0)}] += count;
  };
  return on.each("SELECT consumer_group, (SELECT count(*) FROM messages WHERE position >= ?2 + committed AND position < ?3 "
                 "AND position - ?2 NOT IN (SELECT message_offset FROM settled_ahead "
                 "WHERE consumer_group = group_offsets.consumer_group AND partition_id = ?1)) "
                 "FROM group_offsets WHERE partition_id = ?1",
                 use, partition_id, position_of(partition_id, 0), end);
}

expected<void> remove_from(sqlite::connection& on, const retention& keep, std::int64_t partition_id, timestamp now,
                           sqlite::removal& into) {
  const auto kept_from = first_kept(on, keep, partition_id);
  if (kept_from.has_error())
    return kept_from.error();
  const auto begin = position_of(partition_id, 0);
  const auto stop = *kept_from == no_limit ? position_of(partition_id + 1, 0) : position_of(partition_id, *kept_from);
  const auto over = expired(on, keep, partition_id, stop, now);
  if (over.has_error())
    return over.error();
  if (over->count == 0)
    return {};
  if (keep.unread_messages == unread::discard)
    if (auto counted = count_unread(on, partition_id, over->end, into); counted.has_error())
      return counted;
  if (auto gone = on.run("DELETE FROM messages WHERE position >= ? AND position < ?", begin, over->end); gone.has_error())
    return gone;
  into.count += over->count;
  into.more = into.more || over->count >= keep.step;
  return on.run("UPDATE partitions SET bytes = bytes - ? WHERE partition_id = ?", over->bytes, partition_id);
}

} // namespace

expected<sqlite::removal> remove_expired(sqlite::connection& on, const destination& config, timestamp now) {
  sqlite::removal result;
  if (!config.keep.age && !config.keep.bytes)
    return result;
  const auto partitions = find_partitions(on, config.name);
  if (partitions.has_error())
    return partitions.error();
  for (const auto& each : *partitions)
    if (auto removed = remove_from(on, config.keep, each.id, now, result); removed.has_error())
      return removed.error();
  return result;
}

caf::actor spawn_retention(const spawn_context& context, const sqlite::database_ptr& database, const destination& config) {
  auto& expired = context.watcher->make_counter("troupe_embedded_expired_total", "Messages removed by retention.",
                                                {{"source", config.name}});
  const auto remove = [config](sqlite::connection& on, timestamp now) { return remove_expired(on, config, now); };
  const auto removed = [watcher = context.watcher, name = config.name, &expired](const sqlite::removal& step) {
    expired.add(static_cast<double>(step.count));
    for (const auto& [group, count] : step.unread)
      removed_unread(*watcher, name, group).add(static_cast<double>(count));
  };
  return sqlite::spawn_retention(context, database, {config.keep.every, remove, removed});
}

} // namespace troupe::embedded
