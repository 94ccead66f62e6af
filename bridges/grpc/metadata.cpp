#include <troupe/bridges/grpc/metadata.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <troupe/messages/values/trace_bound.hpp>

namespace troupe::grpc {

namespace {

// Half of what a peer reads by default (8 KiB for all metadata of an answer).
constexpr std::size_t longest_missing = 4096;

// What a peer reads by default of all metadata of a call, less what gRPC itself writes: path, authority, timeout and the
// like.
constexpr std::size_t most_metadata = 8192 - 1024;

constexpr std::string_view retry_after = "retry-after";

constexpr bool begins_with(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

constexpr bool ends_with(std::string_view text, std::string_view suffix) noexcept {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

/// Names that belong to one hop: gRPC's own (its PROTOCOL-HTTP2.md) and HTTP's of one connection.
bool is_of_one_hop(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 12> names{
    "accept-encoding", "connection",  "content-length",   "content-type", "host",    "keep-alive",
    "lb-token",        "lb-cost-bin", "proxy-connection", "te",           "trailer", "user-agent"};
  return name.empty() || name.front() == ':' || begins_with(name, "grpc-") || name == "transfer-encoding"
         || name == "upgrade" || std::find(names.begin(), names.end(), name) != names.end();
}

bool is_ours(std::string_view name) noexcept {
  return begins_with(name, "troupe-");
}

// Objects, not functions: an algorithm then sees through them, and every byte of every header passes here.
constexpr auto in_name = [](char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
};
constexpr auto in_value = [](char c) noexcept { return c >= ' ' && c <= '~'; };

bool is_legal_value(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(), in_value);
}

constexpr bool is_digit_of_uuid(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36)
    return false;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (const bool dash = at == 8 || at == 13 || at == 18 || at == 23; dash ? text[at] != '-' : !is_digit_of_uuid(text[at]))
      return false;
  return true;
}

void begin_or_continue_trace(std::span<const header_view> metadata, const random_source& random, received_context& call) {
  auto found = extract(metadata);
  auto& trace = call.context.trace;
  if (found.context.valid()) {
    trace = std::move(found.context);
    return;
  }
  call.origin = found.malformed ? trace_origin::malformed : trace_origin::none;
  trace = child_of(found.context, random);
  if (trace.request_id.empty())
    trace.request_id = random_uuid(random);
}

} // namespace

bool is_legal_metadata(const header_view& header) noexcept {
  return !is_of_one_hop(header.name) && std::all_of(header.name.begin(), header.name.end(), in_name)
         && (ends_with(header.name, "-bin") || is_legal_value(header.value));
}

expected<received_context> decode_context(std::span<const header_view> metadata, const random_source& random) {
  received_context call{.origin = trace_origin::caller};
  for (const auto& each : metadata) {
    if (each.name == header_name::call_id) {
      if (!is_uuid(each.value))
        return failure{errc::invalid, "troupe-call-id is not a UUID"};
      call.context.id = each.value;
    } else if (!is_trace_header(each.name) && is_legal_metadata(each)) {
      call.context.metadata.push_back({std::string{each.name}, std::string{each.value}});
    }
  }
  if (call.context.id.empty())
    call.context.id = random_uuid(random);
  begin_or_continue_trace(metadata, random, call);
  return call;
}

namespace {

// As it is sent: binary values travel as base64.
std::size_t sent_size(const header_view& header) noexcept {
  return header_size(header) + (ends_with(header.name, "-bin") ? header.value.size() / 2 : 0);
}

} // namespace

std::size_t encode_context(const call_context& call, const header_taker& to) {
  std::size_t total = 0;
  std::size_t withheld = 0;
  const auto pass_on = [&](const header_view& each) {
    total += header_size(each);
    to(each);
  };
  write_bounded_headers(call.trace, [&pass_on](const header_view& each) {
    if (is_legal_value(each.value))
      pass_on(each);
  });
  if (is_uuid(call.id))
    pass_on({header_name::call_id, call.id});
  for (const auto& each : call.metadata) {
    const auto name = lower_case(each.name);
    const header_view header{name, each.value};
    if (name == header_name::call_id || is_trace_header(name) || !is_legal_metadata(header))
      continue;
    if (total + sent_size(header) > most_metadata)
      ++withheld;
    else
      pass_on(header);
  }
  return withheld;
}

expected<greet> greet_of(call_context received) {
  greet call{.call_id = std::move(received.id),
             .trace = std::move(received.trace),
             .answer_by = received.answer_by,
             .forwarded = {},
             .caller = {},
             .order = greeting_order::pre_order,
             .abandoned = std::move(received.abandoned)};
  for (auto& each : received.metadata) {
    if (each.name == header_name::order) {
      const auto order = greeting_order_from_string(each.value);
      if (!order)
        return failure{errc::invalid, "troupe-greeting-order is neither pre nor post"};
      call.order = *order;
    } else if (!is_ours(each.name)) {
      call.forwarded.push_back(std::move(each));
    }
  }
  return call;
}

call_context context_of(greet call) {
  call_context result{.id = std::move(call.call_id),
                      .trace = std::move(call.trace),
                      .answer_by = call.answer_by,
                      .metadata = std::move(call.forwarded),
                      .abandoned = std::move(call.abandoned)};
  std::erase_if(result.metadata, [](const header& each) { return is_ours(lower_case(each.name)); });
  if (call.order != greeting_order::pre_order)
    result.metadata.push_back({std::string{header_name::order}, std::string{to_string(call.order)}});
  return result;
}

header_list encode_trailers(const greeting_answer& answer) {
  if (answer.complete())
    return {};
  auto text = missing_header(answer.missing);
  if (text.size() > longest_missing)
    text.resize(text.rfind(',', longest_missing));
  return {{std::string{header_name::missing}, std::move(text)}};
}

header_list encode_trailers(const failure& why) {
  if (why.code == errc::overloaded || why.code == errc::throttled || why.code == errc::breaker_open)
    return {{std::string{retry_after}, "1"}};
  return {};
}

std::vector<shortfall> decode_trailers(const header_list& trailers) {
  const auto* const text = find_header(trailers, header_name::missing);
  return text != nullptr ? parse_missing_header(*text) : std::vector<shortfall>{};
}

header_list encode_error_metadata(greeting_order order) {
  return {{std::string{header_name::order}, std::string{to_string(order)}}};
}

header_list encode_error_metadata(const std::string& call_id) {
  return {{std::string{header_name::call_id}, call_id}};
}

expected<header_list> encode_answer_metadata(const header_list& metadata) {
  header_list result;
  std::size_t total = 0;
  for (const auto& each : metadata) {
    if (!is_legal_metadata({each.name, each.value}))
      continue;
    total += sent_size({each.name, each.value});
    if (total > most_metadata)
      return failure{errc::internal, "the answer's metadata up to '" + each.name + "' is larger than the "
                                       + std::to_string(most_metadata) + " bytes that a caller reads"};
    result.push_back(each);
  }
  return result;
}

bool is_from_troupe(const header_list& metadata) noexcept {
  if (find_header(metadata, header_name::call_id) != nullptr)
    return true;
  const auto* const chosen = find_header(metadata, header_name::order);
  return chosen != nullptr && greeting_order_from_string(*chosen);
}

} // namespace troupe::grpc
