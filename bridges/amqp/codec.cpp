#include <troupe/bridges/amqp/codec.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include <troupe/bridges/amqp/header_order.hpp>

namespace troupe::amqp {

namespace {

constexpr std::size_t longest_short_string = 255; // its length is one byte
constexpr std::size_t field_overhead = 6;         // of a header: two lengths and a type

constexpr std::string_view delivery_count_header = "x-delivery-count";
constexpr std::string_view acquired_count_header = "x-acquired-count";
constexpr std::string_view first_queue_header = "x-first-death-queue";
constexpr std::string_view first_reason_header = "x-first-death-reason";

// What brokers write into the headers of what they have moved.
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

} // namespace

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

header_list encode_headers(const message& what) {
  header_list result;
  result.reserve(what.headers.size() + 4);
  for (const auto& each : what.headers)
    if (!is_ours(each.name) && !is_by_brokers(each.name))
      result.push_back(each);
  if (auto order = order_text(result); !order.empty())
    result.push_back({std::string{order_header}, std::move(order)});
  if (what.key)
    result.push_back({std::string{key_header}, *what.key});
  inject(what.trace, result);
  return result;
}

expected<void> check_encodable(const message& what, const header_list& headers, std::size_t most_bytes) {
  const auto too_long = [](const std::string& text) { return text.size() > longest_short_string; };
  if (too_long(what.id) || too_long(what.content_type))
    return failure{errc::rejected, "AMQP carries ids and media types of at most 255 bytes"};
  std::size_t bytes = what.id.size() + what.content_type.size();
  for (const auto& each : headers) {
    if (too_long(each.name))
      return failure{errc::rejected, "AMQP carries names of headers of at most 255 bytes"};
    bytes += each.name.size() + each.value.size() + field_overhead;
  }
  if (bytes > most_bytes)
    return failure{errc::rejected, "the headers are longer than the " + std::to_string(most_bytes) + " bytes of a frame"};
  return {};
}

} // namespace troupe::amqp
