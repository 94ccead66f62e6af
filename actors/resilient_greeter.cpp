#include <troupe/actors/resilient_greeter.hpp>

#include <utility>

namespace troupe::actors {

namespace {

struct greeter_port {
  using actor = greeter_actor;
  using call = greet;
  using answer = greeting_answer;

  policies::callee kind;

  static trace_context& trace(call& one) { return one.trace; }
  static deadline& answer_by(call& one) { return one.answer_by; }
  static const std::stop_token& abandoned(const call& one) { return one.abandoned; }
  [[nodiscard]] policies::callee callee(const call& /*one*/) const { return kind; }
  static failure shortfall(const answer& given) {
    return given.complete() ? failure{errc::none, {}} : failure{errc::partial, missing_header(given.missing)};
  }
};

} // namespace

greeter_actor spawn_resilient_greeter(const spawn_context& context, resilient_greeter_config config) {
  return spawn_supervised<greeter_actor, resilient_calls<greeter_port>>(
    context, greeter_port{config.callee}, std::move(config.to), std::move(config.name), config, context);
}

} // namespace troupe::actors
