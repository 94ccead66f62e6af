#include <troupe/bridges/http/greeting_codec.hpp>

#include <troupe/bridges/http/call_codec.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::http {

expected<greeting_call> decode_greeting_call(const request& incoming, const greeting_terms& terms, instant now,
                                             const random_source& random) {
  greeting_call call;
  call.ask.order = terms.order;
  if (const auto chosen = incoming.header(header_name::order)) {
    const auto order = greeting_order_from_string(*chosen);
    if (!order)
      return failure{errc::invalid, "troupe-greeting-order is neither pre nor post"};
    call.ask.order = *order;
  }
  auto received = decode_call(incoming, terms.at_most, now, random);
  if (!received)
    return std::move(received).error();
  call.origin = received->origin;
  call.ask.call_id = std::move(received->context.id);
  call.ask.trace = std::move(received->context.trace);
  call.ask.answer_by = received->context.answer_by;
  return call;
}

response encode_greeting_answer(const greeting_answer& answer, greeting_form form, greeting_order order) {
  response result;
  result.content_type = media_type::json;
  const auto greetings = flatten(answer.tree, order);
  result.body = form == greeting_form::gateway ? gateway_to_json(greetings) : greetings_to_json(greetings);
  if (!answer.complete())
    result.headers.push_back({std::string{header_name::missing}, missing_header(answer.missing)});
  return result;
}

} // namespace troupe::http
