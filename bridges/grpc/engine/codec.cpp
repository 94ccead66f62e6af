#include <troupe/bridges/grpc/engine/codec.hpp>

#include <utility>

namespace troupe::grpc {

namespace {

template <class Proto>
void encode(const greeting& value, Proto& out) {
  out.set_id(value.id);
  out.set_service(value.service);
  out.set_message(value.message);
  out.set_created(to_go_string(value.created));
  if constexpr (requires { out.set_hostname(value.hostname); })
    out.set_hostname(value.hostname);
}

template <class Proto>
greeting all_but_time(const Proto& value) {
  greeting result{.id = value.id(), .service = value.service(), .message = value.message()};
  if constexpr (requires { value.hostname(); })
    result.hostname = value.hostname();
  return result;
}

template <class Response>
void encode_all(const greeting_tree& tree, greeting_order order, Response& out) {
  for_each_greeting(tree, order, [&out](const greeting& each) { encode(each, *out.add_greeting()); });
}

template <class Response>
expected<std::vector<greeting>> decode_all(Response& response) {
  std::vector<greeting> result;
  result.reserve(static_cast<std::size_t>(response.greeting_size()));
  for (auto& each : *response.mutable_greeting()) {
    const auto at = parse_timestamp(each.created());
    if (!at)
      return failure{errc::undecodable, "the greeting of '" + each.service() + "': " + at.error().reason};
    auto& read = result.emplace_back();
    read.id = std::move(*each.mutable_id());
    read.service = std::move(*each.mutable_service());
    read.message = std::move(*each.mutable_message());
    read.created = *at;
    if constexpr (requires { each.mutable_hostname(); })
      read.hostname = std::move(*each.mutable_hostname());
  }
  return result;
}

} // namespace

void encode_request(const greet& /*request*/, ::greeting::GreetingRequest& /*out*/) {}

void encode_request(const greet& call, ::greeting::v3::GreetingRequest& out) {
  if (call.caller)
    encode(*call.caller, *out.mutable_greeting());
}

expected<std::optional<greeting>> decode_request(const ::greeting::GreetingRequest& /*request*/) {
  return std::optional<greeting>{};
}

expected<std::optional<greeting>> decode_request(const ::greeting::v3::GreetingRequest& request) {
  if (!request.has_greeting())
    return std::optional<greeting>{};
  auto result = all_but_time(request.greeting());
  if (const auto& text = request.greeting().created(); !text.empty()) {
    const auto at = parse_timestamp(text);
    if (!at)
      return failure{errc::invalid, "the caller's greeting: " + at.error().reason};
    result.created = *at;
  }
  return std::optional{std::move(result)};
}

void encode_response(const greeting_tree& tree, greeting_order order, ::greeting::GreetingResponse& out) {
  encode_all(tree, order, out);
}

void encode_response(const greeting_tree& tree, greeting_order order, ::greeting::v3::GreetingResponse& out) {
  encode_all(tree, order, out);
}

expected<std::vector<greeting>> decode_response(::greeting::GreetingResponse& response) {
  return decode_all(response);
}

expected<std::vector<greeting>> decode_response(::greeting::v3::GreetingResponse& response) {
  return decode_all(response);
}

} // namespace troupe::grpc
