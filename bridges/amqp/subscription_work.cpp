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
  : config_(std::move(config)),
    service_(std::move(service)),
    metrics_(metrics),
    random_(std::move(random)),
    in_hand_(std::make_unique<session_deliveries>(config_)) {}

void subscription_work::begun(instant now) {
  lost(now);
  in_hand_->items.for_each([this](std::int64_t tag, const item& each) {
    earlier_.given_back(each, in_hand_->ledger.count_of(tag), each.first_failure);
  });
  ++sessions_;
  in_hand_ = std::make_unique<session_deliveries>(config_);
  to_be_letters_.clear();
  to_be_delayed_.clear();
  const bool long_pause = paused_since_ && now - *paused_since_ >= config_.give_back_after;
  connected_ = true;
  intake_.begun(long_pause ? intake::mood::cautious : intake::mood::ready);
  metrics_.sessions.add();
  metrics_.unsettled.set(0);
}

intake::step subscription_work::next_intake(instant now) {
  if (draining_)
    return intake_.takes_turns() ? intake::step::nothing : intake_.next_of_end();
  if (first_ends())
    return intake_.end_first();
  batches_.wake(now);
  const auto& ledger = in_hand_->ledger;
  const bool idle =
    ledger.unsettled() == ledger.parked() + in_hand_->refused.size() && ledger.wants_more() && batches_.credit(1) > 0;
  return intake_.next(idle, now);
}

// The next consumer becomes the active one when this one is cancelled, and what is in hand would be overtaken: so that is
// handled before, without an acknowledgement, which would bring more. Where the broker has sent less than it may, something
// can be on its way, which a cancelled consumer gets or gives back behind the others; a channel that is closed gives it back
// in its order.
intake::step subscription_work::next_of_end() {
  if (!draining_ || !intake_.takes_turns() || under_way() || about_to_go_on())
    return intake::step::nothing;
  const std::size_t most = intake_.pulls() ? 1 : config_.prefetch;
  if (in_hand_->ledger.unsettled() == 0 && in_hand_->acks.waiting() >= most)
    return intake_.next_of_end();
  if (!intake_.cancelling())
    intake_.closes();
  return intake::step::nothing;
}

// What the queue of dead letters does not take stays in hand, and must hold up nothing but its key. While the handler
// pauses, one in hand is enough.
bool subscription_work::first_ends() const noexcept {
  const auto& hand = *in_hand_;
  if (hand.ledger.unsettled() > 0)
    return intake_.tastes() && hand.ledger.unsettled() == hand.refused.size();
  return intake_.first_may_end() && hand.acks.waiting() > 0 && !paused_since_;
}

bool subscription_work::withholds_acks() const noexcept {
  return intake_.takes_turns() && (first_ends() || intake_.cancelling() || (draining_ && intake_.expects()));
}

void subscription_work::arrived(arrival what, instant now) {
  const auto tag = static_cast<std::int64_t>(what.tag);
  if (what.redelivered)
    metrics_.redelivered.add();
  auto name = known_by(what.what.content);
  const auto life = earlier_.recall(name, what.what, what.redelivered);
  if (what.what.content.id.empty()) // nothing would tell it from another one
    what.what.content.id = config_.from.name + '-' + random_uuid(random_);
  if (what.how == arrival::manner::pulled)
    intake_.pulled(what.redelivered ? intake::past::delivered_before : intake::past::fresh, what.left, now);
  else
    intake_.pushed(what.redelivered ? intake::past::delivered_before : intake::past::fresh);
  auto& ledger = in_hand_->ledger;
  if (life.suspect)
    ledger.suspect_until(tag + 1);
  in_hand_->acks.arrived(what.tag);
  if (!ledger.fetched(tag, what.what.content.key, life.count.attempts, now, life.count.answered))
    return; // the broker numbers in rising order
  in_hand_->items.append(
    tag, {std::move(what.what.content), what.what.delivery_count, life.first_failure, std::move(name), std::nullopt});
  if (life.due && *life.due > now) { // the session that was lost has not ended its delay
    ledger.park(tag, *life.due);
    if (ledger.is_parked(tag))
      park(tag, now, *life.due);
  }
  metrics_.unsettled.set(static_cast<double>(ledger.unsettled()));
}

bool subscription_work::gives_back(instant now) const noexcept {
  return paused_since_ && now - *paused_since_ >= config_.give_back_after && !intake_.pulls() && !draining_ && !under_way();
}

std::vector<letter_order> subscription_work::next_letters(instant now, timestamp civil_now) {
  if (!connected_)
    return {};
  for (const auto tag : in_hand_->ledger.condemned(now))
    to_be_letters_.push_back(tag);
  std::vector<letter_order> result;
  for (const auto tag : std::exchange(to_be_letters_, {})) {
    result.push_back(letter_for(tag, now, civil_now));
    letters_.emplace(last_ticket_, place{sessions_, tag});
  }
  return result;
}

