#include <troupe/bridges/embedded/groups.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/bridges/embedded/partitions.hpp>

namespace troupe::embedded {

namespace {

struct group_position {
  std::string stream;
  std::string group;
  std::int64_t partition_id = 0;
  std::int64_t committed = 0;
  bool latest = false;
};

expected<std::vector<group_position>> positions(sqlite::connection& on, const group_name& which) {
  const auto incarnation = on.number("SELECT incarnation FROM process", 0);
  if (incarnation.has_error())
    return incarnation.error();
  std::vector<group_position> found;
  const auto use = [&](const sqlite::row& each) {
    const auto epoch = static_cast<std::uint64_t>(each.integer(4));
    found.push_back({std::string{each.text(0)}, std::string{each.text(1)}, each.integer(2), each.integer(3),
                     incarnation_of(epoch) == *incarnation});
  };
  auto read = on.each(
    "SELECT source, consumer_group, partition_id, committed, epoch FROM group_offsets JOIN partitions USING (partition_id) "
    "WHERE kind = 'stream' AND (?1 = '' OR consumer_group = ?1) AND (?2 = '' OR source = ?2) "
    "ORDER BY source, consumer_group, partition_id",
    use, std::string_view{which.group}, std::string_view{which.stream});
  return read.has_error() ? expected<std::vector<group_position>>{read.error()} : found;
}

// What the group has settled ahead of its offset is read.
expected<void> count(sqlite::connection& on, const group_position& at, group_standing& into) {
  const auto use = [&into](const sqlite::row& each) {
    into.lag += each.integer(0);
    into.bytes += each.integer(1);
  };
  return on.each("SELECT count(*), ifnull(sum(" TROUPE_EMBEDDED_WEIGHT "), 0) FROM messages "
                 "WHERE position >= ?1 AND position < ?2 AND position - ?3 NOT IN "
                 "(SELECT message_offset FROM settled_ahead WHERE consumer_group = ?4 AND partition_id = ?5)",
                 use, position_of(at.partition_id, at.committed), position_of(at.partition_id + 1, 0),
                 position_of(at.partition_id, 0), std::string_view{at.group}, at.partition_id);
}

expected<std::int64_t> forget(sqlite::connection& on, const group_name& which, file_use use) {
  const auto found = positions(on, which);
  if (found.has_error())
    return found.error();
  if (which.group.empty() || found->empty())
    return failure{errc::not_found, "no stream" + (which.stream.empty() ? "" : " '" + which.stream + "'") + " has a group '"
                                      + which.group + "'"};
  if (use == file_use::in_use && std::ranges::any_of(*found, &group_position::latest))
    return failure{errc::conflict, "the program that runs reads with the group '" + which.group
                                     + "': end it, or remove the consumer from its topology, first"};
  for (const auto& each : *found)
    for (const auto* sql : {"DELETE FROM group_offsets WHERE consumer_group = ? AND partition_id = ?",
                            "DELETE FROM recorded_attempts WHERE consumer_group = ? AND partition_id = ?",
                            "DELETE FROM settled_ahead WHERE consumer_group = ? AND partition_id = ?"})
      if (auto gone = on.run(sql, std::string_view{each.group}, each.partition_id); gone.has_error())
        return gone.error();
  return static_cast<std::int64_t>(found->size());
}

} // namespace

expected<std::vector<group_standing>> list_groups(sqlite::connection& on) {
  const auto found = positions(on, {});
  if (found.has_error())
    return found.error();
  std::vector<group_standing> result;
  for (const auto& each : *found) {
    if (result.empty() || result.back().stream != each.stream || result.back().group != each.group)
      result.push_back({each.stream, each.group});
    auto& standing = result.back();
    ++standing.partitions;
    standing.latest = standing.latest || each.latest;
    if (auto counted = count(on, each, standing); counted.has_error())
      return counted.error();
  }
  return result;
}

expected<std::int64_t> remove_group(sqlite::connection& on, const group_name& which, file_use use) {
  if (auto begun = on.execute("BEGIN IMMEDIATE"); begun.has_error())
    return begun.error();
  auto gone = forget(on, which, use);
  const auto ended = on.execute(gone.has_value() ? "COMMIT" : "ROLLBACK");
  return gone.has_value() && ended.has_error() ? expected<std::int64_t>{ended.error()} : gone;
}

} // namespace troupe::embedded
