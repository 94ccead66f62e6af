#include <troupe/bridges/grpc/engine/codec.hpp>

#include <utility>

namespace troupe::grpc {

namespace {

template <class Proto>
void encode(const greeting& what, Proto& out) {
  out.set_id(what.id);
  out.set_service(what.service);
  out.set_message(what.message);
  out.set_created(to_go_string(what.created));
  if constexpr (requires { out.set_hostname(what.hostname); })
    out.set_hostname(what.hostname);
}

template <class Proto>
greeting all_but_time(const Proto& what) {
  greeting result{.id = what.id(), .service = what.service(), .message = what.message()};
  if constexpr (requires { what.hostname(); })
    result.hostname = what.hostname();
  return result;
}

template <class Response>
void encode_all(const greeting_tree& what, greeting_order order, Response& out) {
  for_each_greeting(what, order, [&out](const greeting& each) { encode(each, *out.add_greeting()); });
}

template <class Response>
expected<std::vector<greeting>> decode_all(Response& what) {
  std::vector<greeting> result;
  result.reserve(static_cast<std::size_t>(what.greeting_size()));
  for (auto& each : *what.mutable_greeting()) {
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

void encode_request(const greet& /*what*/, ::greeting::GreetingRequest& /*out*/) {}

void encode_request(const greet& what, ::greeting::v3::GreetingRequest& out) {
  if (what.caller)
    encode(*what.caller, *out.mutable_greeting());
}

expected<std::optional<greeting>> decode_request(const ::greeting::GreetingRequest& /*what*/) {
  return std::optional<greeting>{};
}

expected<std::optional<greeting>> decode_request(const ::greeting::v3::GreetingRequest& what) {
  if (!what.has_greeting())
    return std::optional<greeting>{};
  auto result = all_but_time(what.greeting());
  if (const auto& text = what.greeting().created(); !text.empty()) {
    const auto at = parse_timestamp(text);
    if (!at)
      return failure{errc::invalid, "the caller's greeting: " + at.error().reason};
    result.created = *at;
  }
  return std::optional{std::move(result)};
}

void encode_response(const greeting_tree& what, greeting_order order, ::greeting::GreetingResponse& out) {
  encode_all(what, order, out);
}

void encode_response(const greeting_tree& what, greeting_order order, ::greeting::v3::GreetingResponse& out) {
  encode_all(what, order, out);
}

expected<std::vector<greeting>> decode_response(::greeting::GreetingResponse& what) {
  return decode_all(what);
}

expected<std::vector<greeting>> decode_response(::greeting::v3::GreetingResponse& what) {
  return decode_all(what);
}

} // namespace troupe::grpc
