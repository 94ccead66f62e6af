#include <troupe/bridges/amqp/sender.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/amqp/letter.hpp>

namespace troupe::amqp {

namespace {

constexpr unsigned tolerated_refusals = 3; // while a new queue elects its leader
constexpr std::size_t listen_after = 50;   // messages written, so that no confirm waits for the whole burst
// RabbitMQ 3.10 may stop reading from a session permanently when a quorum queue to which it publishes is deleted: the
// connection stays in the state `flow` while heartbeats continue. The channel probably waits for credit of the deleted
// queue. 20 s is a choice, not a measured bound: with a broker that is only slower, unconfirmed messages end as
// `outcome_unknown`.
constexpr auto longest_silence = std::chrono::seconds{20};
constexpr auto long_write = std::chrono::seconds{1}; // of a large message, which the broker is reading
constexpr std::size_t room_when_writable = 16'384;   // bytes: a third of the smallest socket buffer, rounded down

// Sends a dead letter whose facts do not fit beside its headers with fewer of them, or with none.
expected<void> publish_shortened(session& on, const std::string& to, const message& letter) {
  auto done = expected<void>{failure{errc::rejected, {}}};
  for (const auto how : {shortening::of_the_reason, shortening::of_all_facts}) {
    const auto less = shortened(letter, how);
    done = on.publish({}, to, less, encode_headers(less), publication::aside);
    if (done.has_value() || done.error().code != errc::rejected)
      return done;
  }
  return on.publish({}, to, letter, {}, publication::again);
}

// About the number of bytes on the wire.
std::size_t size_of(const message& content) noexcept {
  constexpr std::size_t frames = 256;
  std::size_t result = frames + content.id.size() + content.payload.size();
  for (const auto& each : content.headers)
    result += each.name.size() + each.value.size();
  return result;
}

} // namespace

sender::sender(const spawn_context& context, connection to, sender_config config, std::shared_ptr<sender_link> link)
  : config_(std::move(config)),
    link_(std::move(link)),
    watch_(context, to.state, "the broker", config_.exchange.empty() ? config_.routing_key : config_.exchange),
    dialer_(std::move(to), link_->line, watch_) {}

sender::~sender() = default;

void sender::run() noexcept {
  pthread_setname_np(pthread_self(), "troupe-amqp-out");
  while (!link_->abandoned()) {
    take_orders();
    if (!session_)
      connect();
    if (session_)
      listen();
    if (session_)
      send();
    if (confirms_nothing())
      lost({errc::unavailable, "the broker has confirmed nothing for 20 s"});
    give_up_late_ones();
    rest();
  }
}

void sender::connect() {
  session_ = dialer_.dial([this](session& on) -> expected<void> {
    if (auto fine = prepare(on, config_.queues, config_.how); fine.has_error())
      return fine;
    return on.confirm_publishes();
  });
  blocked_ = false;
  proven_ = false;
}

bool sender::may_send() const noexcept {
  return !blocked_ && !waiting_.empty() && sent_.size() < (proven_ ? config_.window : 1) && steady_now() >= not_before_;
}

void sender::take_orders() {
  for (auto& each : link_->take_orders()) {
    for (std::size_t i = 0; i < each->messages().size(); ++i)
      waiting_.push_back({each, i});
    by_limit_.emplace(each->given_up_at(), each);
  }
}

void sender::listen() {
  for (;;) {
    auto event = session_->next();
    if (event.has_error())
      return lost(event.error());
    if (!*event)
      return;
    std::visit([this](const auto& one) { happened(one); }, **event);
  }
}

void sender::send() {
  if (!may_send())
    return;
  session_->hold_back();
  send_burst();
  if (session_)
    session_->let_go();
}

// Nothing is written while the socket accepts no more, so that this thread keeps reading.
void sender::send_burst() {
  std::size_t written = 0;
  std::size_t room = 0;
  while (session_ && may_send()) {
    const auto size = size_of(waiting_.front().content());
    if (room < size) {
      if (!session_->writable())
        return;
      room = std::max(size, room_when_writable);
    }
    room -= size;
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.of->settled(next.index))
      continue; // it was given up
    const auto began = steady_now();
    const auto refused = largest_.refusal(next.content().payload.size(), began);
    const auto done = refused ? expected<void>{*refused} : send(next);
    if (done.has_error() && done.error().code == errc::rejected) {
      settle(next, done.error());
      continue;
    }
    if (sent_.size() == 0 || steady_now() - began >= long_write)
      progress_at_ = steady_now();
    sent_.sent(next);
    if (done.has_error())
      return lost(done.error());
    if (++written % listen_after == 0)
      listen();
  }
}

