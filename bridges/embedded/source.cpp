#include <troupe/bridges/embedded/source.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/metrics.hpp>
#include <troupe/bridges/embedded/queue_reading.hpp>
#include <troupe/bridges/embedded/subscription_work.hpp>
#include <troupe/bridges/inbound/source.hpp>
#include <troupe/bridges/inbound/source_spans.hpp>
#include <troupe/bridges/sqlite/job.hpp>

namespace troupe::embedded {

namespace {

struct took_over {
  expected<std::vector<partition_record>> partitions;
};

struct fetch_done {
  fetch_plan plan;
  expected<fetched_messages> found;
};

struct reload_done {
  reload_plan plan;
  expected<std::vector<fetched_message>> found;
};

struct write_done {
  expected<std::vector<kept_letter>> outcome;
};

using event = std::variant<took_over, fetch_done, reload_done, write_done>;

// Passes the outcomes of the database's threads to the actor.
class mailbox {
public:
  explicit mailbox(std::function<void()> wake_actor) : wake_actor_(std::move(wake_actor)) {}

  void put(event outcome) {
    if (waiting_.put(std::move(outcome)) == wake::needed)
      wake_actor_();
  }
  [[nodiscard]] std::vector<event> take() { return waiting_.take(); }

private:
  inbox<event> waiting_;
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
      spans_(inbound::source_setup{}.system, context),
      metrics_(context, config_.from.name, config_.group),
      stalls_(context, config_.from.name) {}

