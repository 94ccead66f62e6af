#include <troupe/bridges/embedded/dead_letter_rows.hpp>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/bridges/embedded/partitioner.hpp>

namespace troupe::embedded {

namespace {

constexpr std::uint32_t largest_page = 1000;
constexpr std::uint32_t largest_redrive = 1000; // in one write; the caller repeats the request for more
constexpr std::int64_t page_bytes = std::int64_t{8} << 20U;

#define TROUPE_EMBEDDED_LETTER_COLUMNS                                                                                      \
  "number, source, partition, message_offset, service, error, reason, attempts, first_failure, "                            \
  "last_failure, " TROUPE_EMBEDDED_MESSAGE_COLUMNS

#define TROUPE_EMBEDDED_CANDIDATES                                                                                          \
  "SELECT number, source, partition, key, " TROUPE_EMBEDDED_WEIGHT " FROM dead_letters WHERE "

timestamp time_in(const sqlite::row& from, int column) {
  return timestamp{std::chrono::nanoseconds{from.integer(column)}};
}

// A letter whose headers are damaged is shown without them.
message content_of(const sqlite::row& from, int first) {
  if (auto whole = decode(from, first); whole.has_value())
    return std::move(*whole);
  message bytes;
  bytes.id = from.text(first);
  bytes.payload = from.text(first + 5);
  return bytes;
}

numbered_dead_letter letter_in(const sqlite::row& from) {
  numbered_dead_letter found;
  found.number = from.integer(0);
  found.letter.from = {std::string{from.text(1)}, static_cast<std::int32_t>(from.integer(2)), from.integer(3)};
  found.letter.service = from.text(4);
  found.letter.why = {errc_from_string(from.text(5)), std::string{from.text(6)}};
  found.letter.attempts = static_cast<std::uint32_t>(from.integer(7));
  found.letter.first_failure = time_in(from, 8);
  found.letter.last_failure = time_in(from, 9);
  found.letter.content = content_of(from, 10);
  return found;
}

// A letter to be sent back; its bytes are copied within the file.
struct candidate {
  std::int64_t number = 0;
  std::string source;
  std::int32_t partition = 0;
  std::optional<std::string> key;
  std::int64_t bytes = 0;
};

expected<std::vector<candidate>> candidates(sqlite::connection& on, const redrive_dead_letters& which) {
  std::vector<candidate> found;
  expected<void> read;
  const auto use = [&found](const sqlite::row& each) {
    candidate one{
      each.integer(0), std::string{each.text(1)}, static_cast<std::int32_t>(each.integer(2)), {}, each.integer(4)};
    if (!each.null(3))
      one.key = each.text(3);
    found.push_back(std::move(one));
  };
  const auto limit = std::min(which.limit, largest_redrive);
  // Each by its own index: a redrive is a write, and others wait for it.
  if (!which.numbers.empty())
    for (const auto number : std::set<std::int64_t>{which.numbers.begin(), which.numbers.end()}) {
      if (read = on.each(TROUPE_EMBEDDED_CANDIDATES "number = ?", use, number); read.has_error())
        break;
    }
  else if (which.source.empty())
    read = on.each(TROUPE_EMBEDDED_CANDIDATES "TRUE ORDER BY number LIMIT ?", use, limit);
  else
    read =
      on.each(TROUPE_EMBEDDED_CANDIDATES "source = ? ORDER BY number LIMIT ?", use, std::string_view{which.source}, limit);
  return read.has_error() ? expected<std::vector<candidate>>{read.error()} : found;
}

std::size_t partition_for(const candidate& letter, const std::vector<stored_partition>& partitions) {
  const auto count = static_cast<std::int32_t>(partitions.size());
  return static_cast<std::size_t>(letter.key ? partition_of(*letter.key, count)
                                             : std::clamp(letter.partition, 0, count - 1));
}

expected<void> send_back(sqlite::connection& on, const candidate& letter, timestamp now, redrive_outcome& outcome) {
  const auto partitions = find_partitions(on, letter.source);
  if (partitions.has_error())
    return partitions.error();
  if (partitions->empty())
    return failure{errc::not_found, "there is no stream or queue '" + letter.source + "' to send dead letters back to"};
  const auto& to = (*partitions)[partition_for(letter, *partitions)];
  const auto offset = extend(on, to.id, 1, letter.bytes);
  if (offset.has_error())
    return offset.error();
  const auto use = [&](const sqlite::row& each) {
    if (auto trace = decode_trace(each.text(1)); trace.has_value() && trace->valid())
      outcome.traced.push_back({letter.source, std::string{each.text(0)}, std::move(*trace)});
  };
  if (auto moved = on.each("INSERT INTO messages (position, published_at, " TROUPE_EMBEDDED_MESSAGE_COLUMNS ") "
                           "SELECT ?, ?, " TROUPE_EMBEDDED_MESSAGE_COLUMNS " FROM dead_letters WHERE number = ? "
                           "RETURNING id, trace",
                           use, position_of(to.id, *offset), now.time_since_epoch().count(), letter.number);
      moved.has_error())
    return moved;
  outcome.ends[letter.source].emplace_back(to.id, *offset + 1);
  return on.run("DELETE FROM dead_letters WHERE number = ?", letter.number);
}

} // namespace

expected<dead_letter_page> list(sqlite::connection& on, const list_dead_letters& which) {
  dead_letter_page page;
  std::int64_t bytes = 0;
  const auto use = [&](const sqlite::row& each) {
    page.letters.push_back(letter_in(each));
    bytes += weight_of(page.letters.back().letter.content);
    return bytes < page_bytes ? sqlite::reading::on : sqlite::reading::enough;
  };
  const auto limit = std::min(which.limit, largest_page);
  auto read = which.source.empty() ? on.each("SELECT " TROUPE_EMBEDDED_LETTER_COLUMNS
                                             " FROM dead_letters WHERE number > ? ORDER BY number LIMIT ?",
                                             use, which.after, limit)
                                   : on.each("SELECT " TROUPE_EMBEDDED_LETTER_COLUMNS
                                             " FROM dead_letters WHERE source = ? AND number > ? ORDER BY number LIMIT ?",
                                             use, std::string_view{which.source}, which.after, limit);
  page.more = bytes >= page_bytes || page.letters.size() >= limit;
  return read.has_error() ? expected<dead_letter_page>{read.error()} : page;
}

expected<numbered_dead_letter> show(sqlite::connection& on, std::int64_t number) {
  expected<numbered_dead_letter> found{failure{errc::not_found, "there is no dead letter " + std::to_string(number)}};
  auto read = on.each(
    "SELECT " TROUPE_EMBEDDED_LETTER_COLUMNS " FROM dead_letters WHERE number = ?",
    [&found](const sqlite::row& each) { found = letter_in(each); }, number);
  return read.has_error() ? expected<numbered_dead_letter>{read.error()} : found;
}

expected<redrive_outcome> redrive(sqlite::connection& on, const redrive_dead_letters& which, timestamp now) {
  const auto letters = candidates(on, which);
  if (letters.has_error())
    return letters.error();
  redrive_outcome outcome;
  for (const auto& each : *letters) {
    if (auto sent = send_back(on, each, now, outcome); sent.has_error())
      return sent.error();
    ++outcome.count;
  }
  return outcome;
}

} // namespace troupe::embedded