expected<void> sender::send(const ticket& one) {
  const auto& content = one.content();
  const auto& elsewhere = one.of->elsewhere();
  const auto& to = elsewhere ? elsewhere->address : config_.routing_key;
  auto headers = encode_headers(content);
  if (elsewhere)
    headers.insert(headers.end(), elsewhere->added.begin(), elsewhere->added.end());
  const auto as = elsewhere ? publication::aside : config_.as;
  auto done = session_->publish(config_.exchange, to, content, headers, as);
  if (as == publication::aside && !elsewhere && done.has_error() && done.error().code == errc::rejected)
    done = publish_shortened(*session_, to, content);
  return done;
}

void sender::happened(const confirm& confirmed) {
  progress_at_ = steady_now();
  std::optional<failure> refused;
  if (!confirmed.accepted)
    refused = failure{errc::throttled, "the broker refused the message: its queue is full or has failed"};
  sent_.confirmed(confirmed.number, confirmed.how, refused, [&](const ticket& one, failure outcome) {
    if (refused && !proven_)
      return refused_at_first(one, outcome);
    settle(one, std::move(outcome));
  });
  if (refused || proven_)
    return;
  proven_ = true;
  refusals_.reset();
  dialer_.proven();
  watch_.work_succeeds();
}

void sender::refused_at_first(const ticket& one, const failure& why) {
  waiting_.push_front(one);
  not_before_ = steady_now() + refusals_.next(steady_now());
  if (refusals_.failures() > tolerated_refusals)
    watch_.work_fails(why);
}

// The broker returns the message without its number. Of two that are the same in what this compares, either may be meant.
void sender::happened(const returned_message& returned) {
  const auto same = [&returned](const ticket& one) {
    const auto& sent = one.content();
    return sent.id == returned.content.id && sent.payload == returned.content.payload;
  };
  sent_.returned(same, returned.why);
}

void sender::happened(const publishing_blocked& blocked) {
  blocked_ = true;
  watch_.work_fails({errc::throttled, "the broker blocks publishers: " + blocked.why});
}

void sender::happened(const publishing_unblocked& /*unblocked*/) {
  blocked_ = false;
  progress_at_ = steady_now();
  watch_.work_succeeds();
}

void sender::lost(const failure& why) {
  session_.reset();
  const auto now = steady_now();
  largest_.learn(why, now);
  sent_.lost([&](const ticket& one) {
    auto refused = largest_.refusal(one.content().payload.size(), now);
    settle(one, refused ? *std::move(refused)
                        : failure{errc::outcome_unknown, "the session was lost before the confirm: " + why.reason});
  });
  if (!link_->abandoned())
    dialer_.lost(why);
}

void sender::settle(const ticket& one, failure outcome) {
  const auto complete = one.of->complete();
  one.of->settle(one.index, std::move(outcome));
  if (complete || !one.of->complete())
    return;
  by_limit_.erase({one.of->given_up_at(), one.of});
  link_->report(one.of);
}

// A message that was not sent certainly did not arrive.
void sender::give_up_late_ones() {
  if (by_limit_.empty() || by_limit_.begin()->first > steady_now())
    return;
  const auto why = watch_.trouble().value_or(failure{errc::unavailable, "the message could not be sent in time"});
  const auto late = [](const ticket& one) { return one.of->given_up_at() <= steady_now(); };
  for (const auto& each : waiting_)
    if (late(each))
      settle(each, why);
  std::erase_if(waiting_, [](const ticket& one) { return one.of->settled(one.index); });
  while (!by_limit_.empty() && by_limit_.begin()->first <= steady_now()) {
    const auto one = by_limit_.begin()->second; // its other messages were sent
    for (std::size_t i = 0; i < one->messages().size(); ++i)
      settle({one, i}, {errc::outcome_unknown, "the broker has not confirmed the message in time"});
  }
}

// A broker that blocks publishers reports when it stops.
bool sender::confirms_nothing() const noexcept {
  return session_ && !blocked_ && sent_.size() > 0 && steady_now() - progress_at_ >= longest_silence;
}

void sender::rest() {
  auto until = by_limit_.empty() ? instant::max() : by_limit_.begin()->first;
  if (!session_)
    return link_->bell.wait(std::min(until, std::max(dialer_.next_attempt(), steady_now())), {});
  if (not_before_ > steady_now())
    until = std::min(until, not_before_);
  const bool held_up = may_send();
  link_->bell.wait(until, {session_->socket(), static_cast<short>(held_up ? POLLIN | POLLOUT : POLLIN)});
}

} // namespace troupe::amqp
