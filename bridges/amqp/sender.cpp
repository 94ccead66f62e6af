#include <troupe/bridges/amqp/sender.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/amqp/letter.hpp>

namespace troupe::amqp {

namespace {

constexpr auto longest_rest = std::chrono::milliseconds{100}; // so that the signs of life are given
constexpr unsigned tolerated_refusals = 3;                    // while a new queue finds its leader
constexpr std::size_t listen_after = 50;                      // messages written, so that no confirm waits for all of them
constexpr auto largest_holds = std::chrono::minutes{1};
// RabbitMQ 3.10 may stop reading from a session for good when a quorum queue is deleted to which it publishes: the
// connection stays in its state `flow` while signs of life go on. The channel probably waits for credit of the deleted
// queue. 20 s is a choice, not a bound that was measured: with a broker that is only slower, what it has not confirmed ends
// as `outcome_unknown`.
constexpr auto longest_silence = std::chrono::seconds{20};
constexpr auto long_write = std::chrono::seconds{1}; // of a large message, which the broker reads meanwhile
constexpr std::size_t room_when_writable = 16'384;   // bytes: a third of the smallest socket's buffer, rounded down

// Sends a dead letter whose facts find no room beside its headers with fewer of them, or with none.
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

// About as many bytes as it takes on the wire.
std::size_t size_of(const message& what) noexcept {
  constexpr std::size_t frames = 256;
  std::size_t result = frames + what.id.size() + what.payload.size();
  for (const auto& each : what.headers)
    result += each.name.size() + each.value.size();
  return result;
}

} // namespace

sender::sender(const spawn_context& context, connection to, sending what, std::shared_ptr<sender_link> link)
  : what_(std::move(what)),
    link_(std::move(link)),
    watch_(context, to.state, "the broker", what_.exchange.empty() ? what_.routing_key : what_.exchange),
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
    if (auto fine = prepare(on, what_.queues, what_.how); fine.has_error())
      return fine;
    return on.confirm_publishes();
  });
  blocked_ = false;
  proven_ = false;
}

bool sender::may_send() const noexcept {
  return !blocked_ && !waiting_.empty() && sent_.size() < (proven_ ? what_.window : 1) && steady_now() >= not_before_;
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
    std::visit([this](const auto& what) { happened(what); }, **event);
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

// While the socket takes no more, nothing is written, so that what the broker says is heard.
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
      continue; // its time was over
    const auto refused = too_large(next.content());
    const auto began = steady_now();
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

expected<void> sender::send(const ticket& what) {
  const auto& content = what.content();
  const auto& elsewhere = what.of->elsewhere();
  const auto& to = elsewhere ? elsewhere->address : what_.routing_key;
  auto headers = encode_headers(content);
  if (elsewhere)
    headers.insert(headers.end(), elsewhere->added.begin(), elsewhere->added.end());
  const auto as = elsewhere ? publication::aside : what_.as;
  auto done = session_->publish(what_.exchange, to, content, headers, as);
  if (as == publication::aside && !elsewhere && done.has_error() && done.error().code == errc::rejected)
    done = publish_shortened(*session_, to, content);
  return done;
}

std::optional<failure> sender::too_large(const message& what) const {
  if (!largest_ || what.payload.size() <= largest_->most || steady_now() >= largest_until_)
    return std::nullopt;
  return failure{errc::rejected, largest_->words};
}

void sender::happened(const confirm& what) {
  progress_at_ = steady_now();
  std::optional<failure> refused;
  if (!what.taken)
    refused = failure{errc::throttled, "the broker refused the message: its queue is full, or failed"};
  sent_.confirmed(what.number, what.how, refused, [&](const ticket& one, failure outcome) {
    if (!what.taken && !proven_)
      return refused_at_first(one, outcome);
    settle(one, std::move(outcome));
  });
  if (!what.taken || proven_)
    return;
  proven_ = true;
  refusals_.reset();
  dialer_.proven();
  watch_.work_succeeds();
}

void sender::refused_at_first(const ticket& what, const failure& why) {
  waiting_.push_front(what);
  not_before_ = steady_now() + refusals_.next(steady_now());
  if (refusals_.failures() > tolerated_refusals)
    watch_.work_fails(why);
}

// The broker tells the message and not its number. Of two that are the same in all this compares, either may be meant.
void sender::happened(const returned_message& what) {
  const auto same = [&what](const ticket& one) {
    const auto& sent = one.content();
    return sent.id == what.what.id && sent.payload == what.what.payload;
  };
  sent_.returned(same, what.why);
}

void sender::happened(const publishing_blocked& what) {
  blocked_ = true;
  watch_.work_fails({errc::throttled, "the broker blocks whoever publishes: " + what.why});
}

void sender::happened(const publishing_unblocked& /*what*/) {
  blocked_ = false;
  progress_at_ = steady_now();
  watch_.work_succeeds();
}

void sender::lost(const failure& why) {
  session_.reset();
  if (auto refused = refusal_of_size(why)) {
    largest_ = std::move(refused);
    largest_until_ = steady_now() + largest_holds;
  }
  sent_.lost([&](const ticket& one) {
    auto refused = too_large(one.content());
    settle(one, refused ? *std::move(refused)
                        : failure{errc::outcome_unknown, "the session was lost before the confirm: " + why.reason});
  });
  if (!link_->abandoned())
    dialer_.lost(why);
}

void sender::settle(const ticket& what, failure outcome) {
  const auto complete = what.of->complete();
  what.of->settle(what.index, std::move(outcome));
  if (complete || !what.of->complete())
    return;
  by_limit_.erase({what.of->given_up_at(), what.of});
  link_->report(what.of);
}

// A message that has not left certainly did not arrive.
void sender::give_up_late_ones() {
  if (by_limit_.empty() || by_limit_.begin()->first > steady_now())
    return;
  const auto why = watch_.trouble().value_or(failure{errc::unavailable, "it could not be sent in time"});
  const auto late = [](const ticket& one) { return one.of->given_up_at() <= steady_now(); };
  for (const auto& each : waiting_)
    if (late(each))
      settle(each, why);
  std::erase_if(waiting_, [](const ticket& one) { return one.of->settled(one.index); });
  while (!by_limit_.empty() && by_limit_.begin()->first <= steady_now()) {
    const auto one = by_limit_.begin()->second; // what is left of it was sent
    for (std::size_t i = 0; i < one->messages().size(); ++i)
      settle({one, i}, {errc::outcome_unknown, "the broker has not confirmed it in time"});
  }
}

// A broker that blocks publishers says when it goes on.
bool sender::confirms_nothing() const noexcept {
  return session_ && !blocked_ && sent_.size() > 0 && steady_now() - progress_at_ >= longest_silence;
}

void sender::rest() {
  auto until = steady_now() + longest_rest;
  if (!by_limit_.empty())
    until = std::min(until, by_limit_.begin()->first);
  if (!session_)
    return link_->bell.wait(std::min(until, std::max(dialer_.next_attempt(), steady_now())), {});
  if (not_before_ > steady_now())
    until = std::min(until, not_before_);
  const bool held_up = may_send();
  link_->bell.wait(until, {session_->socket(), static_cast<short>(held_up ? POLLIN | POLLOUT : POLLIN)});
}

} // namespace troupe::amqp