letter_order subscription_work::letter_for(std::int64_t tag, instant now, timestamp civil_now) {
  const auto& ledger = in_hand_->ledger;
  const auto& what = *in_hand_->items.find(tag);
  const auto& record = ledger.failures(tag);
  const auto civil = [&](const std::optional<instant>& when) {
    return when ? policies::civil_time(*when, now, civil_now) : civil_now;
  };
  return {++last_ticket_,
          {what.content, origin{config_.from.name, 0, tag}, record.why, ledger.attempts(tag),
           what.first_failure ? *what.first_failure : civil(record.first), civil(record.last), service_}};
}

void subscription_work::letter_published(std::uint64_t ticket, const expected<void>& outcome, instant now) {
  const auto found = letters_.extract(ticket);
  if (!found)
    return;
  if (!current(found.mapped())) {
    metrics_.stale.add();
    return;
  }
  const auto tag = found.mapped().tag;
  auto& ledger = in_hand_->ledger;
  if (outcome.has_error() && outcome.error().code == errc::rejected) { // the others need not wait for it
    ledger.dead_letter_refused(tag, outcome.error(), now);
    in_hand_->refused.insert(tag);
    return;
  }
  if (outcome.has_error()) {
    ledger.dead_letter_failed(tag, outcome.error(), now);
    return;
  }
  metrics_.dead_lettered(ledger.failures(tag).why.code);
  ledger.dead_letter_acknowledged(tag);
  settle(tag, now);
}

std::vector<delay_order> subscription_work::next_delays(instant now, timestamp civil_now) {
  if (!connected_ || (no_delay_before_ && now < *no_delay_before_))
    return {};
  no_delay_before_.reset();
  std::vector<delay_order> result;
  auto& ledger = in_hand_->ledger;
  for (const auto tag : std::exchange(to_be_delayed_, {})) {
    const auto* const what = in_hand_->items.find(tag);
    if (what == nullptr || !ledger.move_begins(tag))
      continue; // its time came first
    const auto count = ledger.count_of(tag);
    const auto delay = policies::redelivery_delay(config_.redelivery, count);
    const auto& first = ledger.failures(tag).first;
    const auto failed = what->first_failure ? *what->first_failure
                        : first             ? policies::civil_time(*first, now, civil_now)
                                            : civil_now;
    result.push_back({++last_ticket_, what->content, delay_queue(config_.from, delay.value_or(duration::zero())).name,
                      retry_note{count, failed}});
    delays_.emplace(last_ticket_, place{sessions_, tag});
  }
  return result;
}

void subscription_work::delay_published(std::uint64_t ticket, const expected<void>& outcome, instant now) {
  const auto found = delays_.extract(ticket);
  if (!found)
    return;
  const auto tag = found.mapped().tag;
  if (!current(found.mapped())) {
    metrics_.stale.add();
    return;
  }
  if (outcome.has_error()) { // it waits here
    in_hand_->ledger.move_failed(tag, outcome.error(), now);
    to_be_delayed_.push_back(tag);
    no_delay_before_ = now + delay_again_after;
    return;
  }
  if (in_hand_->ledger.moved(tag) == policies::settlement::settled) {
    metrics_.delayed.add();
    settle(tag, now);
  }
}

std::vector<ack> subscription_work::next_acks(ack_batch::pressing why, instant now) {
  if (why == ack_batch::pressing::due && withholds_acks())
    return {};
  return in_hand_->acks.next(intake_.pulls() ? ack_batch::pressing::now : why, now);
}

void subscription_work::settle(std::int64_t tag, instant now) {
  in_hand_->items.erase(tag);
  in_hand_->refused.erase(tag);
  in_hand_->acks.settled(static_cast<std::uint64_t>(tag), now);
  metrics_.settled.add();
  metrics_.unsettled.set(static_cast<double>(in_hand_->ledger.unsettled()));
}

std::size_t subscription_work::may_park() const noexcept {
  return intake_.pulls() || draining_ ? 0 : config_.prefetch / 2;
}

void subscription_work::park(std::int64_t tag, instant now, instant due) {
  in_hand_->items.find(tag)->due = due;
  if (due - now > config_.hold_at_most
      || in_hand_->ledger.parked() - std::min(in_hand_->ledger.parked(), to_be_delayed_.size() + delays_.size())
           > may_park())
    to_be_delayed_.push_back(tag);
}

void subscription_work::form_batches(instant now) {
  batches_.wake(now);
  while (batches_.room(config_.batches_in_flight)) {
    const auto tags = in_hand_->ledger.take(batches_.credit(config_.batch), now);
    if (tags.empty())
      return;
    form(tags);
  }
  static_cast<void>(in_hand_->ledger.take(0, now)); // tells it the time
}

