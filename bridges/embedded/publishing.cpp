#include <troupe/bridges/embedded/publishing.hpp>

#include <string_view>

#include <troupe/bridges/embedded/codec.hpp>

namespace troupe::embedded {

namespace {

// What goes into one lane, and the offset that the next message of it gets.
struct share {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::int64_t next = 0;
};

expected<lane_ends> make_room(sqlite::connection& on, const std::vector<lane>& lanes, std::vector<share>& shares) {
  lane_ends ends;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto& each = shares[i];
    if (each.count == 0)
      continue;
    const auto first = extend(on, lanes[i].number, each.count, each.bytes);
    if (first.has_error())
      return first.error();
    each.next = *first;
    ends.emplace_back(lanes[i].number, *first + each.count);
  }
  return ends;
}

expected<void> insert(sqlite::statement& into, std::int64_t position, const message& what, timestamp at) {
  std::optional<sqlite::blob> key;
  if (what.key)
    key = sqlite::blob{*what.key};
  const auto headers = encode_headers(what.headers);
  const auto trace = encode_trace(what.trace);
  return into.run(position, at.time_since_epoch().count(), std::string_view{what.id}, key,
                  std::string_view{what.content_type}, sqlite::blob{headers}, sqlite::blob{trace},
                  sqlite::blob{what.payload});
}

} // namespace

expected<lane_ends> append(sqlite::connection& on, const std::vector<lane>& lanes,
                           const std::vector<addressed_message>& what, timestamp at) {
  std::vector<share> shares(lanes.size());
  for (const auto& each : what) {
    auto& mine = shares.at(static_cast<std::size_t>(each.partition));
    ++mine.count;
    mine.bytes += weight_of(each.content);
  }
  auto ends = make_room(on, lanes, shares);
  if (ends.has_error())
    return ends;
  auto into = on.prepare("INSERT INTO messages (position, published_at, id, key, content_type, headers, trace, payload) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  if (into.has_error())
    return into.error();
  for (const auto& each : what) {
    const auto index = static_cast<std::size_t>(each.partition);
    if (auto done = insert(*into, position_of(lanes[index].number, shares[index].next++), each.content, at);
        done.has_error())
      return done.error();
  }
  return ends;
}

} // namespace troupe::embedded
