#include <troupe/bridges/http/greeter_client.hpp>

#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <troupe/bridges/http/client_codec.hpp>
#include <troupe/bridges/http/engine/client_inbox.hpp>
#include <troupe/bridges/http/exchange_ended.hpp>

namespace troupe::http {

std::vector<std::string> validate(const greeter_client_config& config) {
  std::vector<std::string> mistakes;
  if (const auto parsed = parse_client_target(config.target); !parsed)
    mistakes.push_back(parsed.error().reason);
  if (!config.via)
    mistakes.emplace_back("a client needs the inbox of an engine");
  if (config.tls.certificate.empty() != config.tls.key.empty())
    mistakes.emplace_back("a certificate and its key are given together");
  if (config.bounds.connections == 0)
    mistakes.emplace_back("a client needs at least one connection");
  if (config.patience.connect <= duration::zero() || config.patience.idle <= duration::zero()
      || config.default_deadline <= duration::zero())
    mistakes.emplace_back("a client's times are longer than zero");
  return mistakes;
}

namespace {

using client_actor = greeter_actor::extend<caf::result<void>(exchange_ended)>;

class greeter_client_state {
public:
  greeter_client_state(client_actor::pointer self, greeter_client_config config, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      target_(*parse_client_target(config_.target)),
      watcher_(context.watcher),
      service_(context.service()),
      refused_(watcher_->make_counter("troupe_http_client_refused_total", "Calls refused because too many were under way.",
                                      {{"service", context.service()}, {"to", config_.name}})) {
    auto& connections = watcher_->make_gauge("troupe_http_client_connections", "Connections to a greeter.",
                                             {{"service", context.service()}, {"to", config_.name}});
    pool_ =
      config_.via->open({target_, config_.tls, config_.bounds, config_.patience, config_.name, watcher_, &connections});
  }

  ~greeter_client_state() { config_.via->close(pool_); }
  greeter_client_state(const greeter_client_state&) = delete;
  greeter_client_state& operator=(const greeter_client_state&) = delete;

  client_actor::behavior_type make_behavior() {
    return {[this](const greet& call) { return send(call); },
            [this](exchange_ended& ending) { ended(ending.serial, std::move(ending.outcome)); }};
  }

private:
  struct waiting_call {
    caf::typed_response_promise<greeting_answer> promise;
    span work;
  };

  caf::result<greeting_answer> send(const greet& call) {
    const auto now = self_->clock().now();
    if (call.answer_by.passed(now))
      return to_error({errc::deadline_exceeded, "no time was left to ask " + config_.name});
    if (call.abandoned.stop_requested())
      return to_error({errc::cancelled, "the caller has left"});
    if (pending_.size() >= config_.bounds.connections + config_.bounds.waiting) {
      refused_.add();
      return to_error({errc::overloaded, "too many calls of " + config_.name + " are under way"});
    }
    const auto serial = ++last_serial_;
    span work{watcher_, "GET", span_kind::client, call.trace, service_};
    if (work.recorded())
      work.with("http.request.method", std::string{"GET"})
        .with("server.address", target_.host)
        .with("server.port", target_.port)
        .with("url.full", config_.target)
        .with("peer.service", config_.name);
    greet traced;
    if (work.recorded()) {
      traced = call;
      traced.trace = work.context();
    }
    auto promise = self_->make_response_promise<greeting_answer>();
    const auto answer_by = call.answer_by.limited() ? call.answer_by : deadline::after(config_.default_deadline, now);
    owed_outcome owed{[serial, to = client_actor{self_}](expected<http_answer>&& outcome) {
      send_anonymously(to, exchange_ended{serial, std::move(outcome)});
    }};
    auto request = encode_greeting_request(target_, work.recorded() ? traced : call);
    pending_.emplace(serial, waiting_call{promise, std::move(work)});
    config_.via->submit(pool_, {std::move(request), answer_by, call.abandoned, std::move(owed)});
    return promise;
  }

  void ended(std::uint64_t serial, expected<http_answer> outcome) {
    const auto found = pending_.extract(serial);
    if (found.empty())
      return;
    auto& [promise, work] = found.mapped();
    if (outcome)
      work.with("http.response.status_code", outcome->status);
    auto answer = outcome ? decode_greeting_answer(*outcome) : expected<greeting_answer>{outcome.error()};
    if (answer) {
      promise.deliver(std::move(*answer));
    } else {
      work.fail(answer.error());
      promise.deliver(to_error({answer.error().code, config_.name + ": " + answer.error().reason}));
    }
  }

  client_actor::pointer self_;
  greeter_client_config config_;
  client_target target_;
  observer_ptr watcher_;
  const std::string service_; // that calls
  counter& refused_;
  std::uint64_t pool_ = 0;
  std::uint64_t last_serial_ = 0;
  std::unordered_map<std::uint64_t, waiting_call> pending_;
};

} // namespace

greeter_actor spawn_greeter_client(const spawn_context& context, greeter_client_config config) {
  if (const auto mistakes = validate(config); !mistakes.empty())
    throw std::invalid_argument{"the HTTP client for " + config.name + ": " + mistakes.front()};
  return spawn_supervised<client_actor, greeter_client_state>(context, std::move(config), context);
}

} // namespace troupe::http
