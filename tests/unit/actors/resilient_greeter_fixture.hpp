#pragma once

#include <map>
#include <mutex>

#include <troupe_test/actors.hpp>

#include <troupe/actors/resilient_greeter.hpp>

namespace troupe_test {

using namespace troupe;

using policies::callee;

class cell final : public counter, public gauge {
public:
  void add(double amount) noexcept override { value += amount; }
  void set(double to) noexcept override { value = to; }
  double value = 0;
};

// Keeps the figures by name and the last label's value. One thread, as everything here.
class figures final : public observer {
public:
  counter& make_counter(std::string_view name, std::string_view, const label_list& labels) override {
    return make(name, labels);
  }
  gauge& make_gauge(std::string_view name, std::string_view, const label_list& labels) override {
    return make(name, labels);
  }
  histogram& make_histogram(std::string_view name, std::string_view help, const label_list& labels) override {
    return silent_->make_histogram(name, help, labels);
  }
  bool logs(severity) const noexcept override { return true; }
  void log(severity level, const speaker&, std::string_view text, source_location) override {
    if (level >= severity::warning)
      warnings.emplace_back(text);
  }
  trace_context begin_span(std::string_view, span_kind, const trace_context& parent) override {
    auto child = parent;
    child.span_id[7] = static_cast<std::uint8_t>(++spans_);
    return child;
  }
  void end_span(const trace_context&, const failure& outcome) noexcept override { ended.push_back(outcome.code); }

  double value(const std::string& name, const std::string& label) { return cells_["troupe_outbound_" + name + label].value; }

  std::vector<errc> ended;
  std::vector<std::string> warnings;

private:
  cell& make(std::string_view name, const label_list& labels) {
    return cells_[std::string{name} + ' ' + std::string{labels.back().value}];
  }

  observer_ptr silent_ = silent_observer();
  std::map<std::string, cell> cells_;
  int spans_ = 0;
};

struct resilient_greeter_fixture : actor_fixture {
  resilient_greeter_fixture() : remote(sys, [](const greet&) { return say("first"); }) {
    config.to = remote.handle();
    config.name = "service-b";
    config.callee = callee::idempotent;
    config.budget.minimum = 100;
    config.retry.jitter = 0; // so that a test knows when
  }

  ~resilient_greeter_fixture() override {
    if (spawned)
      end(spawned);
    end(remote.handle());
  }

  static caf::result<greeting_answer> say(const std::string& what) {
    greeting_answer result;
    result.tree.own.push_back({.id = what, .service = "b", .message = {}, .created = {}, .hostname = {}});
    return result;
  }

  // The remote fails with each of these in turn, and answers after the last.
  void fail_with(std::vector<errc> codes) {
    remote.answer_with([codes = std::move(codes), next = std::size_t{0}](const greet&) mutable {
      return next < codes.size() ? caf::result<greeting_answer>{to_error({codes[next++], "as scripted"})} : say("after all");
    });
  }

  void always_fail_with(errc code) {
    remote.answer_with([code](const greet&) -> caf::result<greeting_answer> { return to_error({code, "as scripted"}); });
  }

  const greeter_actor& tested() {
    if (!spawned)
      spawned = actors::spawn_resilient_greeter(unsupervised(sys, "service-a/service-b", watcher), config);
    return spawned;
  }

  greet call(duration within = 5s) { return {.call_id = "call-1", .answer_by = deadline::after(within, now())}; }
  auto ask_it(const greet& what) { return ask_for<greeting_answer>(tested(), what); }
  auto ask_it() { return ask_it(call()); }

  // Asks, and lets every retry happen.
  auto outcome_of(const greet& what) {
    auto got = ask_it(what);
    pass(25ms);
    pass(50ms);
    return got;
  }
  auto outcome() { return outcome_of(call()); }

  static errc error_of(const std::shared_ptr<answer<greeting_answer>>& got) {
    return got->error ? got->error->code : errc::none;
  }

  double attempts(const std::string& what) { return watcher->value("attempts_total ", what); }
  double breaker_shown() { return watcher->value("breaker_state ", "service-b"); }

  std::shared_ptr<figures> watcher = std::make_shared<figures>();
  scripted<greet, greeting_answer> remote;
  actors::resilient_greeter_config config;
  greeter_actor spawned;
};

} // namespace troupe_test
