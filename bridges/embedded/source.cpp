#include <troupe/bridges/embedded/source.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/metrics.hpp>
#include <troupe/bridges/embedded/queue_reading.hpp>
#include <troupe/bridges/embedded/subscription_work.hpp>
#include <troupe/bridges/sqlite/question.hpp>

namespace troupe::embedded {

namespace {

// The tick says that something is in the inbox, that a time has come, or that something was published.
using source_behind = caf::typed_actor<caf::result<drained>(drain), caf::result<void>(caf::tick_atom)>;

struct took_over {
  expected<std::vector<lane_record>> lanes;
};

struct fetch_done {
  fetch_plan plan;
  expected<fetched_messages> what;
};

struct reload_done {
  reload_plan plan;
  expected<std::vector<fetched_message>> what;
};

struct write_done {
  expected<void> outcome;
};

using event = std::variant<took_over, fetch_done, reload_done, write_done>;

// Where the database's threads leave what they found. They hold the actor only as long as they work for it.
class mailbox {
public:
  mailbox(std::shared_ptr<inbox<event>> to, source_behind owner) : to_(std::move(to)), owner_(std::move(owner)) {}

  void put(event what) const {
    if (to_->put(std::move(what)) == wake::needed)
      send_anonymously(owner_, caf::tick_atom_v);
  }

private:
  std::shared_ptr<inbox<event>> to_;
  source_behind owner_;
};

std::function<void()> waker_of(const source_behind& who) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(who)] {
    if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
      send_anonymously(caf::actor_cast<source_behind>(strong), caf::tick_atom_v);
  };
}

class source_state {
public:
  source_state(source_behind::pointer self, sqlite::database_ptr database, subscription config, handler_actor handler,
               const spawn_context& context)
    : self_(self),
      database_(std::move(database)),
      config_(std::move(config)),
      handler_(std::move(handler)),
      service_(context.service()),
      broker_(database_->companion<broker>()),
      inbox_(std::make_shared<inbox<event>>()),
      metrics_(context, config_.from.name, config_.group),
      stalls_(context, config_.from.name) {}

  source_behind::behavior_type make_behavior() {
    send(self_, me(), caf::tick_atom_v);
    return {[this](const drain& what) { return begin_drain(what); },
            [this](caf::tick_atom) {
              if (!seat_ && !sit_down())
                return;
              for (auto& each : inbox_->take())
                if (!ending_)
                  std::visit([this](auto& what) { happened(what); }, each);
              if (!ending_)
                go_on();
            }};
  }

private:
  source_behind me() const { return caf::actor_cast<source_behind>(self_); }
  mailbox answers() const { return {inbox_, me()}; }
  instant now() const { return self_->clock().now(); }
  bool is_queue() const noexcept { return config_.from.kind == destination_kind::queue; }

  bool sit_down() {
    if (const auto mistakes = validate(config_); !mistakes.empty()) {
      end({errc::invalid, mistakes.front()});
      return false;
    }
    auto taken = broker_->sit_down(config_.from.name, config_.group, database_->incarnation(), waker_of(me()));
    if (taken.has_error()) {
      end(taken.error());
      return false;
    }
    seat_ = std::move(*taken);
    who_ = {config_.from.name, config_.from.kind, config_.group, service_, seat_->epoch()};
    return true;
  }

  void end(const failure& why) {
    ending_ = true;
    self_->quit(to_error(why));
  }

  void take_over_lanes() {
    taking_over_ = true;
    database_->submit(sqlite::make_question<std::vector<lane_record>>(
      sqlite::durability::unsynced,
      [from = config_.from, who = who_](sqlite::connection& on) { return take_over(on, from, who); },
      [to = answers()](expected<std::vector<lane_record>> lanes) { to.put(took_over{std::move(lanes)}); }));
  }

