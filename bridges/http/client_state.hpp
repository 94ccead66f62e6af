#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/http/client_codec.hpp>
#include <troupe/bridges/http/client_config.hpp>
#include <troupe/bridges/http/client_target.hpp>
#include <troupe/bridges/http/engine/client_inbox.hpp>
#include <troupe/bridges/http/exchange_ended.hpp>

namespace troupe::http {

/// The state of an actor that makes of each call one request of an engine. `Calls` says how:
///
/// - the types `actor_type`, `call_type` and `answer_type`, and `request_type`: what is known of a request while it is under
///   way, with the members `http_method`, `span_name` and `url`
/// - `context_of(call)`: what has the members `trace`, `answer_by` and `abandoned`
/// - `plan(call)`: a request, or why there is none; then `encode(request, call, trace)`, and at last
///   `decode(request, answer)`
template <class Calls>
class client_state {
public:
  using call_type = typename Calls::call_type;
  using answer_type = typename Calls::answer_type;
  using request_type = typename Calls::request_type;
  using actor_type = typename Calls::actor_type::template extend<caf::result<void>(exchange_ended)>;

  client_state(typename actor_type::pointer self, client_config config, client_target target, Calls calls,
               const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      target_(std::move(target)),
      calls_(std::move(calls)),
      watcher_(context.watcher),
      service_(context.service()),
      refused_(watcher_->make_counter("troupe_http_client_refused_total", "Calls refused because too many were under way.",
                                      {{"service", context.service()}, {"to", config_.name}})) {
    auto& connections =
      watcher_->make_gauge("troupe_http_client_connections", "Connections to a service of another process.",
                           {{"service", context.service()}, {"to", config_.name}});
    pool_ =
      config_.via->open({target_, config_.tls, config_.bounds, config_.patience, config_.name, watcher_, &connections});
  }

  ~client_state() { config_.via->close(pool_); }
  client_state(const client_state&) = delete;
  client_state& operator=(const client_state&) = delete;

  typename actor_type::behavior_type make_behavior() {
    return {[this](const call_type& call) { return send(call); },
            [this](exchange_ended& ending) { ended(ending.serial, std::move(ending.outcome)); }};
  }

private:
  struct waiting_call {
    caf::typed_response_promise<answer_type> promise;
    request_type request;
    span work;
  };

  caf::result<answer_type> send(const call_type& call) {
    const auto now = self_->clock().now();
    const auto& context = Calls::context_of(call);
    if (context.answer_by.passed(now))
      return to_error({errc::deadline_exceeded, "no time was left to ask " + config_.name});
    if (context.abandoned.stop_requested())
      return to_error({errc::cancelled, "the caller has left"});
    if (pending_.size() >= config_.bounds.connections + config_.bounds.waiting) {
      refused_.add();
      return to_error({errc::overloaded, "too many calls of " + config_.name + " are under way"});
    }
    auto planned = calls_.plan(call);
    if (!planned)
      return to_error(planned.error());
    span work{watcher_, planned->span_name, span_kind::client, context.trace, service_};
    if (work.recorded())
      work.with("http.request.method", planned->http_method)
        .with("server.address", target_.host)
        .with("server.port", target_.port)
        .with("url.full", planned->url)
        .with("peer.service", config_.name);
    auto request = calls_.encode(*planned, call, work.recorded() ? work.context() : context.trace);
    const auto serial = ++last_serial_;
    owed_outcome owed{[serial, to = actor_type{self_}](expected<http_answer>&& outcome) {
      send_anonymously(to, exchange_ended{serial, std::move(outcome)});
    }};
    auto promise = self_->template make_response_promise<answer_type>();
    const auto answer_by = context.answer_by.limited() ? context.answer_by : deadline::after(config_.default_deadline, now);
    pending_.emplace(serial, waiting_call{promise, std::move(*planned), std::move(work)});
    config_.via->submit(pool_, {std::move(request), answer_by, context.abandoned, std::move(owed)});
    return promise;
  }

  void ended(std::uint64_t serial, expected<http_answer> outcome) {
    const auto found = pending_.extract(serial);
    if (found.empty())
      return;
    auto& [promise, request, work] = found.mapped();
    if (outcome)
      work.with("http.response.status_code", outcome->status);
    auto answer = outcome ? calls_.decode(request, std::move(*outcome)) : expected<answer_type>{outcome.error()};
    if (answer) {
      promise.deliver(std::move(*answer));
      return;
    }
    auto why = std::move(answer).error();
    work.fail(why);
    if (why.status.empty()) // else its words are its sender's
      why.reason = config_.name + ": " + why.reason;
    promise.deliver(to_error(why));
  }

  typename actor_type::pointer self_;
  const client_config config_;
  const client_target target_;
  const Calls calls_;
  observer_ptr watcher_;
  const std::string service_; // that calls
  counter& refused_;
  std::uint64_t pool_ = 0;
  std::uint64_t last_serial_ = 0;
  std::unordered_map<std::uint64_t, waiting_call> pending_;
};

template <class Calls>
typename Calls::actor_type spawn_client(const spawn_context& context, client_config config, client_target target,
                                        Calls calls) {
  using state = client_state<Calls>;
  return caf::actor_cast<typename Calls::actor_type>(spawn_supervised<typename state::actor_type, state>(
    context, std::move(config), std::move(target), std::move(calls), context));
}

/// Whom a client asks. Throws `std::invalid_argument` for a configuration that `validate` refuses.
inline client_target target_or_throw(const client_config& config, std::string_view path_otherwise) {
  if (const auto mistakes = validate(config); !mistakes.empty())
    throw std::invalid_argument{"the HTTP client for " + config.name + ": " + mistakes.front()};
  return *parse_client_target(config.target, path_otherwise);
}

} // namespace troupe::http
