#include <troupe/bridges/kafka/member.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/kafka/errors.hpp>

// The member's life: connecting, working, resting, closing. What it reads stands in member_reading.cpp, and rebalances in
// member_rebalance.cpp.

namespace troupe::kafka {

namespace {

constexpr auto longest_rest = std::chrono::milliseconds{100}; // so that the client is polled although nothing happens
constexpr auto longest_close = std::chrono::seconds{5};
constexpr int close_step_ms = 50;
constexpr auto told_every = std::chrono::minutes{1};
// That a client which its group has taken in waits for its first assignment before it is closed.
constexpr auto longest_joining = std::chrono::seconds{5};

void nudge(rd_kafka_t* /*client*/, void* link) noexcept {
  static_cast<member_link*>(link)->nudge();
}

// The requests by which a group forms, by their keys: https://kafka.apache.org/protocol#protocol_api_keys
constexpr std::int16_t join_group = 11;
constexpr std::int16_t sync_group = 14;

// A broker answers the requests of a connection in turn, and JoinGroup when all members have come. A commit behind it comes
// with the generation before: it is refused, and librdkafka takes that for a lost assignment. So none is sent meanwhile.
// On a thread of the client's.
rd_kafka_resp_err_t on_sent(rd_kafka_t* /*client*/, int /*socket*/, const char* /*broker*/, std::int32_t /*id*/,
                            std::int16_t key, std::int16_t /*version*/, std::int32_t /*correlation*/, std::size_t /*size*/,
                            void* opaque) noexcept {
  auto& link = *static_cast<member_link*>(opaque);
  if (key == join_group)
    link.joining = true;
  if (key == sync_group) {
    link.joining = false;
    link.joined = true;
    link.nudge();
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/, void* link, char* /*words*/,
                           std::size_t /*size*/) noexcept {
  return rd_kafka_interceptor_add_on_request_sent(client, "troupe", on_sent, link);
}

} // namespace

member::member(const spawn_context& context, connection to, subscription config, std::shared_ptr<member_link> link)
  : client_watch(context, to.state, config.topic, config.group),
    to_(std::move(to)),
    config_(std::move(config)),
    link_(std::move(link)),
    metrics_(context, config_.topic, config_.group),
    work_(config_, context.service(), metrics_),
    stalls_(context, config_.topic) {}

member::~member() = default;

void member::run() noexcept {
  pthread_setname_np(pthread_self(), "troupe-kafka-in");
  try {
    if (connect()) {
      begin();
      while (client_ && may_go_on() && !drained())
        work_on();
      unfinished_ = work_.unfinished();
      if (client_)
        close();
    }
    if (fatal())
      link_->report(thread_failed{*fatal()});
    else if (drain_by_)
      link_->report(inbound::drain_over{unfinished_});
  } catch (const std::exception& thrown) {
    link_->report(thread_failed{{errc::internal, thrown.what()}});
  }
}

// The last commit would be refused while the group forms anew, as any other.
bool member::drained() const noexcept {
  const bool may_commit = !link_->joining || work_.owned().empty();
  return drain_by_ && ((work_.settled_down() && may_commit) || steady_now() >= *drain_by_);
}

bool member::connect() {
  auto how = freshness::cached;
  while (may_go_on() && !drain_by_) {
    auto where = to_.where(how);
    how = freshness::anew;
    if (where.has_error()) {
      link_fails(where.error());
      wait_before_the_next(steady_now() + access_backoff_.next(steady_now()));
      continue;
    }
    auto made = new_client(*where);
    if (made.has_error()) {
      link_->report(thread_failed{made.error()});
      return false;
    }
    access_backoff_.reset();
    login_ = where->login;
    client_ = std::move(*made);
    return !config_.transaction || open_transactions(*where);
  }
  return false;
}

expected<client_handle> member::new_client(const access& where) {
  files_are_read(to_);
  auto conf = make_conf(to_, where, consumer_properties(config_), *this);
  if (conf.has_error())
    return conf.error();
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  link_->joining = false;
  if (const auto code = rd_kafka_conf_interceptor_add_on_new(conf->get(), "troupe", on_new, link_.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_failure(code);
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

void member::begin() {
  link_->joined = false;
  assigned_ = false;
  rd_kafka_poll_set_consumer(client_.get());
  events_.reset(rd_kafka_queue_get_consumer(client_.get()));
  messages_.reset(rd_kafka_queue_new(client_.get()));
  rd_kafka_queue_cb_event_enable(events_.get(), nudge, link_.get());
  rd_kafka_queue_cb_event_enable(messages_.get(), nudge, link_.get());
  const partitions_handle subscribed{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(subscribed.get(), config_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto code = rd_kafka_subscribe(client_.get(), subscribed.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    work_fails(to_failure(code, config_.topic));
}

// With another client, which is there before the present one is given up with its partitions.
void member::begin_anew(std::string_view because) {
  auto next = next_client(to_, [this](const access& where) { return new_client(where); });
  if (!next)
    return;
  say(severity::info, because);
  close();
  transactor_.reset();
  to_regain_.clear();
  regain_at_.reset();
  link_->joining = false;
  login_ = next->where.login;
  client_ = std::move(next->client);
  if (!config_.transaction || open_transactions(next->where))
    begin();
  else
    client_.reset(); // it is to end
}

void member::close() {
  if (drain_by_ && may_go_on()) {
    commit_last();
    how_ = farewell::orderly;
  }
  await_assignment();
  for (const auto* each : {&events_, &messages_})
    rd_kafka_queue_cb_event_enable(each->get(), nullptr, nullptr);
  messages_.reset();
  events_.reset();
  const queue_handle last{rd_kafka_queue_new(client_.get())};
  const error_handle refused{rd_kafka_consumer_close_queue(client_.get(), last.get())};
  const auto until = steady_now() + longest_close;
  while (!refused && rd_kafka_consumer_closed(client_.get()) == 0 && steady_now() < until)
    rd_kafka_queue_poll_callback(last.get(), close_step_ms);
}

// librdkafka up to 2.2 ends the process where a client is destroyed between the answer to its first JoinGroup and its first
// assignment: an assertion of the cooperative-sticky assignor (its issue 4312).
void member::await_assignment() {
  const auto until = steady_now() + longest_joining;
  while (config_.strategy == assignor::cooperative_sticky && link_->joined && !assigned_ && steady_now() < until)
    if (!poll_events())
      link_->bell.wait(std::min(until, steady_now() + std::chrono::milliseconds{close_step_ms}));
}

void member::work_on() {
  take_orders();
  renew();
  if (files_have_changed(to_))
    return begin_anew(files_are_other);
  if (transactor_ && transactor_->forgotten())
    return begin_anew("the brokers know its transaction id no more, and are asked for a new producer");
  const bool events = poll_events();
  const bool messages = poll_messages();
  act();
  if (!events && !messages)
    rest();
}

void member::take_orders() {
  for (auto& each : link_->take_orders())
    std::visit([this](auto& what) { happened(what); }, each);
}

void member::happened(inbound::batch_outcome& what) {
  if (what.answer.has_value() && transactor_)
    conclude(what);
  else
    work_.ended(what, steady_now());
}

void member::happened(inbound::publish_outcome& what) {
  const auto now = steady_now();
  const auto held = work_.published(what.ticket, what.outcome, now);
  if (!held || now < letters_told_until_)
    return;
  letters_told_until_ = now + told_every;
  say(severity::warning, "offset " + std::to_string(held->offset) + " of partition " + std::to_string(held->partition)
                           + " of " + config_.topic + " cannot be set aside, and waits: " + to_string(what.outcome.error()));
}

void member::happened(inbound::begin_drain& what) {
  drain_by_ = what.by;
  work_.all_leave(steady_now());
}

void member::act() {
  const auto at = steady_now();
  regain();
  publish_letters();
  if (!link_->joining)
    if (const auto entries = work_.next_commit(at); !entries.empty())
      commit(entries);
  while (auto out = work_.next_hand_out(at))
    link_->report(std::move(*out));
  pause_and_resume();
  lead_back();
  look_for_stalls(at);
}

void member::look_for_stalls(instant at) {
  if (stalls_.due(at))
    stalls_.tell(work_.stalls(), at);
}

void member::publish_letters() {
  while (transactor_ && may_go_on()) {
    const auto letters = work_.next_burial(steady_now(), system_now());
    if (!letters)
      return;
    settle(letters);
  }
  for (auto& each : work_.next_letters(steady_now(), system_now()))
    link_->report(std::move(each));
  for (auto& each : work_.next_retries(steady_now(), system_now())) {
    auto content = each.what.what.content;
    content.headers = retry_headers(each.what);
    link_->report(inbound::retry_order{each.ticket, std::move(content), std::nullopt});
  }
}

void member::commit(const std::vector<commit_entry>& what) {
  if (transactor_) {
    carry_out({{}, {}, what});
    return;
  }
  const auto list = list_of(what);
  const auto code = rd_kafka_commit_queue(client_.get(), list.get(), events_.get(), on_commit, this);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    work_.committed(to_failure(code), steady_now());
}

void member::on_commit(rd_kafka_t* /*client*/, rd_kafka_resp_err_t outcome, rd_kafka_topic_partition_list_t* offsets,
                       void* opaque) noexcept {
  auto& self = *static_cast<member*>(opaque);
  for (int i = 0; outcome == RD_KAFKA_RESP_ERR_NO_ERROR && offsets != nullptr && i < offsets->cnt; ++i)
    outcome = offsets->elems[i].err;
  if (outcome == RD_KAFKA_RESP_ERR_NO_ERROR) {
    self.work_.committed({}, steady_now());
    return;
  }
  const auto why = to_failure(outcome, "while committing");
  if (why.code == errc::forbidden)
    self.work_fails(why);
  self.work_.committed(why, steady_now());
}

void member::rest() {
  const auto at = steady_now();
  auto until = at + longest_rest;
  if (const auto due = work_.next_due(at))
    until = std::min(until, *due);
  if (regain_at_)
    until = std::min(until, *regain_at_);
  if (drain_by_)
    until = std::min(until, *drain_by_);
  link_->bell.wait(until);
}

} // namespace troupe::kafka
