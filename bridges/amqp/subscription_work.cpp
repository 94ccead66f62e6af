#include <troupe/bridges/amqp/subscription_work.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/policies/earliest.hpp>

namespace troupe::amqp {

namespace {

constexpr auto delay_again_after = std::chrono::seconds{1};

} // namespace

subscription_work::subscription_work(subscription config, std::string service, subscription_metrics& metrics,
                                     random_source random)
  : inbound::subscription_work({config.batch, config.batches_in_flight}, std::move(service), metrics),
    config_(std::move(config)),
    metrics_(metrics),
    random_(std::move(random)) {
  assign(0, std::make_unique<session_deliveries>(config_));
}

void subscription_work::begun(instant now) {
  lost(now);
  const auto& before = in_hand();
  before.items.for_each([&](std::int64_t tag, const item& each) {
    earlier_.given_back(name_of(each), each.delivery_count,
                        {before.ledger().count_of(tag), false, each.first_failure, each.due});
  });
  assign(0, std::make_unique<session_deliveries>(config_));
  to_be_letters_.clear();
  to_be_moved_.clear();
  connected_ = true;
  intake_.begun(pauses_for_long(now) ? intake::mood::cautious : intake::mood::ready);
  metrics_.sessions.add();
  ready_.reset();
  metrics_.unsettled.set(0);
}

void subscription_work::ready_are(std::size_t messages) {
  ready_ = messages;
  show_unsettled();
}

void subscription_work::show_unsettled() {
  metrics_.unsettled.set(static_cast<double>(unsettled()));
  if (ready_)
    metrics_.show_lag(*ready_ + unsettled());
}

bool subscription_work::pauses_for_long(instant now) const noexcept {
  return batches_.paused() && now - batches_.paused()->since >= config_.give_back_after;
}

intake::step subscription_work::next_intake(instant now) {
  if (draining_)
    return intake_.takes_turns() ? intake::step::nothing : intake_.next_of_end();
  if (first_ends())
    return intake_.end_first();
  batches_.wake(now);
  const auto& ledger = in_hand().ledger();
  const bool idle =
    ledger.unsettled() == ledger.parked() + in_hand().refused_ones.size() && ledger.wants_more() && batches_.credit(1) > 0;
  return intake_.next(idle, now);
}

// When this consumer is cancelled the next one becomes active and would overtake the unsettled deliveries: so they are
// handled before, and not acknowledged, which would bring more. If the broker has sent less than the prefetch, messages may
// be in flight, which a cancelled consumer receives, or returns behind the others. A closed channel returns them in their
// order.
intake::step subscription_work::next_of_end() {
  if (!draining_ || !intake_.takes_turns() || under_way() || about_to_go_on())
    return intake::step::nothing;
  const std::size_t most = intake_.pulls() ? 1 : config_.prefetch;
  if (unsettled() == 0 && in_hand().acks.waiting() >= most)
    return intake_.next_of_end();
  if (!intake_.cancelling())
    intake_.closes();
  return intake::step::nothing;
}

// A delivery whose dead letter is refused stays unsettled and must hold up only its key. While the handler pauses, one
// unsettled delivery is enough.
bool subscription_work::first_ends() const noexcept {
  if (unsettled() > 0)
    return intake_.tastes() && unsettled() == in_hand().refused_ones.size();
  return intake_.first_may_end() && in_hand().acks.waiting() > 0 && !batches_.paused();
}

bool subscription_work::withholds_acks() const noexcept {
  return intake_.takes_turns() && (first_ends() || intake_.cancelling() || (draining_ && intake_.expects()));
}

void subscription_work::arrived(arrival delivered, instant now) {
  using times = policies::earlier_lives::delivered;
  auto& content = delivered.content;
  const auto tag = static_cast<std::int64_t>(delivered.tag);
  if (delivered.redelivered)
    metrics_.redelivered.add();
  auto name = known_by(content);
  std::optional<policies::past_life> noted;
  if (const auto& note = delivered.note)
    noted = {note->count, false, note->first_failure, {}};
  const auto life =
    earlier_.recall(name, delivered.delivery_count, delivered.redelivered ? times::again : times::first, noted);
  if (content.id.empty()) // nothing would distinguish it from another one
    content.id = config_.from.name + '-' + random_uuid(random_);
  const auto history = delivered.redelivered ? intake::past::delivered_before : intake::past::fresh;
  if (delivered.how == arrival::manner::pulled)
    intake_.pulled(history, delivered.left, now);
  else
    intake_.pushed(history);
  if (ready_ && *ready_ > 0)
    --*ready_;
  auto& ledger = in_hand().ledger();
  if (life.suspect)
    ledger.suspect_until(tag + 1);
  in_hand().acks.arrived(delivered.tag);
  if (!ledger.fetched(tag, content.key, life.count.attempts, now, life.count.answered))
    return; // the broker numbers in rising order
  if (content.published_at)
    in_hand().published(tag, *content.published_at);
  in_hand().items.append(tag,
                         {std::move(content), delivered.delivery_count, life.first_failure, std::move(name), std::nullopt});
  if (life.due && *life.due > now) { // the lost session has not ended its delay
    ledger.park(tag, *life.due);
    if (ledger.is_parked(tag))
      park(tag, now, *life.due);
  }
  show_unsettled();
}

bool subscription_work::gives_back(instant now) const noexcept {
  return pauses_for_long(now) && !intake_.pulls() && !draining_ && !under_way();
}

std::vector<letter_order> subscription_work::next_letters(instant now, timestamp civil_now) {
  return connected_ ? inbound::subscription_work::next_letters(now, civil_now) : std::vector<letter_order>{};
}

std::vector<delay_order> subscription_work::next_delays(instant now, timestamp civil_now) {
  if (!connected_ || (no_delay_before_ && now < *no_delay_before_))
    return {};
  no_delay_before_.reset();
  std::vector<delay_order> result;
  for (const auto& [ticket, which] : begin_moves()) {
    auto letter = letter_for(which, now, civil_now);
    const auto count = in_hand().ledger().count_of(which.offset);
    const auto delay = policies::redelivery_delay(config_.redelivery, count).value_or(duration::zero());
    result.push_back(
      {ticket, std::move(letter.content), delay_queue(config_.from, delay).name, retry_note{count, letter.first_failure}});
  }
  return result;
}

void subscription_work::move_ended(const delivery_position& which, const expected<void>& outcome, instant now) {
  if (outcome.has_value())
    return metrics_.delayed.add();
  to_be_moved_.push_back(which); // it waits here
  no_delay_before_ = now + delay_again_after;
}

std::vector<ack> subscription_work::next_acks(ack_batch::pressing why, instant now) {
  if (why == ack_batch::pressing::due && withholds_acks())
    return {};
  return in_hand().acks.next(intake_.pulls() ? ack_batch::pressing::now : why, now);
}

std::size_t subscription_work::may_park() const noexcept {
  return intake_.pulls() || draining_ ? 0 : config_.prefetch / 2;
}

void subscription_work::parked(const delivery_position& which, instant now) {
  const auto delay = policies::redelivery_delay(config_.redelivery, in_hand().ledger().count_of(which.offset));
  park(which.offset, now, now + delay.value_or(duration::zero()));
}

void subscription_work::park(std::int64_t tag, instant now, instant due) {
  in_hand().items.find(tag)->due = due;
  const auto held = in_hand().ledger().parked();
  if (due - now > config_.hold_at_most || held - std::min(held, moves()) > may_park())
    to_be_moved_.push_back(position_at(0, tag));
}

void subscription_work::changed(instant /*now*/) {
  show_unsettled();
}

std::optional<hand_out> subscription_work::next_hand_out(instant now) {
  if (intake_.waits_for_company(now))
    return std::nullopt;
  form_batches(now);
  release_formed(); // the broker itself counts its deliveries
  return hand_out_next();
}

void subscription_work::lost(instant now) {
  connected_ = false;
  intake_.lost();
  take_back_all(now);
}

void subscription_work::drain() {
  draining_ = true;
  in_hand().items.for_each([this](std::int64_t tag, const item& /*one*/) {
    if (in_hand().ledger().is_parked(tag))
      to_be_moved_.push_back(position_at(0, tag));
  });
}

bool subscription_work::under_way() const noexcept {
  return in_hand().ledger().in_flight() > 0 || (connected_ && (!to_be_letters_.empty() || publishing(0)));
}

// The handler is away for a moment, or has not answered the batches of an earlier session.
bool subscription_work::about_to_go_on() const noexcept {
  const auto& ledger = in_hand().ledger();
  return connected_ && ledger.unsettled() > ledger.parked() && (ledger.quiet() || !batches_.room(config_.batches_in_flight));
}

std::optional<instant> subscription_work::next_due(instant now) const noexcept {
  policies::earliest due{now};
  consider_due(due);
  if (!withholds_acks())
    due.consider(in_hand().acks.due());
  due.consider(intake_.due());
  due.consider(no_delay_before_);
  if (batches_.paused())
    due.consider(batches_.paused()->since + config_.give_back_after);
  return due.found();
}

} // namespace troupe::amqp
