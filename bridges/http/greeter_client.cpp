#include <troupe/bridges/http/greeter_client.hpp>

#include <string>
#include <utility>

#include <troupe/bridges/http/client_codec.hpp>
#include <troupe/bridges/http/client_state.hpp>

namespace troupe::http {

namespace {

/// How greets become requests: a GET of one path.
struct greeting_calls {
  using actor_type = greeter_actor;
  using call_type = greet;
  using answer_type = greeting_answer;

  struct request_type {
    std::string http_method = "GET";
    std::string span_name = "GET";
    std::string url;
  };

  client_target target;
  std::string url;

  static const greet& context_of(const greet& call) noexcept { return call; }

  [[nodiscard]] expected<request_type> plan(const greet& /*call*/) const { return request_type{.url = url}; }

  [[nodiscard]] outgoing_request encode(const request_type& /*request*/, const greet& call,
                                        const trace_context& trace) const {
    if (&trace == &call.trace)
      return encode_greeting_request(target, call);
    auto traced = call;
    traced.trace = trace;
    return encode_greeting_request(target, traced);
  }

  [[nodiscard]] static expected<greeting_answer> decode(const request_type& /*request*/, const http_answer& answer) {
    return decode_greeting_answer(answer);
  }
};

} // namespace

greeter_actor spawn_greeter_client(const spawn_context& context, client_config config) {
  auto target = target_or_throw(config, greeting_path);
  greeting_calls calls{target, config.target};
  return spawn_client(context, std::move(config), std::move(target), std::move(calls));
}

} // namespace troupe::http
