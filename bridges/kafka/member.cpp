#include <troupe/bridges/kafka/member.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>

// The member's life: connecting, polling, resting, closing. Rebalances stand in member_rebalance.cpp.

namespace troupe::kafka {

namespace {

constexpr std::size_t records_at_once = 500;
constexpr int events_at_once = 100;
constexpr auto longest_rest = std::chrono::milliseconds{100}; // so that the client is polled although nothing happens
constexpr auto longest_close = std::chrono::seconds{5};
constexpr int close_step_ms = 50;
constexpr std::int64_t much_taken = 10'000;
constexpr std::size_t little_left = 5000;
constexpr std::size_t fetchers_at_once = 4;
constexpr int wake_ms = 100;
constexpr int lead_back_ms = 1000; // for each of two requests

instant now() noexcept {
  return std::chrono::steady_clock::now();
}

void nudge(rd_kafka_t* /*client*/, void* link) noexcept {
  static_cast<member_link*>(link)->orders.nudge();
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
    link.orders.nudge();
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
    work_(config_, context.service(), metrics_) {}

member::~member() = default;

void member::run() noexcept {
  pthread_setname_np(pthread_self(), "troupe-kafka-in");
  try {
    if (connect()) {
      begin();
      while (may_go_on() && !drained())
        work_on();
      unfinished_ = work_.unfinished();
      close();
    }
    if (fatal())
      link_->report(membership_failed{*fatal()});
    else if (drain_by_)
      link_->report(drain_over{unfinished_});
  } catch (const std::exception& thrown) {
    link_->report(membership_failed{{errc::internal, thrown.what()}});
  }
}

// The last commit would be refused while the group forms anew, as any other.
bool member::drained() const noexcept {
  const bool may_commit = !link_->joining || work_.owned().empty();
  return drain_by_ && ((work_.settled_down() && may_commit) || now() >= *drain_by_);
}

bool member::connect() {
  auto how = freshness::cached;
  while (may_go_on() && !drain_by_) {
    auto where = to_.where(how);
    how = freshness::anew;
    if (where.has_error()) {
      link_fails(where.error());
      wait_before_the_next(now() + access_backoff_.next(now()));
      continue;
    }
    auto made = new_client(*where);
    if (made.has_error()) {
      link_->report(membership_failed{made.error()});
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
  rd_kafka_poll_set_consumer(client_.get());
  events_.reset(rd_kafka_queue_get_consumer(client_.get()));
  messages_.reset(rd_kafka_queue_new(client_.get()));
  rd_kafka_queue_cb_event_enable(events_.get(), nudge, link_.get());
  rd_kafka_queue_cb_event_enable(messages_.get(), nudge, link_.get());
  const partitions_handle topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), config_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto code = rd_kafka_subscribe(client_.get(), topics.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    work_fails(to_failure(code, config_.topic));
}

void member::close() {
  if (drain_by_ && may_go_on()) {
    commit_last();
    how_ = farewell::orderly;
  }
  for (const auto* each : {&events_, &messages_})
    rd_kafka_queue_cb_event_enable(each->get(), nullptr, nullptr);
  messages_.reset();
  events_.reset();
  const queue_handle last{rd_kafka_queue_new(client_.get())};
  const error_handle refused{rd_kafka_consumer_close_queue(client_.get(), last.get())};
  const auto until = now() + longest_close;
  while (!refused && rd_kafka_consumer_closed(client_.get()) == 0 && now() < until)
    rd_kafka_queue_poll_callback(last.get(), close_step_ms);
}

void member::work_on() {
  take_orders();
  renew();
  const bool events = poll_events();
  const bool messages = poll_messages();
  act();
  if (!events && !messages)
    rest();
}

void member::take_orders() {
  for (auto& each : link_->orders.take())
    std::visit([this](auto& what) { happened(what); }, each);
}

void member::happened(batch_outcome& what) {
  if (what.what.has_value() && transactor_)
    conclude(what);
  else if (what.what.has_value())
    work_.answered(what.batch, *what.what, now());
  else
    work_.gone(what.batch, what.what.error().code, now());
}

void member::happened(letter_outcome& what) {
  work_.letter_published(what.ticket, what.what, now());
}

void member::happened(begin_drain& what) {
  drain_by_ = what.by;
  work_.all_leave(now());
}

bool member::poll_events() {
  int served = 0;
  while (served < events_at_once) {
    const message_handle found{rd_kafka_consumer_poll(client_.get(), 0)};
    if (!found)
      break;
    ++served;
    if (found->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      take(*found, now()); // fetched before its partition's queue was led elsewhere
    else
      refused(*found);
  }
  return served > 0;
}

bool member::poll_messages() {
  if (!work_.wants_more())
    return false;
  const auto at = now();
  std::array<rd_kafka_message_t*, records_at_once> found{};
  const auto count = rd_kafka_consume_batch_queue(messages_.get(), 0, found.data(), found.size());
  for (ssize_t i = 0; i < count; ++i) {
    const message_handle each{found[static_cast<std::size_t>(i)]};
    if (each->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      take(*each, at);
    else
      refused(*each);
  }
  taken_ += std::max<ssize_t>(0, count);
  if (taken_ >= much_taken && rd_kafka_queue_length(messages_.get()) < little_left)
    wake_fetchers();
  return count > 0;
}

// librdkafka stops fetching when it holds as much as it may, and looks only once a second whether it does no more. Any
// request to a broker wakes what fetches from there.
void member::wake_fetchers() {
  taken_ = 0;
  const auto owned = work_.owned();
  for (std::size_t i = 0; i < std::min(owned.size(), fetchers_at_once); ++i) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    static_cast<void>(rd_kafka_query_watermark_offsets(client_.get(), config_.topic.c_str(), owned[turn_++ % owned.size()],
                                                       &low, &high, wake_ms));
  }
}

void member::take(const rd_kafka_message_t& record, instant at) {
  work_goes_on();
  if (work_.fetched(record.partition, record.offset, decode(config_.topic, view_of(record)), at))
    say(severity::warning, "partition " + std::to_string(record.partition) + " of " + config_.topic
                             + " has begun anew, and is read from offset " + std::to_string(record.offset));
}

void member::refused(const rd_kafka_message_t& what) {
  const auto* const words = rd_kafka_message_errstr(&what);
  if (what.err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
    return work_goes_on(); // it may be read, and there is nothing new
  if (what.err == RD_KAFKA_RESP_ERR__FATAL)
    return error(what.err, words);
  work_fails(to_failure(what.err, words));
}

void member::act() {
  const auto at = now();
  regain();
  publish_letters();
  if (!link_->joining)
    if (const auto entries = work_.next_commit(at); !entries.empty())
      commit(entries);
  while (auto out = work_.next_hand_out(at))
    link_->report(std::move(*out));
  pause_and_resume();
  lead_back();
}

void member::publish_letters() {
  while (transactor_ && may_go_on()) {
    const auto letters = work_.next_burial(now(), system_now());
    if (!letters)
      return;
    settle(letters);
  }
  for (auto& each : work_.next_letters(now(), system_now()))
    link_->report(std::move(each));
}

void member::commit(const std::vector<commit_entry>& what) {
  if (transactor_) {
    carry_out({{}, {}, what});
    return;
  }
  const auto list = list_of(what);
  const auto code = rd_kafka_commit_queue(client_.get(), list.get(), events_.get(), on_commit, this);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    work_.committed(to_failure(code), now());
}

void member::on_commit(rd_kafka_t* /*client*/, rd_kafka_resp_err_t outcome, rd_kafka_topic_partition_list_t* offsets,
                       void* opaque) noexcept {
  auto& self = *static_cast<member*>(opaque);
  for (int i = 0; outcome == RD_KAFKA_RESP_ERR_NO_ERROR && offsets != nullptr && i < offsets->cnt; ++i)
    outcome = offsets->elems[i].err;
  if (outcome == RD_KAFKA_RESP_ERR_NO_ERROR) {
    self.work_.committed({}, now());
    return;
  }
  const auto why = to_failure(outcome, "while committing");
  if (why.code == errc::forbidden)
    self.work_fails(why);
  self.work_.committed(why, now());
}

void member::pause_and_resume() {
  const auto changes = work_.next_flow();
  if (!changes.pause.empty())
    rd_kafka_pause_partitions(client_.get(), list_of(changes.pause).get());
  if (!changes.resume.empty())
    rd_kafka_resume_partitions(client_.get(), list_of(changes.resume).get());
}

// The newest leaders are asked for first: of any broker, so that one that knows better is found sooner or later.
void member::lead_back() {
  const auto places = work_.next_returns(now());
  if (places.empty())
    return;
  const struct rd_kafka_metadata* leaders = nullptr;
  if (rd_kafka_metadata(client_.get(), 0, nullptr, &leaders, lead_back_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(leaders);
  const partitions_handle list{rd_kafka_topic_partition_list_new(static_cast<int>(places.size()))};
  for (const auto& each : places) {
    rd_kafka_topic_partition_list_add(list.get(), config_.topic.c_str(), each.partition)->offset = each.offset;
    say(severity::warning, "a broker does not know offset " + std::to_string(each.offset) + " of partition "
                             + std::to_string(each.partition) + " of " + config_.topic + "; it is asked for again");
  }
  if (const error_handle failed{rd_kafka_seek_partitions(client_.get(), list.get(), lead_back_ms)})
    link_fails(to_failure(failed.get()));
}

void member::rest() {
  const auto at = now();
  auto until = at + longest_rest;
  if (const auto due = work_.next_due(at))
    until = std::min(until, *due);
  if (regain_at_)
    until = std::min(until, *regain_at_);
  if (drain_by_)
    until = std::min(until, *drain_by_);
  link_->orders.wait(until);
}

} // namespace troupe::kafka
