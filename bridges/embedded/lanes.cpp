#include <troupe/bridges/embedded/lanes.hpp>

#include <string_view>

#include <troupe/bridges/sqlite/schema.hpp>

namespace troupe::embedded {

namespace {

std::string_view name_of(destination_kind kind) noexcept {
  return kind == destination_kind::stream ? "stream" : "queue";
}

failure other_properties(const destination& what, std::string_view kind, std::size_t partitions) {
  return {errc::conflict, "'" + what.name + "' exists as a " + std::string{kind} + " of " + std::to_string(partitions)
                            + " partitions, and is wanted as a " + std::string{name_of(what.kind)} + " of "
                            + std::to_string(what.partitions)};
}

expected<void> create(sqlite::connection& on, const destination& what) {
  for (std::int32_t partition = 0; partition < what.partitions; ++partition)
    if (auto made = on.run("INSERT INTO lanes (source, kind, partition) VALUES (?, ?, ?)", std::string_view{what.name},
                           name_of(what.kind), partition);
        made.has_error())
      return made;
  return {};
}

} // namespace

std::int64_t position_of(std::int64_t lane, std::int64_t offset) noexcept {
  return lane << sqlite::offset_bits | offset;
}

std::int64_t offset_at(std::int64_t position) noexcept {
  return position & ((std::int64_t{1} << sqlite::offset_bits) - 1);
}

expected<std::vector<lane>> find_lanes(sqlite::connection& on, const std::string& source) {
  std::vector<lane> found;
  auto read = on.each(
    "SELECT lane, partition, next_offset FROM lanes WHERE source = ? ORDER BY partition",
    [&found](const sqlite::row& each) {
      found.push_back({each.integer(0), static_cast<std::int32_t>(each.integer(1)), each.integer(2)});
    },
    std::string_view{source});
  return read.has_error() ? expected<std::vector<lane>>{read.error()} : found;
}

expected<std::vector<lane>> declare(sqlite::connection& on, const destination& what) {
  auto found = find_lanes(on, what.name);
  if (found.has_error())
    return found;
  if (found->empty()) {
    if (auto made = create(on, what); made.has_error())
      return made.error();
    return find_lanes(on, what.name);
  }
  std::string kind;
  auto read = on.each(
    "SELECT kind FROM lanes WHERE lane = ?", [&kind](const sqlite::row& each) { kind = each.text(0); },
    found->front().number);
  if (read.has_error())
    return read.error();
  if (kind != name_of(what.kind) || found->size() != static_cast<std::size_t>(what.partitions))
    return other_properties(what, kind, found->size());
  return found;
}

expected<std::int64_t> extend(sqlite::connection& on, std::int64_t lane, std::int64_t count, std::int64_t bytes) {
  auto end =
    on.number("UPDATE lanes SET next_offset = next_offset + ?, bytes = bytes + ? WHERE lane = ? RETURNING next_offset", -1,
              count, bytes, lane);
  if (end.has_error())
    return end;
  if (*end < 0)
    return failure{errc::internal, "there is no lane " + std::to_string(lane)};
  return *end - count;
}

} // namespace troupe::embedded
