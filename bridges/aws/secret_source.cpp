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

// The tick says that errands have ended.
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

// One secret that is being fetched. Who asked anew after the errand had begun waits for the next one.
struct flight {
  secret_reference what;
  std::vector<requester> aboard;
  std::vector<requester> next;
  std::shared_ptr<last_word> word;
};

struct kept_secret {
  secret_value value;
  instant since;
};

class source_state {
public:
  source_state(source_actor::pointer self, config told, const spawn_context& context)
    : self_(self),
      config_(std::move(told)),
      inbox_(std::make_shared<inbox<result>>()),
      worker_(std::make_unique<worker>(config_, context.watcher, context.service(), context.actor(), context.seed)) {}

  source_actor::behavior_type make_behavior() {
    return {[this](const read_secret& what) { return read(what); },
            [this](caf::tick_atom) {
              for (auto& each : inbox_->take())
                landed(each);
            }};
  }

private:
  using flights = std::map<std::string, flight, std::less<>>;

  caf::result<secret_value> read(const read_secret& asked) {
    if (asked.what.keeper != secret_keeper::secrets_manager && asked.what.keeper != secret_keeper::parameter_store)
      return to_error({errc::unsupported, to_string(asked.what) + " is not kept by AWS"});
    const auto now = self_->clock().now();
    const auto name = to_string(asked.what);
    if (asked.how == freshness::cached)
      if (const auto found = kept_.find(name); found != kept_.end() && now - found->second.since < config_.keep)
        return found->second.value;
    auto under_way = flights_.find(name);
    if (waiting_ >= config_.most_waiting)
      return to_error({errc::overloaded, "too many requests for secrets are waiting"});
    auto promise = self_->make_response_promise<secret_value>();
    const auto answer_by = asked.answer_by.limited() ? asked.answer_by : deadline::after(config_.default_deadline, now);
    auto who = wait_for(name, promise, answer_by, now);
    if (under_way == flights_.end())
      begin(flights_.emplace(name, flight{asked.what, {std::move(who)}, {}, {}}).first);
    else
      (asked.how == freshness::anew ? under_way->second.next : under_way->second.aboard).push_back(std::move(who));
    return promise;
  }

  requester wait_for(const std::string& name, const caf::typed_response_promise<secret_value>& promise, deadline answer_by,
                     instant now) {
    ++waiting_;
    const auto serial = ++last_serial_;
    self_->run_delayed(answer_by.remaining(now) + grace, [this, name, serial] { give_up(name, serial); });
    return {promise, answer_by, serial};
  }

  void begin(flights::iterator at) {
    deadline until{instant::min()};
    for (const auto& each : at->second.aboard)
      until = until.sooner(each.answer_by) == until ? each.answer_by : until;
    at->second.word = std::make_shared<last_word>();
    worker_->take({at->second.what, until.at(), at->second.word,
                   [name = at->first, to = inbox_, me = source_actor{self_}](auto outcome) {
                     if (to->put({name, std::move(outcome)}) == wake::needed)
                       send_anonymously(me, caf::tick_atom_v);
                   }});
  }

  void landed(result& what) {
    const auto at = flights_.find(what.name);
    if (what.outcome)
      keep(what.name, *what.outcome);
    auto aboard = std::exchange(at->second.aboard, std::exchange(at->second.next, {}));
    for (auto& each : aboard)
      if (what.outcome)
        deliver(each, *what.outcome);
      else if (what.outcome.error().code == errc::deadline_exceeded && !each.answer_by.passed(self_->clock().now()))
        at->second.aboard.push_back(std::move(each)); // it joined later and has more time
      else
        deliver(each, to_error(reason_of(at->second, what.outcome.error())));
    if (at->second.aboard.empty())
      flights_.erase(at);
    else
      begin(at);
  }

  template <class Answer>
  void deliver(requester& whom, Answer what) {
    --waiting_;
    whom.promise.deliver(std::move(what));
  }

  // The worker tells why, as a rule; this is for when it is busy with something else.
  void give_up(const std::string& name, std::uint64_t serial) {
    const auto at = flights_.find(name);
    if (at == flights_.end())
      return;
    for (auto* const list : {&at->second.aboard, &at->second.next})
      if (const auto found = std::ranges::find(*list, serial, &requester::serial); found != list->end()) {
        deliver(*found, to_error(reason_of(at->second, {errc::deadline_exceeded, name + ": AWS did not answer in time"})));
        list->erase(found);
        return;
      }
  }

  // Why there was no answer in time, where that is known.
  static failure reason_of(const flight& of, const failure& told) {
    if (told.code != errc::deadline_exceeded || !of.word)
      return told;
    const auto known = of.word->heard();
    return known ? failure{known->code, to_string(of.what) + ": " + known->reason} : told;
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
  flights flights_;
  std::map<std::string, kept_secret, std::less<>> kept_;
  std::size_t waiting_ = 0;
  std::uint64_t last_serial_ = 0;
  std::unique_ptr<worker> worker_; // last: its end calls what the others are for
};

} // namespace

secret_source_actor spawn_secret_source(const spawn_context& context, config told) {
  if (const auto mistakes = validate(told); !mistakes.empty())
    throw std::invalid_argument{mistakes.front()};
  return spawn_supervised<source_actor, source_state>(context, std::move(told), context);
}

} // namespace troupe::aws