void subscription_work::form(const std::vector<std::int64_t>& tags) {
  std::vector<place> items;
  items.reserve(tags.size());
  for (const auto tag : tags)
    items.push_back({sessions_, tag});
  batches_.form(std::move(items), in_hand_->ledger.suspect_in_flight() ? company::alone : company::any);
}

std::optional<hand_out> subscription_work::next_hand_out(instant now) {
  if (intake_.waits_for_company(now))
    return std::nullopt;
  form_batches(now);
  auto next = batches_.hand_out();
  if (!next)
    return std::nullopt;
  const auto& [number, chosen] = *next;
  hand_out out{number, {}};
  out.what.batch.reserve(chosen.items.size());
  for (const auto& each : chosen.items)
    out.what.batch.push_back({origin{config_.from.name, 0, each.tag}, in_hand_->items.find(each.tag)->content,
                              in_hand_->ledger.attempts(each.tag)});
  metrics_.batches.add();
  metrics_.delivered.add(static_cast<double>(chosen.items.size()));
  return out;
}

void subscription_work::reply_to(std::uint64_t number, const place& to, const reply& what, instant now) {
  batches_.came_back(number);
  if (what.what == verdict::done) {
    batches_.done(number);
    paused_since_.reset();
    intake_.ready();
  }
  if (!current(to)) {
    metrics_.stale.add();
    return;
  }
  switch (in_hand_->ledger.replied(to.tag, what, now)) {
    case policies::settlement::settled:
      settle(to.tag, now);
      break;
    case policies::settlement::parked: {
      const auto delay = policies::redelivery_delay(config_.redelivery, in_hand_->ledger.count_of(to.tag));
      metrics_.retried.add();
      park(to.tag, now, now + delay.value_or(duration::zero()));
      break;
    }
    case policies::settlement::dead_letter:
      to_be_letters_.push_back(to.tag);
      break;
    case policies::settlement::released:
      break;
    case policies::settlement::stale:
      metrics_.stale.add();
      break;
  }
}

void subscription_work::answered(std::uint64_t number, const replies& what, instant now) {
  const auto how = batches_.fits(number, what);
  if (how == fit::unknown)
    return metrics_.stale.add(static_cast<double>(what.each.size()));
  if (how == fit::mismatched)
    return gone(number, errc::actor_failed, now);
  const auto items = batches_.take(number);
  for (std::size_t i = 0; i < items.size(); ++i)
    reply_to(number, items[i], what.each[i], now);
  batches_.hold(now, what, [&](std::uint64_t of, const place& one) { reply_to(of, one, {verdict::untouched}, now); });
  if (what.pause && !paused_since_)
    paused_since_ = now;
}

void subscription_work::gone(std::uint64_t number, errc why, instant now) {
  std::vector<std::int64_t> tags;
  for (const auto& each : batches_.take(number)) {
    batches_.came_back(number);
    if (current(each))
      tags.push_back(each.tag);
  }
  in_hand_->ledger.handler_gone(tags, now, why);
}

void subscription_work::lost(instant now) {
  connected_ = false;
  intake_.lost();
  batches_.take_back([](const place&) { return true; },
                     [&](std::uint64_t number, const place& one) { reply_to(number, one, {verdict::untouched}, now); });
}

void subscription_work::drain() {
  draining_ = true;
  in_hand_->items.for_each([this](std::int64_t tag, const item& /*what*/) {
    if (in_hand_->ledger.is_parked(tag))
      to_be_delayed_.push_back(tag);
  });
}

bool subscription_work::under_way() const noexcept {
  const auto ours = [this](const auto& each) { return current(each.second); };
  return in_hand_->ledger.in_flight() > 0
         || (connected_
             && (!to_be_letters_.empty() || std::any_of(letters_.begin(), letters_.end(), ours)
                 || std::any_of(delays_.begin(), delays_.end(), ours)));
}

// The handler is away for a moment, or has not answered yet what an earlier session brought.
bool subscription_work::about_to_go_on() const noexcept {
  const auto& ledger = in_hand_->ledger;
  return connected_ && ledger.unsettled() > ledger.parked() && (ledger.quiet() || !batches_.room(config_.batches_in_flight));
}

stall_list subscription_work::stalls() const {
  auto result = in_hand_->ledger.stalls();
  if (batches_.paused())
    note(result, *batches_.paused());
  return result;
}

std::optional<instant> subscription_work::next_due(instant now) const noexcept {
  policies::earliest due{now};
  due.consider(batches_.due());
  due.consider(in_hand_->ledger.next_due());
  if (!withholds_acks())
    due.consider(in_hand_->acks.due());
  due.consider(intake_.due());
  due.consider(no_delay_before_);
  if (paused_since_)
    due.consider(*paused_since_ + config_.give_back_after);
  return due.found();
}

} // namespace troupe::amqp
