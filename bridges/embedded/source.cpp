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
#include <troupe/bridges/inbound/source.hpp>
#include <troupe/bridges/sqlite/question.hpp>

namespace troupe::embedded {

namespace {

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

// Where the database's threads leave what they found.
class mailbox {
public:
  explicit mailbox(std::function<void()> wake_actor) : wake_actor_(std::move(wake_actor)) {}

  void put(event what) {
    if (found_.put(std::move(what)) == wake::needed)
      wake_actor_();
  }
  [[nodiscard]] std::vector<event> take() { return found_.take(); }

private:
  inbox<event> found_;
  const std::function<void()> wake_actor_;
};

class consumer final : public inbound::driven_consumer {
public:
  consumer(const spawn_context& context, sqlite::database_ptr database, subscription config,
           std::function<void()> wake_actor)
    : database_(std::move(database)),
      config_(std::move(config)),
      service_(context.service()),
      wake_actor_(std::move(wake_actor)),
      broker_(database_->companion<broker>()),
      answers_(std::make_shared<mailbox>(wake_actor_)),
      metrics_(context, config_.from.name, config_.group),
      stalls_(context, config_.from.name) {}

  std::optional<instant> go_on(instant now) override {
    now_ = now;
    if (!seat_)
      sit_down();
    for (auto& each : answers_->take())
      if (!ending_)
        std::visit([this](auto& what) { happened(what); }, each);
    for (auto& each : take_orders())
      if (!ending_)
        std::visit([this](auto& what) { happened(what); }, each);
    if (ending_)
      return std::nullopt;
    if (work_)
      work_on();
    else
      begin();
    return next_due();
  }

private:
  bool is_queue() const noexcept { return config_.from.kind == destination_kind::queue; }

  void sit_down() {
    auto taken = broker_->sit_down(config_.from.name, config_.group, database_->incarnation(), wake_actor_);
    if (taken.has_error())
      return end(taken.error());
    seat_ = std::move(*taken);
    who_ = {config_.from.name, config_.from.kind, config_.group, service_, seat_->epoch()};
  }

  void end(const failure& why) {
    ending_ = true;
    report(thread_failed{why});
  }

  void take_over_lanes() {
    taking_over_ = true;
    database_->submit(sqlite::make_question<std::vector<lane_record>>(
      sqlite::durability::unsynced,
      [from = config_.from, who = who_](sqlite::connection& on) { return take_over(on, from, who); },
      [to = answers_](expected<std::vector<lane_record>> lanes) { to->put(took_over{std::move(lanes)}); }));
  }

