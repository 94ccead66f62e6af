#include <troupe/bridges/embedded/partitions.hpp>

#include <optional>
#include <string_view>

#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/bridges/sqlite/schema.hpp>

namespace troupe::embedded {

namespace {

std::string_view name_of(destination_kind kind) noexcept {
  return kind == destination_kind::stream ? "stream" : "queue";
}

failure other_properties(const destination& wanted, std::string_view kind, std::size_t partitions) {
  return {errc::conflict, "'" + wanted.name + "' exists as a " + std::string{kind} + " of " + std::to_string(partitions)
                            + " partitions, and is wanted as a " + std::string{name_of(wanted.kind)} + " of "
                            + std::to_string(wanted.partitions)};
}

expected<void> create(sqlite::connection& on, const destination& wanted) {
  for (std::int32_t number = 0; number < wanted.partitions; ++number)
    if (auto made = on.run("INSERT INTO partitions (source, kind, partition) VALUES (?, ?, ?)",
                           std::string_view{wanted.name}, name_of(wanted.kind), number);
        made.has_error())
      return made;
  return {};
}

// What goes into one partition, and the offset that the next message of it gets.
struct share {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::int64_t next = 0;
};

expected<partition_ends> make_room(sqlite::connection& on, const std::vector<stored_partition>& partitions,
                                   std::vector<share>& shares) {
  partition_ends ends;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto& each = shares[i];
    if (each.count == 0)
      continue;
    const auto first = extend(on, partitions[i].id, each.count, each.bytes);
    if (first.has_error())
      return first.error();
    each.next = *first;
    ends.emplace_back(partitions[i].id, *first + each.count);
  }
  return ends;
}

expected<void> insert(sqlite::statement& into, std::int64_t position, const message& content, timestamp at) {
  std::optional<sqlite::blob> key;
  if (content.key)
    key = sqlite::blob{*content.key};
  const auto headers = encode_headers(content.headers);
  const auto trace = encode_trace(content.trace);
  return into.run(position, at.time_since_epoch().count(), std::string_view{content.id}, key,
                  std::string_view{content.content_type}, sqlite::blob{headers}, sqlite::blob{trace},
                  sqlite::blob{content.payload});
}

} // namespace

std::int64_t position_of(std::int64_t partition_id, std::int64_t offset) noexcept {
  return partition_id << sqlite::offset_bits | offset;
}

std::int64_t offset_at(std::int64_t position) noexcept {
  return position & ((std::int64_t{1} << sqlite::offset_bits) - 1);
}

expected<std::vector<stored_partition>> find_partitions(sqlite::connection& on, const std::string& source) {
  std::vector<stored_partition> found;
  auto read = on.each(
    "SELECT partition_id, partition, next_offset FROM partitions WHERE source = ? ORDER BY partition",
    [&found](const sqlite::row& each) {
      found.push_back({each.integer(0), static_cast<std::int32_t>(each.integer(1)), each.integer(2)});
    },
    std::string_view{source});
  return read.has_error() ? expected<std::vector<stored_partition>>{read.error()} : found;
}

expected<std::vector<stored_partition>> declare(sqlite::connection& on, const destination& wanted) {
  auto found = find_partitions(on, wanted.name);
  if (found.has_error())
    return found;
  if (found->empty()) {
    if (auto made = create(on, wanted); made.has_error())
      return made.error();
    return find_partitions(on, wanted.name);
  }
  std::string kind;
  auto read = on.each(
    "SELECT kind FROM partitions WHERE partition_id = ?", [&kind](const sqlite::row& each) { kind = each.text(0); },
    found->front().id);
  if (read.has_error())
    return read.error();
  if (kind != name_of(wanted.kind) || found->size() != static_cast<std::size_t>(wanted.partitions))
    return other_properties(wanted, kind, found->size());
  return found;
}

expected<std::int64_t> extend(sqlite::connection& on, std::int64_t partition_id, std::int64_t count, std::int64_t bytes) {
  auto end = on.number(
    "UPDATE partitions SET next_offset = next_offset + ?, bytes = bytes + ? WHERE partition_id = ? RETURNING next_offset",
    -1, count, bytes, partition_id);
  if (end.has_error())
    return end;
  if (*end < 0)
    return failure{errc::internal, "partition " + std::to_string(partition_id) + " is not in the file"};
  return *end - count;
}

expected<partition_ends> append(sqlite::connection& on, const std::vector<stored_partition>& partitions,
                                const std::vector<addressed_message>& messages, timestamp at) {
  std::vector<share> shares(partitions.size());
  for (const auto& each : messages) {
    auto& mine = shares.at(static_cast<std::size_t>(each.partition));
    ++mine.count;
    mine.bytes += weight_of(*each.content);
  }
  auto ends = make_room(on, partitions, shares);
  if (ends.has_error())
    return ends;
  auto into = on.prepare("INSERT INTO messages (position, published_at, id, key, content_type, headers, trace, payload) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  if (into.has_error())
    return into.error();
  for (const auto& each : messages) {
    const auto index = static_cast<std::size_t>(each.partition);
    if (auto done = insert(*into, position_of(partitions[index].id, shares[index].next++), *each.content, at);
        done.has_error())
      return done.error();
  }
  return ends;
}

} // namespace troupe::embedded
