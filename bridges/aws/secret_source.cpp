#include <troupe/bridges/aws/secret_source.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/bridges/aws/worker.hpp>

namespace troupe::aws {

namespace {

// The tick says that reads have ended.
using source_actor = secret_source_actor::extend<caf::result<void>(caf::tick_atom)>;

struct result {
  std::string name;
  expected<secret_value> outcome;
};

struct requester {
  caf::typed_response_promise<secret_value> promise;
  deadline answer_by;
  std::uint64_t serial = 0;
};

// One secret that is being read. Callers that asked for it anew after the read had begun wait for the next one.
struct pending_read {
  secret_reference reference;
  std::vector<requester> callers;
  std::vector<requester> next_callers;
  std::shared_ptr<last_word> word;
};

struct kept_secret {
  secret_value value;
  instant since;
};

class source_state {
public:
  source_state(source_actor::pointer self, config settings, const spawn_context& context)
    : self_(self),
      config_(std::move(settings)),
      inbox_(std::make_shared<inbox<result>>()),
      worker_(std::make_unique<worker>(config_, context.watcher, context.service(), context.actor(), context.seed)) {}

  source_actor::behavior_type make_behavior() {
    return {[this](const read_secret& request) { return read(request); },
            [this](caf::tick_atom) {
              for (auto& each : inbox_->take())
                landed(each);
            }};
  }

private:
  using pending_reads = std::map<std::string, pending_read, std::less<>>;

  caf::result<secret_value> read(const read_secret& asked) {
    if (asked.reference.keeper != secret_keeper::secrets_manager && asked.reference.keeper != secret_keeper::parameter_store)
      return to_error({errc::unsupported, to_string(asked.reference) + " is not kept by AWS"});
    const auto now = self_->clock().now();
    const auto name = to_string(asked.reference);
    if (asked.how == freshness::cached)
      if (const auto found = kept_.find(name); found != kept_.end() && now - found->second.since < config_.keep)
        return found->second.value;
    auto under_way = pending_.find(name);
    if (waiting_ >= config_.most_waiting)
      return to_error({errc::overloaded, "too many requests for secrets are waiting"});
    auto promise = self_->make_response_promise<secret_value>();
    const auto answer_by = asked.answer_by.limited() ? asked.answer_by : deadline::after(config_.default_deadline, now);
    auto who = wait_for(name, promise, answer_by, now);
    if (under_way == pending_.end())
      begin(pending_.emplace(name, pending_read{asked.reference, {std::move(who)}, {}, {}}).first);
    else
      (asked.how == freshness::anew ? under_way->second.next_callers : under_way->second.callers).push_back(std::move(who));
    return promise;
  }

  requester wait_for(const std::string& name, const caf::typed_response_promise<secret_value>& promise, deadline answer_by,
                     instant now) {
    ++waiting_;
    const auto serial = ++last_serial_;
    self_->run_delayed(answer_by.remaining(now) + grace, [this, name, serial] { give_up(name, serial); });
    return {promise, answer_by, serial};
  }

  void begin(pending_reads::iterator at) {
    deadline until{instant::min()};
    for (const auto& each : at->second.callers)
      until = until.sooner(each.answer_by) == until ? each.answer_by : until;
    at->second.word = std::make_shared<last_word>();
    worker_->take({at->second.reference, until.at(), at->second.word,
                   [name = at->first, to = inbox_, me = source_actor{self_}](auto outcome) {
                     if (to->put({name, std::move(outcome)}) == wake::needed)
                       send_anonymously(me, caf::tick_atom_v);
                   }});
  }

  void landed(result& arrived) {
    const auto at = pending_.find(arrived.name);
    if (arrived.outcome)
      keep(arrived.name, *arrived.outcome);
    auto callers = std::exchange(at->second.callers, std::exchange(at->second.next_callers, {}));
    for (auto& each : callers)
      if (arrived.outcome)
        deliver(each, *arrived.outcome);
      else if (arrived.outcome.error().code == errc::deadline_exceeded && !each.answer_by.passed(self_->clock().now()))
        at->second.callers.push_back(std::move(each)); // it joined later and has more time
      else
        deliver(each, to_error(reason_of(at->second, arrived.outcome.error())));
    if (at->second.callers.empty())
      pending_.erase(at);
    else
      begin(at);
  }

  template <class Answer>
  void deliver(requester& caller, Answer answer) {
    --waiting_;
    caller.promise.deliver(std::move(answer));
  }

  // The worker says why, as a rule; this is for when it is busy with something else.
  void give_up(const std::string& name, std::uint64_t serial) {
    const auto at = pending_.find(name);
    if (at == pending_.end())
      return;
    for (auto* const list : {&at->second.callers, &at->second.next_callers})
      if (const auto found = std::ranges::find(*list, serial, &requester::serial); found != list->end()) {
        deliver(*found, to_error(reason_of(at->second, {errc::deadline_exceeded, name + ": AWS did not answer in time"})));
        list->erase(found);
        return;
      }
  }

  // Why there was no answer in time, where that is known.
  static failure reason_of(const pending_read& of, const failure& why) {
    if (why.code != errc::deadline_exceeded || !of.word)
      return why;
    const auto known = of.word->heard();
    return known ? failure{known->code, to_string(of.reference) + ": " + known->reason} : why;
  }

  void keep(const std::string& name, const secret_value& value) {
    kept_.insert_or_assign(name, kept_secret{value, self_->clock().now()});
    if (kept_.size() > config_.most_kept)
      kept_.erase(std::ranges::min_element(kept_, {}, [](const auto& each) { return each.second.since; }));
  }

  static constexpr std::chrono::milliseconds grace{50}; // for the worker's own word, which has a reason

  source_actor::pointer self_;
  config config_;
  std::shared_ptr<inbox<result>> inbox_;
  pending_reads pending_;
  std::map<std::string, kept_secret, std::less<>> kept_;
  std::size_t waiting_ = 0;
  std::uint64_t last_serial_ = 0;
  std::unique_ptr<worker> worker_; // last: its end calls what the others are for
};

} // namespace

secret_source_actor spawn_secret_source(const spawn_context& context, config settings) {
  if (const auto mistakes = validate(settings); !mistakes.empty())
    throw std::invalid_argument{mistakes.front()};
  return spawn_supervised<source_actor, source_state>(context, std::move(settings), context);
}

} // namespace troupe::aws
