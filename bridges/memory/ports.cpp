#include <utility>
#include <variant>

#include <troupe/bridges/inbound/source.hpp>
#include <troupe/bridges/inbound/subscription_work.hpp>
#include <troupe/bridges/memory/ports.hpp>
#include <troupe/policies/offset_map.hpp>

namespace troupe::memory {

namespace {

// The messages of a partition that a member has leased. The ledger's offsets count leases, because a queue leases again what
// another member has left.
class held_partition final : public inbound::partition {
public:
  held_partition(membership& in, std::int32_t number, const subscription& config)
    : partition({config.redelivery, 0, policies::source_kind::queue}), // each settlement is noted by itself
      config_(config),
      in_(in),
      number_(number) {}

  [[nodiscard]] bool untouched() const noexcept { return last_ == 0; }

  /// False if the partition belongs to another member.
  [[nodiscard]] bool fetch(instant now) {
    auto leased = in_.lease(number_, next_, ledger().room());
    for (auto& each : leased.value_or(std::vector<leased_message>{})) {
      const auto offset = last_++;
      next_ = config_.from.is == destination::kind::queue ? 0 : each.number + 1;
      if (each.known.handed_out)
        ledger().suspect_until(offset + 1);
      const auto& [attempts, answered] = each.known.count;
      ledger().fetched(offset, each.content.key, attempts, now, answered);
      ledger().resume_delay(offset, now);
      items_.append(offset, std::move(each));
    }
    return leased.has_value();
  }

  /// The deliveries that were taken may reach the handler from now on.
  void mark() {
    for (const auto offset : std::exchange(taken_, {}))
      write(offset, {ledger().count_of(offset), true});
    for (const auto& each : ledger().attempts_to_record(items_.size()))
      write(each.offset, {each.count, items_.find(each.offset)->known.handed_out});
  }

  [[nodiscard]] std::vector<std::int64_t> take(std::size_t credit, instant now) override {
    auto offsets = ledger().take(credit, now);
    taken_.insert(taken_.end(), offsets.begin(), offsets.end());
    return offsets;
  }
  [[nodiscard]] delivery delivery_at(std::int64_t offset) override {
    const auto& one = *items_.find(offset);
    return {{config_.from.name, number_, one.number}, one.content, ledger().attempts(offset)};
  }
  void settled(std::int64_t offset, instant /*now*/) override {
    write(offset, {{}, false, true});
    items_.erase(offset);
  }
  void released(std::int64_t offset) override { write(offset, {ledger().count_of(offset)}); }

private:
  void write(std::int64_t offset, const progress_note& now_known) {
    auto& one = *items_.find(offset);
    in_.note(number_, one.number, one.known = now_known);
  }

  const subscription& config_;
  membership& in_;
  const std::int32_t number_;
  std::int64_t next_ = 0; ///< of a stream: the next number to lease
  std::int64_t last_ = 0; ///< the ledger's next offset
  policies::offset_map<leased_message> items_;
  std::vector<std::int64_t> taken_; ///< not marked yet
};

struct counts {
  inbound::subscription_metrics metrics;
};

class consumer final : public inbound::driven_consumer, counts, inbound::subscription_work {
public:
  consumer(const spawn_context& context, const std::shared_ptr<broker>& at, const subscription& config,
           std::function<void()> wake)
    : counts{{context, "memory", {{"source", config.from.name}, {"group", config.group}}}},
      inbound::subscription_work({config.batch, config.batches_in_flight}, context.service(), metrics),
      config_(config),
      in_(at->join(config_.from, config_.group, std::move(wake))) {
    for (std::int32_t each = 0; each < config_.from.partitions; ++each)
      begin(each);
  }

  std::optional<instant> go_on(instant now) override {
    if (!in_)
      return std::nullopt; // drained
    for (auto& each : take_orders())
      std::visit([&](const auto& outcome) { ended(outcome, now); }, each);
    for (std::int32_t each = 0; !drain_by_ && each < config_.from.partitions; ++each)
      fetch(each, now);
    hand_out(now);
    if (drain_by_ && ((batches_.empty() && !publishing()) || now >= *drain_by_)) {
      in_.reset();
      report(inbound::drain_over{unfinished()});
    }
    policies::earliest due{now};
    consider_due(due);
    due.consider(drain_by_);
    return in_ ? due.found() : std::nullopt;
  }

private:
  using inbound::subscription_work::ended;
  void ended(const inbound::begin_drain& request, instant now) {
    drain_by_ = request.by;
    take_back_all(now);
  }

  void parked(const inbound::delivery_position& which, instant /*now*/) override {
    held(which.partition).released(which.offset);
  }

  [[nodiscard]] held_partition& held(std::size_t index) const { return static_cast<held_partition&>(*partition_at(index)); }
  void begin(std::int32_t number) {
    assign(static_cast<std::size_t>(number), std::make_unique<held_partition>(*in_, number, config_));
  }

  // A partition that belongs to another member is given back when every delivery that was handed out has its reply.
  void fetch(std::int32_t number, instant now) {
    const auto index = static_cast<std::size_t>(number);
    if (!leaving(index) && held(index).fetch(now))
      return;
    if (held(index).untouched())
      return;
    leave(index, now);
    if (held(index).ledger().in_flight() > 0 || publishing(index))
      return;
    begin(number);
    in_->give_back(number);
  }

  void hand_out(instant now) {
    drain_by_ ? set_time(now) : form_batches(now);
    for (std::size_t each = 0; each < partition_count(); ++each)
      held(each).mark();
    release_formed();
    for (auto& each : next_letters(now, timestamp{now.time_since_epoch()}))
      report(std::move(each));
    while (auto out = hand_out_next())
      report(std::move(*out));
  }

  const subscription config_;
  std::unique_ptr<membership> in_;
  std::optional<instant> drain_by_;
};

struct publisher_state {
  publisher_state(publisher_actor::pointer /*self*/, std::shared_ptr<broker> at, destination to)
    : behind(std::move(at)), into(std::move(to)) {}

  publisher_actor::behavior_type make_behavior() {
    return {[this](const publish& request) {
      behind->publish(into, request.messages);
      return published{std::vector<failure>(request.messages.size(), failure{errc::none, {}})};
    }};
  }

  const std::shared_ptr<broker> behind;
  const destination into;
};

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, const std::shared_ptr<broker>& at, const destination& to) {
  return spawn_supervised<publisher_actor, publisher_state>(context, at, to);
}

source_actor spawn_source(const spawn_context& context, const std::shared_ptr<broker>& at, const subscription& config,
                          handler_actor handler, publisher_actor dead_letters) {
  inbound::source_setup setup;
  setup.mistakes = settings::mistakes_of(config);
  setup.answer_within = config.answer_within;
  setup.driven = [context, at, config](std::function<void()> wake) {
    return std::make_shared<consumer>(context, at, config, std::move(wake));
  };
  return inbound::spawn_source(context, std::move(setup), std::move(handler), std::move(dead_letters));
}

} // namespace troupe::memory