  std::optional<instant> go_on(instant now) override {
    now_ = now;
    if (!membership_)
      join();
    for (auto& each : answers_->take())
      if (!ending_)
        std::visit([this](auto& one) { happened(one); }, each);
    for (auto& each : take_orders())
      if (!ending_)
        std::visit([this](auto& one) { happened(one); }, each);
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

  void join() {
    auto taken = broker_->join(config_.from.name, config_.group, database_->incarnation(), wake_actor_);
    if (taken.has_error())
      return end(taken.error());
    membership_ = std::move(*taken);
    reader_ = {config_.from.name, config_.from.kind, config_.group, service_, membership_->epoch()};
  }

  void end(const failure& why) {
    ending_ = true;
    report(thread_failed{why});
  }

  void take_over_partitions() {
    taking_over_ = true;
    database_->submit(sqlite::make_question<std::vector<partition_record>>(
      sqlite::durability::unsynced,
      [from = config_.from, reader = reader_](sqlite::connection& on) { return take_over(on, from, reader); },
      [to = answers_](expected<std::vector<partition_record>> partitions) { to->put(took_over{std::move(partitions)}); }));
  }

  void happened(took_over& all) {
    taking_over_ = false;
    if (drain_by_)
      return;
    if (all.partitions.has_error()) {
      if (!is_transient(all.partitions.error().code))
        end(all.partitions.error());
      else
        take_over_again_at_ = now_ + backoff_.next(now_);
      return;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> ends;
    for (const auto& each : *all.partitions)
      ends.emplace_back(each.partition.id, each.partition.end);
    if (is_queue()) {
      const auto& queue = all.partitions->front();
      broker_->with_leases(queue.partition.id, [&](queue_leases& leases) { leases.suspect_until(queue.suspect_until); });
      queue_ = queue.partition.id;
      membership_->leases_from(queue_);
    }
    work_.emplace(config_, reader_, std::move(*all.partitions), metrics_);
    broker_->published(config_.from.name, ends);
  }

  void happened(fetch_done& fetch) {
    work_->fetched(fetch.plan, std::move(fetch.found), now_);
    if (is_queue() && !others_woken_ && broker_->with_leases(fetch.plan.partition_id, [](const queue_leases& leases) {
          return leases.past_suspects();
        })) {
      others_woken_ = true;
      membership_->wake_others();
    }
  }

  void happened(reload_done& reload) { work_->reloaded(reload.plan, std::move(reload.found), now_); }

  void happened(write_done& write) {
    if (write.outcome.has_error() && write.outcome.error().code == errc::cancelled) {
      metrics_.stale.add();
      end({errc::conflict, write.outcome.error().reason});
      return;
    }
    for (const auto& each : write.outcome ? *write.outcome : std::vector<kept_letter>{})
      show(each);
    const auto outcome = write.outcome ? expected<void>{} : expected<void>{write.outcome.error()};
    if (const auto offsets = work_->written(outcome, now_); !offsets.empty())
      broker_->with_leases(queue_, [&](queue_leases& leases) { leases.settled(membership_->epoch(), offsets); });
  }

  // The letter was written by the database: its span says where and why, and takes no time.
  void show(const kept_letter& kept) {
    dead_letter letter;
    letter.from = kept.why.from;
    letter.why = kept.why.why;
    letter.attempts = kept.why.attempts;
    letter.content.id = kept.id;
    message sent;
    sent.trace = kept.trace;
    spans_.letter_begins(0, letter, sent);
    spans_.published(0, {});
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
    membership_->awake();
    while (const auto plan = work_->next_reload(now_))
      reload(*plan);
    if (drain_by_)
      drain_on();
    else if (auto next = work_->next_write(now_, database_->now()))
      write(std::move(*next));
    while (auto out = work_->next_hand_out())
      report(std::move(*out));
    fetch_more();
    show_lag();
    if (stalls_.due(now_)) {
      stalls_.report(work_->stalls(), now_);
      work_->update_oldest(now_);
    }
  }

  void show_lag() {
    if (!is_queue())
      return metrics_.show_lag(work_->lag([this](std::int64_t partition_id) { return broker_->end_of(partition_id); }));
    const auto end = broker_->end_of(queue_);
    if (const auto left = broker_->with_leases(queue_, [end](const queue_leases& all) { return all.unsettled(end); }))
      metrics_.show_lag(*left);
  }

  void begin() {
    if (drain_by_)
      finish_drain();
    else if (!taking_over_ && (!take_over_again_at_ || now_ >= *take_over_again_at_))
      take_over_partitions();
  }

  void fetch_more() {
    const auto plan = work_->next_fetch(now_, [this](std::int64_t partition_id, std::int64_t from) {
      return is_queue() ? may_lease_more(*broker_, partition_id, membership_->epoch())
                        : broker_->end_of(partition_id) > from;
    });
    if (!plan)
      return;
    // The job holds the broker, never the database; see sqlite::job.
    auto run = [plan = *plan, queue = is_queue(), at = broker_, epoch = membership_->epoch()](sqlite::connection& on) {
      return queue ? lease_and_fetch(on, *at, epoch, plan)
                   : fetch(on, plan.partition_id, plan.from, plan.at_most, plan.bytes);
    };
    database_->submit_read(sqlite::make_question<fetched_messages>(
      sqlite::durability::unsynced, std::move(run), [to = answers_, plan = *plan](expected<fetched_messages> found) {
        to->put(fetch_done{plan, std::move(found)});
      }));
  }

  void reload(const reload_plan& plan) {
    database_->submit_read(sqlite::make_question<std::vector<fetched_message>>(
      sqlite::durability::unsynced,
      [plan](sqlite::connection& on) { return fetch_again(on, plan.partition_id, plan.offsets); },
      [to = answers_, plan](expected<std::vector<fetched_message>> found) {
        to->put(reload_done{plan, std::move(found)});
      }));
  }

  void write(progress next) {
    const auto needs = next.needs;
    database_->submit(sqlite::make_question<std::vector<kept_letter>>(
      needs, [next = std::move(next)](sqlite::connection& on) { return write_progress(on, next); },
      [to = answers_](expected<std::vector<kept_letter>> outcome) { to->put(write_done{std::move(outcome)}); }));
  }

  // In this order: the handler answers, the settlements are written, the mark that something is handed out is taken back.
  // Answers that come later are still written.
  void drain_on() {
    if (work_->idle()) {
      if (!give_back_)
        give_back_ = give_back();
      if (auto last = work_->last_write(*give_back_, now_, database_->now()))
        write(std::move(*last));
      else if (!work_->must_wait(now_))
        finish_drain();
    } else if (auto next = work_->next_write(now_, database_->now())) {
      write(std::move(*next));
    }
    if (now_ >= *drain_by_)
      finish_drain();
  }

  // The subscriptions to a queue share the mark: the last one of them takes it back.
  partition_work::marking give_back() {
    if (!is_queue())
      return partition_work::marking::cleared;
    return broker_->with_leases(queue_, [this](queue_leases& leases) {
      leases.left(membership_->epoch());
      return leases.abandoned() ? partition_work::marking::cleared : partition_work::marking::along;
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
  inbound::source_spans spans_; ///< of dead letters
  subscription_metrics metrics_;
  stall_watch stalls_;
  instant now_{};
  std::unique_ptr<membership> membership_; ///< none before it is driven first
  reader_name reader_;
  std::optional<subscription_work> work_; ///< none before the partitions are taken over
  std::int64_t queue_ = -1;               ///< the partition, of a queue
  bool ending_ = false;
  bool taking_over_ = false;
  bool others_woken_ = false;
  std::optional<instant> take_over_again_at_;
  policies::backoff backoff_{policies::reconnect_backoff};
  std::optional<instant> drain_by_;
  std::optional<partition_work::marking> give_back_; ///< how the last write sets the mark
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