  void happened(took_over& what) {
    taking_over_ = false;
    if (drain_by_)
      return;
    if (what.lanes.has_error()) {
      if (!is_transient(what.lanes.error().code))
        end(what.lanes.error());
      else
        take_over_again_at_ = now() + backoff_.next(now());
      return;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> ends;
    for (const auto& each : *what.lanes)
      ends.emplace_back(each.place.number, each.place.end);
    if (is_queue()) {
      const auto& queue = what.lanes->front();
      broker_->with_claims(queue.place.number, [&](queue_claims& claims) { claims.suspect_until(queue.suspect_until); });
      queue_ = queue.place.number;
      seat_->claims_from(queue_);
    }
    work_.emplace(config_, who_, std::move(*what.lanes), metrics_);
    broker_->published(config_.from.name, ends);
  }

  void happened(fetch_done& what) {
    work_->fetched(what.plan, std::move(what.what), now());
    if (is_queue() && !others_woken_
        && broker_->with_claims(what.plan.number, [](const queue_claims& claims) { return claims.past_suspects(); })) {
      others_woken_ = true;
      seat_->wake_others();
    }
  }

  void happened(reload_done& what) { work_->reloaded(what.plan, std::move(what.what), now()); }

  void happened(write_done& what) {
    if (what.outcome.has_error() && what.outcome.error().code == errc::cancelled) {
      metrics_.stale.add();
      end({errc::conflict, what.outcome.error().reason});
      return;
    }
    if (const auto offsets = work_->written(what.outcome, now()); !offsets.empty())
      broker_->with_claims(queue_, [&](queue_claims& claims) { claims.settled(seat_->epoch(), offsets); });
  }

  void go_on() {
    if (!work_) {
      begin();
      return;
    }
    seat_->awake();
    const auto at = now(); // one for all: what becomes due meanwhile must be due later to everything below
    while (const auto plan = work_->next_reload(at))
      reload(*plan);
    if (drain_by_)
      drain_on(at);
    else if (auto what = work_->next_write(at, database_->now()))
      write(std::move(*what));
    while (auto out = work_->next_hand_out())
      hand(std::move(*out));
    fetch_more(at);
    wake_by(work_->next_due(at), at);
    look_for_stalls(at);
  }

  void look_for_stalls(instant at) {
    if (stalls_.due(at))
      stalls_.tell(work_->stalls(), at);
    if (work_->unfinished() > 0)
      wake_by(at + stall_watch::look_every, at);
  }

  void begin() {
    const auto at = now();
    if (drain_by_)
      finish_drain();
    else if (!taking_over_ && (!take_over_again_at_ || at >= *take_over_again_at_))
      take_over_lanes();
    wake_by(take_over_again_at_, at);
  }

  void fetch_more(instant at_time) {
    const auto plan = work_->next_fetch(at_time, [this](std::int64_t lane, std::int64_t from) {
      return is_queue() ? may_claim_more(*broker_, lane, seat_->epoch()) : broker_->end_of(lane) > from;
    });
    if (!plan)
      return;
    // The job holds the broker, never the database; see sqlite::job.
    auto run = [plan = *plan, queue = is_queue(), at = broker_, epoch = seat_->epoch()](sqlite::connection& on) {
      return queue ? claim_and_fetch(on, *at, epoch, plan) : fetch(on, plan.number, plan.from, plan.at_most, plan.bytes);
    };
    database_->submit_read(sqlite::make_question<fetched_messages>(
      sqlite::durability::unsynced, std::move(run), [to = answers(), plan = *plan](expected<fetched_messages> what) {
        to.put(fetch_done{plan, std::move(what)});
      }));
  }

  void reload(const reload_plan& plan) {
    database_->submit_read(sqlite::make_question<std::vector<fetched_message>>(
      sqlite::durability::unsynced, [plan](sqlite::connection& on) { return fetch_again(on, plan.number, plan.offsets); },
      [to = answers(), plan](expected<std::vector<fetched_message>> what) {
        to.put(reload_done{plan, std::move(what)});
      }));
  }

  void write(progress what) {
    const auto needs = what.needs;
    database_->submit(sqlite::make_job(
      needs, [what = std::move(what)](sqlite::connection& on) { return write_progress(on, what); },
      [to = answers()](const expected<void>& outcome) { to.put(write_done{outcome}); }));
  }

  void hand(hand_out out) {
    ask(self_, handler_, config_.answer_within, std::move(out.what))
      .then(
        [this, number = out.batch](const replies& what) {
          work_->answered(number, what, now());
          go_on();
        },
        [this, number = out.batch](const caf::error& why) {
          work_->gone(number, to_failure(why).code, now());
          go_on();
        });
  }

  caf::result<drained> begin_drain(const drain& what) {
    auto promise = self_->make_response_promise<drained>();
    drains_.push_back(promise);
    if (!drain_by_) {
      drain_by_ = now() + what.at_most;
      if (work_)
        work_->drain(now());
    }
    if (drained_)
      finish_drain();
    else
      go_on();
    return promise;
  }

  // In this order: what is with the handler comes back, what it settled is written down, the mark that something is handed
  // out is taken back. What comes later than that is still written.
  void drain_on(instant at) {
    if (work_->idle()) {
      if (!give_back_)
        give_back_ = give_back();
      if (auto last = work_->last_write(*give_back_, at, database_->now()))
        write(std::move(*last));
      else if (!work_->must_wait(at))
        finish_drain();
    } else if (auto what = work_->next_write(at, database_->now())) {
      write(std::move(*what));
    }
    if (at >= *drain_by_)
      finish_drain();
  }

  // The subscriptions to a queue share the mark: the last one of them takes it back.
  lane_work::marking give_back() {
    if (!is_queue())
      return lane_work::marking::cleared;
    return broker_->with_claims(queue_, [this](queue_claims& claims) {
      claims.left(seat_->epoch());
      return claims.abandoned() ? lane_work::marking::cleared : lane_work::marking::along;
    });
  }

  void finish_drain() {
    drained_ = true;
    const auto unfinished = work_ ? work_->unfinished() : 0;
    for (auto& each : std::exchange(drains_, {}))
      each.deliver(drained{unfinished});
  }

  // `at` is the time by which everything was asked.
  void wake_by(std::optional<instant> due, instant at) {
    if (drain_by_ && !drained_ && (!due || *drain_by_ < *due))
      due = drain_by_;
    if (!due || *due <= at || (timer_ && *timer_ > at && *timer_ <= *due))
      return;
    timer_ = due;
    send_later(self_, me(), std::max(*due - now(), duration::zero()), caf::tick_atom_v);
  }

  source_behind::pointer self_;
  sqlite::database_ptr database_;
  subscription config_;
  handler_actor handler_;
  std::string service_;
  std::shared_ptr<broker> broker_;
  std::shared_ptr<inbox<event>> inbox_;
  subscription_metrics metrics_;
  stall_watch stalls_;
  std::unique_ptr<seat> seat_; ///< none before the first tick
  reader_name who_;
  std::optional<subscription_work> work_; ///< none before the lanes are taken over
  std::int64_t queue_ = -1;               ///< the lane, of a queue
  bool ending_ = false;
  bool taking_over_ = false;
  bool others_woken_ = false;
  std::optional<instant> take_over_again_at_;
  policies::backoff backoff_{policies::reconnect_backoff};
  std::optional<instant> timer_; ///< when the next delayed tick comes
  std::optional<instant> drain_by_;
  std::optional<lane_work::marking> give_back_; ///< what the last write says of the mark
  bool drained_ = false;
  std::vector<caf::typed_response_promise<drained>> drains_;
};

} // namespace

source_actor spawn_source(const spawn_context& context, sqlite::database_ptr database, subscription config,
                          handler_actor handler) {
  return spawn_supervised<source_behind, source_state>(context, std::move(database), std::move(config), std::move(handler),
                                                       context);
}

} // namespace troupe::embedded
