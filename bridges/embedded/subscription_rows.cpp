#include <troupe/bridges/embedded/subscription_rows.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/codec.hpp>

namespace troupe::embedded {

namespace {

using sqlite::connection;
using sqlite::row;

expected<void> read_position(connection& on, const reader_name& reader, partition_record& into) {
  std::int64_t handed_out = 0;
  std::uint64_t epoch = reader.epoch;
  const auto use = [&](const row& each) {
    into.committed = each.integer(0);
    handed_out = each.integer(1);
    into.suspect_until = each.integer(2);
    epoch = static_cast<std::uint64_t>(each.integer(3));
  };
  auto read = on.each(
    "SELECT committed, handed_out, suspect_until, epoch FROM group_offsets WHERE consumer_group = ? AND partition_id = ?",
    use, std::string_view{reader.group}, into.partition.id);
  if (read.has_error())
    return read;
  // A delivery that an earlier process had handed out, and did not take back in an orderly drain, may have ended it.
  if (incarnation_of(epoch) != incarnation_of(reader.epoch))
    into.suspect_until = std::max(into.suspect_until, handed_out);
  return on.run("INSERT INTO group_offsets (consumer_group, partition_id, committed, handed_out, suspect_until, epoch) "
                "VALUES (?1, ?2, ?3, 0, ?4, ?5) "
                "ON CONFLICT DO UPDATE SET suspect_until = ?4, epoch = ?5",
                std::string_view{reader.group}, into.partition.id, into.committed, into.suspect_until, reader.epoch);
}

expected<void> read_attempts(connection& on, const reader_name& reader, partition_record& into) {
  const auto use = [&into](const row& each) {
    into.attempts[each.integer(0)] = {static_cast<std::uint32_t>(each.integer(1)),
                                      static_cast<std::uint32_t>(each.integer(2))};
  };
  return on.each(
    "SELECT message_offset, attempts, answered FROM recorded_attempts WHERE consumer_group = ? AND partition_id = ?", use,
    std::string_view{reader.group}, into.partition.id);
}

expected<void> read_settled_ahead(connection& on, const reader_name& reader, partition_record& into) {
  return on.each(
    "SELECT message_offset FROM settled_ahead WHERE consumer_group = ? AND partition_id = ?",
    [&into](const row& each) { into.settled_ahead.insert(each.integer(0)); }, std::string_view{reader.group},
    into.partition.id);
}

expected<void> keep_letter(connection& on, const reader_name& reader, const set_aside& letter,
                           std::vector<kept_letter>& kept) {
  const auto id = id_of(letter.from);
  const auto use = [&](const row& each) {
    if (auto trace = decode_trace(each.text(1)); trace.has_value() && trace->valid())
      kept.push_back({letter, std::string{each.text(0)}, std::move(*trace)});
  };
  return on.each(
    "INSERT INTO dead_letters (source, partition, message_offset, consumer_group, service, error, reason, attempts, "
    "first_failure, last_failure, id, key, content_type, headers, trace, payload) "
    "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CASE id WHEN '' THEN ? ELSE id END, key, content_type, headers, trace, payload "
    "FROM messages WHERE position = ? RETURNING id, trace",
    use, std::string_view{letter.from.source}, letter.from.partition, letter.from.offset, std::string_view{reader.group},
    std::string_view{reader.service}, to_string(letter.why.code), std::string_view{letter.why.reason}, letter.attempts,
    letter.first_failure.time_since_epoch().count(), letter.last_failure.time_since_epoch().count(), std::string_view{id},
    position_of(letter.partition_id, letter.from.offset));
}

expected<void> remove(connection& on, std::int64_t partition_id, std::int64_t offset) {
  return on.run("DELETE FROM messages WHERE position = ?", position_of(partition_id, offset));
}

expected<void> set_letter_aside(connection& on, const reader_name& reader, const set_aside& letter,
                                std::vector<kept_letter>& all) {
  if (auto kept = keep_letter(on, reader, letter, all); kept.has_error())
    return kept;
  if (reader.kind == destination_kind::queue)
    return remove(on, letter.partition_id, letter.from.offset);
  return on.run("INSERT OR IGNORE INTO settled_ahead (consumer_group, partition_id, message_offset) VALUES (?, ?, ?)",
                std::string_view{reader.group}, letter.partition_id, letter.from.offset);
}

expected<void> write_position(connection& on, const reader_name& reader, const partition_progress& change) {
  // Subscriptions to one queue share a mark, so none of them lowers it before the last one; a stream has one reader of a
  // group.
  if (reader.kind == destination_kind::queue)
    return on.run(
      change.handed_out_mark == partition_progress::mark::set
        ? "UPDATE group_offsets SET handed_out = ? WHERE consumer_group = ? AND partition_id = ?"
        : "UPDATE group_offsets SET handed_out = max(handed_out, ?) WHERE consumer_group = ? AND partition_id = ?",
      change.handed_out, std::string_view{reader.group}, change.partition_id);
  auto written = on.run("UPDATE group_offsets SET committed = ?, handed_out = ?, suspect_until = ? "
                        "WHERE consumer_group = ? AND partition_id = ? AND epoch = ?",
                        change.committed, change.handed_out, change.suspect_until, std::string_view{reader.group},
                        change.partition_id, reader.epoch);
  if (written.has_value() && on.changes() == 0)
    return failure{errc::cancelled, "another subscription of group '" + reader.group + "' has taken over"};
  return written;
}

expected<void> write_attempts(connection& on, const reader_name& reader, const partition_progress& change) {
  for (const auto& each : change.attempts)
    if (auto kept =
          on.run("INSERT INTO recorded_attempts (consumer_group, partition_id, message_offset, attempts, answered) "
                 "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET attempts = ?4, answered = ?5",
                 std::string_view{reader.group}, change.partition_id, each.offset, each.count.attempts, each.count.answered);
        kept.has_error())
      return kept;
  for (const auto each : change.attempts_to_forget)
    if (auto forgotten =
          on.run("DELETE FROM recorded_attempts WHERE consumer_group = ? AND partition_id = ? AND message_offset = ?",
                 std::string_view{reader.group}, change.partition_id, each);
        forgotten.has_error())
      return forgotten;
  return {};
}

expected<void> write_partition(connection& on, const reader_name& reader, const partition_progress& change) {
  if (auto written = write_position(on, reader, change); written.has_error())
    return written;
  for (const auto each : change.done)
    if (auto removed = remove(on, change.partition_id, each); removed.has_error())
      return removed;
  if (change.settled_ahead == partition_progress::ahead::forget)
    if (auto forgotten =
          on.run("DELETE FROM settled_ahead WHERE consumer_group = ? AND partition_id = ? AND message_offset < ?",
                 std::string_view{reader.group}, change.partition_id, change.committed);
        forgotten.has_error())
      return forgotten;
  return write_attempts(on, reader, change);
}

} // namespace

expected<std::vector<partition_record>> take_over(connection& on, const destination& from, const reader_name& reader) {
  auto partitions = declare(on, from);
  if (partitions.has_error())
    return partitions.error();
  std::vector<partition_record> records;
  for (const auto& each : *partitions) {
    partition_record found{each, 0, 0, {}, {}};
    for (auto* step : {read_position, read_attempts, read_settled_ahead})
      if (auto done = step(on, reader, found); done.has_error())
        return done.error();
    found.suspect_until = std::min(found.suspect_until, each.end);
    records.push_back(std::move(found));
  }
  return records;
}

expected<std::vector<kept_letter>> write_progress(connection& on, const progress& all) {
  std::vector<kept_letter> traced;
  for (const auto& each : all.partitions)
    if (auto written = write_partition(on, all.reader, each); written.has_error())
      return written.error();
  for (const auto& each : all.letters)
    if (auto kept = set_letter_aside(on, all.reader, each, traced); kept.has_error())
      return kept.error();
  return traced;
}

expected<fetched_messages> fetch(connection& on, std::int64_t partition_id, std::int64_t from, std::size_t at_most,
                                 std::size_t bytes) {
  fetched_messages found;
  std::size_t weight = 0;
  const auto use = [&](const row& each) {
    found.messages.push_back({offset_at(each.integer(0)), decode(each, 2)});
    if (auto& content = found.messages.back().content; content.has_value()) {
      content->published_at = timestamp{timestamp::duration{each.integer(1)}};
      weight += static_cast<std::size_t>(weight_of(*content));
    }
    return weight < bytes ? sqlite::reading::on : sqlite::reading::enough;
  };
  auto read = on.each("SELECT position, published_at, " TROUPE_EMBEDDED_MESSAGE_COLUMNS
                      " FROM messages WHERE position >= ? AND position < ? ORDER BY position LIMIT ?",
                      use, position_of(partition_id, from), position_of(partition_id + 1, 0), at_most);
  if (read.has_error())
    return read.error();
  found.next = found.messages.empty() ? from : found.messages.back().offset + 1;
  if (found.messages.size() >= at_most || weight >= bytes)
    return found;
  const auto end = on.number("SELECT next_offset FROM partitions WHERE partition_id = ?", found.next, partition_id);
  if (end.has_error())
    return end.error();
  found.next = std::max(found.next, *end); // nothing stands between the last row and the end
  return found;
}

expected<std::vector<fetched_message>> fetch_again(connection& on, std::int64_t partition_id,
                                                   const std::vector<std::int64_t>& offsets) {
  std::vector<fetched_message> found;
  for (const auto offset : offsets) {
    auto read = on.each(
      "SELECT " TROUPE_EMBEDDED_MESSAGE_COLUMNS " FROM messages WHERE position = ?",
      [&](const row& each) {
        found.push_back({offset, decode(each, 0)});
      },
      position_of(partition_id, offset));
    if (read.has_error())
      return read.error();
  }
  return found;
}

} // namespace troupe::embedded
