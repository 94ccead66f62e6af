#include <troupe/bridges/amqp/consumer.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

namespace troupe::amqp {

namespace {

constexpr std::size_t events_at_once = 500;
constexpr std::chrono::seconds between_looks{5};
constexpr const char* of_first = ".first"; // suffix of the tag of the first of two consumers

} // namespace

consumer::consumer(const spawn_context& context, connection to, subscription config, std::shared_ptr<consumer_link> link)
  : config_(std::move(config)),
    tag_(config_.consumer_tag.empty() ? context.service() : config_.consumer_tag),
    link_(std::move(link)),
    metrics_(context, config_.from.name),
    work_(config_, context.service(), metrics_, system_random()),
    stalls_(context, config_.from.name),
    watch_(context, to.state, "the broker", config_.from.name),
    dialer_(std::move(to), link_->line, watch_) {}

consumer::~consumer() = default;

void consumer::run() noexcept {
  pthread_setname_np(pthread_self(), "troupe-amqp-in");
  try {
    while (!finished()) {
      take_orders();
      if (!session_ && !drain_by_)
        connect();
      if (session_)
        listen();
      act();
      if (!finished())
        rest();
    }
    const auto unfinished = work_.unfinished();
    close();
    if (drain_by_)
      link_->report(inbound::drain_over{unfinished});
  } catch (const std::exception& thrown) {
    link_->report(thread_failed{{errc::internal, thrown.what()}});
  }
}

bool consumer::finished() const {
  return link_->abandoned() || (drain_by_ && (work_.settled_down() || steady_now() >= *drain_by_));
}

void consumer::connect() {
  session_ = dialer_.dial(
    [this](session& on) { return prepare(on, queues_around(config_.from, config_.redelivery.delays), config_.queues); });
  if (!session_)
    return;
  work_.begun(steady_now());
  next_look_ = steady_now();
}

void consumer::take_orders() {
  for (auto& each : link_->take_orders())
    std::visit([this](const auto& order) { happened(order); }, each);
}

void consumer::happened(const inbound::begin_drain& request) {
  drain_by_ = request.by;
  work_.drain();
  fetch(); // consuming ends before any acknowledgement, for which the broker would send more
}

void consumer::listen() {
  for (std::size_t count = 0; session_ && count < events_at_once; ++count) {
    auto event = session_->next();
    if (event.has_error())
      return lost(event.error());
    if (!*event)
      return;
    std::visit([this](auto& one) { heard(one); }, **event);
  }
}

void consumer::heard(arrival& delivered) {
  dialer_.proven();
  work_.arrived(std::move(delivered), steady_now());
}

void consumer::heard(nothing_there& /*none*/) {
  dialer_.proven();
  work_.found_nothing(steady_now());
}

void consumer::heard(consumer_cancelled& /*cancelled*/) {
  lost(
    {errc::unavailable, "the broker has ended the consumer, as it does when the queue is deleted or moves to another node"});
}

void consumer::heard(consumer_ended& /*ended*/) {
  work_.fetching_ended();
}

void consumer::heard(queue_depth& depth) {
  work_.ready_are(depth.ready);
}

void consumer::act() {
  if (const auto at = steady_now(); stalls_.due(at)) {
    stalls_.report(work_.stalls(), at);
    work_.update_oldest(at);
  }
  for (auto& each : work_.next_letters(steady_now(), system_now()))
    link_->report(std::move(each));
  for (auto& each : work_.next_delays(steady_now(), system_now()))
    link_->report(
      inbound::retry_order{each.ticket, std::move(each.content),
                           outbound::redirection{std::move(each.queue), {{std::string{retry_header}, to_text(each.note)}}}});
  if (!session_)
    return;
  acknowledge(ack_batch::pressing::due);
  look_at_queue();
  fetch();
  if (!session_)
    return;
  while (auto out = work_.next_hand_out(steady_now()))
    link_->report(std::move(*out));
  carry_out(work_.next_of_end());
  if (!session_)
    return;
  if (work_.gives_back(steady_now()))
    lost({errc::unavailable, "the handler has paused for too long: unsettled deliveries go back to the queue"});
}

void consumer::acknowledge(ack_batch::pressing why) {
  if (!session_)
    return;
  for (const auto& each : work_.next_acks(why, steady_now()))
    if (const auto done = session_->acknowledge(each); done.has_error())
      return lost(done.error());
}

// Where the queue is gone, the broker closes the channel: it has ended the consumer too.
void consumer::look_at_queue() {
  const auto at = steady_now();
  if (!session_ || drain_by_ || at < next_look_)
    return;
  next_look_ = at + between_looks;
  if (const auto done = session_->ask_depth(config_.from.name); done.has_error())
    lost(done.error());
}

void consumer::fetch() {
  if (session_)
    carry_out(work_.next_intake(steady_now()));
}

void consumer::carry_out(intake::step next) {
  if (next == intake::step::nothing)
    return;
  if (const auto done = ask(next); done.has_error())
    return lost(done.error());
  listen(); // the library may have read more while it waited
}

expected<void> consumer::ask(intake::step next) {
  const auto& queue = config_.from.name;
  switch (next) {
    case intake::step::nothing:
      break;
    case intake::step::pull:
      return session_->pull(queue);
    case intake::step::consume:
      return session_->consume(queue, tag_, config_.prefetch);
    case intake::step::taste:
      if (auto done = session_->consume(queue, tag_ + of_first, 1); done.has_error())
        return done;
      return session_->consume(queue, tag_, config_.prefetch);
    case intake::step::cancel_first:
      return session_->cancel(tag_ + of_first);
    case intake::step::cancel:
      return session_->cancel(tag_);
    case intake::step::cancel_both:
      if (auto done = session_->cancel(tag_); done.has_error())
        return done;
      return session_->cancel(tag_ + of_first);
  }
  return {};
}

void consumer::lost(const failure& why) {
  session_.reset();
  if (why.code == errc::conflict)
    work_.met_conflict();
  work_.lost(steady_now());
  if (!link_->abandoned())
    dialer_.lost(why);
}

void consumer::rest() {
  const auto at = steady_now();
  auto until = work_.next_due(at).value_or(instant::max());
  if (drain_by_)
    until = std::min(until, *drain_by_);
  if (!session_)
    return link_->bell.wait(drain_by_ ? until : std::min(until, std::max(dialer_.next_attempt(), at)), {});
  if (!drain_by_)
    until = std::min(until, next_look_);
  link_->bell.wait(until, {session_->socket()});
}

void consumer::close() {
  if (link_->abandoned() || !session_)
    return;
  acknowledge(ack_batch::pressing::now);
  if (session_)
    session_->close();
}

} // namespace troupe::amqp
