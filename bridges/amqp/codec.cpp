#include <troupe/bridges/amqp/codec.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <numeric>
#include <utility>

namespace troupe::amqp {

namespace {

constexpr std::size_t longest_short_string = 255; // its length is one byte
constexpr std::size_t field_overhead = 6;         // of a header: two lengths and a type

constexpr std::string_view delivery_count_header = "x-delivery-count";
constexpr std::string_view acquired_count_header = "x-acquired-count";
constexpr std::string_view first_queue_header = "x-first-death-queue";
constexpr std::string_view first_reason_header = "x-first-death-reason";

// The headers that brokers write into messages that they move.
constexpr std::array broker_headers{std::string_view{"x-death"},
                                    delivery_count_header,
                                    acquired_count_header,
                                    std::string_view{"x-first-death-exchange"},
                                    first_queue_header,
                                    first_reason_header,
                                    std::string_view{"x-last-death-exchange"},
                                    std::string_view{"x-last-death-queue"},
                                    std::string_view{"x-last-death-reason"}};

bool is_ours(std::string_view name) noexcept {
  return same_header_name(name, key_header) || same_header_name(name, retry_header) || same_header_name(name, order_header)
         || same_header_name(name, aside_header) || is_trace_header(name);
}

std::uint32_t count_of(std::string_view text) noexcept {
  std::uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? value : 0;
}

// Takes `NUMBER:` from the front.
std::optional<std::uint32_t> take_number(std::string_view& text) noexcept {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr == end || *read.ptr != ':')
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 1);
  return value;
}

bool is_sorted_by_name(const header_list& headers) {
  return std::is_sorted(headers.begin(), headers.end(),
                        [](const header& left, const header& right) { return left.name < right.name; });
}

// The positions in `text`, if they are those of `count` headers.
std::optional<std::vector<std::size_t>> read_positions(std::string_view text, std::size_t count) {
  std::vector<std::size_t> positions;
  std::vector<bool> taken(count);
  while (positions.size() < count) {
    std::size_t position = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, position);
    if (read.ec != std::errc{} || position >= count || taken[position])
      return std::nullopt;
    taken[position] = true;
    positions.push_back(position);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (positions.size() == count)
      break;
    if (!text.starts_with(','))
      return std::nullopt;
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional{std::move(positions)} : std::nullopt;
}

} // namespace

std::string to_text(const retry_note& note) {
  return std::to_string(note.count.attempts) + ':' + std::to_string(note.count.answered) + ':'
         + to_rfc3339(note.first_failure);
}

std::optional<retry_note> parse_retry_note(std::string_view text) {
  const auto attempts = take_number(text);
  const auto answered = attempts ? take_number(text) : std::nullopt;
  if (!answered || *answered > *attempts)
    return std::nullopt;
  const auto when = parse_timestamp(text);
  if (when.has_error())
    return std::nullopt;
  return retry_note{{*attempts, *answered}, *when};
}

std::string order_text(const header_list& headers) {
  std::string text;
  if (is_sorted_by_name(headers))
    return text;
  std::vector<std::size_t> positions(headers.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  std::stable_sort(positions.begin(), positions.end(),
                   [&headers](auto left, auto right) { return headers[left].name < headers[right].name; });
  for (const auto each : positions)
    text.append(text.empty() ? "" : ",").append(std::to_string(each));
  return text;
}

void restore_order(std::string_view text, header_list& headers) {
  const auto positions = read_positions(text, headers.size());
  if (!positions || headers.empty() || !is_sorted_by_name(headers))
    return;
  header_list restored(headers.size());
  for (std::size_t i = 0; i < headers.size(); ++i)
    restored[(*positions)[i]] = std::move(headers[i]);
  headers = std::move(restored);
}

bool is_by_brokers(std::string_view name) noexcept {
  return std::find(broker_headers.begin(), broker_headers.end(), name) != broker_headers.end();
}

bool is_count_of_deliveries(std::string_view name) noexcept {
  return name == delivery_count_header || name == acquired_count_header;
}

received decode(const properties_view& properties) {
  received result;
  result.content.id = properties.message_id;
  result.content.content_type = properties.content_type;
  if (properties.time)
    result.content.published_at = since_epoch<std::chrono::seconds>(*properties.time);
  header_list traced;
  std::string_view order;
  for (const auto& each : properties.headers) {
    if (same_header_name(each.name, key_header))
      result.content.key.emplace(each.value);
    else if (same_header_name(each.name, retry_header))
      result.note = parse_retry_note(each.value);
    else if (same_header_name(each.name, order_header))
      order = each.value;
    else if (each.name == delivery_count_header)
      result.delivery_count = count_of(each.value);
    else if (each.name == first_queue_header)
      result.died_in = each.value;
    else if (each.name == first_reason_header)
      result.died_of = each.value;
    else if (is_trace_header(each.name))
      traced.push_back({std::string{each.name}, std::string{each.value}});
    else if (!is_by_brokers(each.name) && !same_header_name(each.name, aside_header))
      result.content.headers.push_back({std::string{each.name}, std::string{each.value}});
  }
  if (!order.empty())
    restore_order(order, result.content.headers);
  if (!traced.empty())
    result.content.trace = extract(traced).context;
  return result;
}

header_list encode_headers(const message& content) {
  header_list result;
  result.reserve(content.headers.size() + 4);
  for (const auto& each : content.headers)
    if (!is_ours(each.name) && !is_by_brokers(each.name))
      result.push_back(each);
  if (auto order = order_text(result); !order.empty())
    result.push_back({std::string{order_header}, std::move(order)});
  if (content.key)
    result.push_back({std::string{key_header}, *content.key});
  inject(content.trace, result);
  return result;
}

expected<void> check_encodable(const message& content, const header_list& headers, std::size_t most_bytes) {
  const auto too_long = [](const std::string& text) { return text.size() > longest_short_string; };
  if (too_long(content.id) || too_long(content.content_type))
    return failure{errc::rejected, "the id or the media type is longer than the 255 bytes that AMQP carries"};
  std::size_t bytes = content.id.size() + content.content_type.size();
  for (const auto& each : headers) {
    if (too_long(each.name))
      return failure{errc::rejected, "the name of a header is longer than the 255 bytes that AMQP carries"};
    bytes += each.name.size() + each.value.size() + field_overhead;
  }
  if (bytes > most_bytes)
    return failure{errc::rejected, "the headers are longer than the " + std::to_string(most_bytes) + " bytes of a frame"};
  return {};
}

} // namespace troupe::amqp