  void happened(took_over& what) {
    taking_over_ = false;
    if (drain_by_)
      return;
    if (what.lanes.has_error()) {
      if (!is_transient(what.lanes.error().code))
        end(what.lanes.error());
      else
        take_over_again_at_ = now_ + backoff_.next(now_);
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
    work_->fetched(what.plan, std::move(what.what), now_);
    if (is_queue() && !others_woken_
        && broker_->with_claims(what.plan.number, [](const queue_claims& claims) { return claims.past_suspects(); })) {
      others_woken_ = true;
      seat_->wake_others();
    }
  }

  void happened(reload_done& what) { work_->reloaded(what.plan, std::move(what.what), now_); }

  void happened(write_done& what) {
    if (what.outcome.has_error() && what.outcome.error().code == errc::cancelled) {
      metrics_.stale.add();
      end({errc::conflict, what.outcome.error().reason});
      return;
    }
    if (const auto offsets = work_->written(what.outcome, now_); !offsets.empty())
      broker_->with_claims(queue_, [&](queue_claims& claims) { claims.settled(seat_->epoch(), offsets); });
  }

  void happened(inbound::batch_outcome& outcome) { work_->ended(outcome, now_); }

  void happened(inbound::publish_outcome& /*outcome*/) {} // dead letters are written with the progress

  void happened(inbound::begin_drain& request) {
    if (drain_by_)
      return;
    drain_by_ = request.by;
    if (work_)
      work_->drain(now_);
  }

  void work_on() {
    seat_->awake();
    while (const auto plan = work_->next_reload(now_))
      reload(*plan);
    if (drain_by_)
      drain_on();
    else if (auto what = work_->next_write(now_, database_->now()))
      write(std::move(*what));
    while (auto out = work_->next_hand_out())
      report(std::move(*out));
    fetch_more();
    if (stalls_.due(now_))
      stalls_.tell(work_->stalls(), now_);
  }

  void begin() {
    if (drain_by_)
      finish_drain();
    else if (!taking_over_ && (!take_over_again_at_ || now_ >= *take_over_again_at_))
      take_over_lanes();
  }

  void fetch_more() {
    const auto plan = work_->next_fetch(now_, [this](std::int64_t lane, std::int64_t from) {
      return is_queue() ? may_claim_more(*broker_, lane, seat_->epoch()) : broker_->end_of(lane) > from;
    });
    if (!plan)
      return;
    // The job holds the broker, never the database; see sqlite::job.
    auto run = [plan = *plan, queue = is_queue(), at = broker_, epoch = seat_->epoch()](sqlite::connection& on) {
      return queue ? claim_and_fetch(on, *at, epoch, plan) : fetch(on, plan.number, plan.from, plan.at_most, plan.bytes);
    };
    database_->submit_read(sqlite::make_question<fetched_messages>(
      sqlite::durability::unsynced, std::move(run), [to = answers_, plan = *plan](expected<fetched_messages> what) {
        to->put(fetch_done{plan, std::move(what)});
      }));
  }

  void reload(const reload_plan& plan) {
    database_->submit_read(sqlite::make_question<std::vector<fetched_message>>(
      sqlite::durability::unsynced, [plan](sqlite::connection& on) { return fetch_again(on, plan.number, plan.offsets); },
      [to = answers_, plan](expected<std::vector<fetched_message>> what) {
        to->put(reload_done{plan, std::move(what)});
      }));
  }

  void write(progress what) {
    const auto needs = what.needs;
    database_->submit(sqlite::make_job(
      needs, [what = std::move(what)](sqlite::connection& on) { return write_progress(on, what); },
      [to = answers_](const expected<void>& outcome) { to->put(write_done{outcome}); }));
  }

  // In this order: what is with the handler comes back, what it settled is written down, the mark that something is handed
  // out is taken back. What comes later than that is still written.
  void drain_on() {
    if (work_->idle()) {
      if (!give_back_)
        give_back_ = give_back();
      if (auto last = work_->last_write(*give_back_, now_, database_->now()))
        write(std::move(*last));
      else if (!work_->must_wait(now_))
        finish_drain();
    } else if (auto what = work_->next_write(now_, database_->now())) {
      write(std::move(*what));
    }
    if (now_ >= *drain_by_)
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
    if (!std::exchange(drained_, true))
      report(inbound::drain_over{work_ ? work_->unfinished() : 0});
  }

  [[nodiscard]] std::optional<instant> next_due() const {
    policies::earliest due{now_};
    due.consider(take_over_again_at_);
    if (work_) {
      due.consider(work_->next_due(now_));
      if (work_->unfinished() > 0)
        due.consider(now_ + stall_watch::look_every);
    }
    if (!drained_)
      due.consider(drain_by_);
    return due.found();
  }

  sqlite::database_ptr database_;
  subscription config_;
  std::string service_;
  std::function<void()> wake_actor_;
  std::shared_ptr<broker> broker_;
  std::shared_ptr<mailbox> answers_;
  subscription_metrics metrics_;
  stall_watch stalls_;
  instant now_{};
  std::unique_ptr<seat> seat_; ///< none before it is driven first
  reader_name who_;
  std::optional<subscription_work> work_; ///< none before the lanes are taken over
  std::int64_t queue_ = -1;               ///< the lane, of a queue
  bool ending_ = false;
  bool taking_over_ = false;
  bool others_woken_ = false;
  std::optional<instant> take_over_again_at_;
  policies::backoff backoff_{policies::reconnect_backoff};
  std::optional<instant> drain_by_;
  std::optional<lane_work::marking> give_back_; ///< what the last write says of the mark
  bool drained_ = false;
};

} // namespace

source_actor spawn_source(const spawn_context& context, sqlite::database_ptr database, subscription config,
                          handler_actor handler) {
  inbound::source_setup setup;
  setup.mistakes = validate(config);
  setup.answer_within = config.answer_within;
  setup.driven = [context, database = std::move(database), config = std::move(config)](std::function<void()> wake_actor) {
    return std::make_shared<consumer>(context, database, config, std::move(wake_actor));
  };
  return inbound::spawn_source(context, std::move(setup), std::move(handler), {});
}

} // namespace troupe::embedded
