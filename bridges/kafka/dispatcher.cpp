#include <troupe/bridges/kafka/dispatcher.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>

namespace troupe::kafka {

namespace {

constexpr auto longest_rest = std::chrono::milliseconds{100};
constexpr int last_reports_ms = 5000;

void nudge(rd_kafka_t* /*client*/, void* link) noexcept {
  static_cast<dispatcher_link*>(link)->orders.nudge();
}

// A message that certainly is not there may be published again; of any other nothing is known.
failure outcome_of(const rd_kafka_message_t& what, const std::string& topic) {
  if (what.err == RD_KAFKA_RESP_ERR_NO_ERROR)
    return {errc::none, {}};
  auto why = to_failure(what.err, topic);
  if (rd_kafka_message_status(&what) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
    why.code = errc::outcome_unknown;
  else if (why.code == errc::deadline_exceeded || what.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE)
    why.code = errc::unavailable;
  return why;
}

} // namespace

dispatcher::dispatcher(const spawn_context& context, connection to, publisher_config config,
                       std::shared_ptr<dispatcher_link> link)
  : client_watch(context, to.state, config.topic, {}),
    to_(std::move(to)),
    config_(std::move(config)),
    link_(std::move(link)) {}

dispatcher::~dispatcher() = default;

void dispatcher::run() noexcept {
  pthread_setname_np(pthread_self(), "troupe-kafka-out");
  try {
    if (connect()) {
      begin();
      while (may_go_on()) {
        send_all();
        renew_credentials({client_.get()}, to_, login_);
        if (files_have_changed(to_))
          begin_anew();
        if (rd_kafka_poll(client_.get(), 0) == 0)
          link_->orders.wait(steady_now() + longest_rest);
      }
      rd_kafka_queue_cb_event_enable(events_.get(), nullptr, nullptr);
    }
    if (fatal())
      link_->report(dispatcher_failed{*fatal()});
  } catch (const std::exception& thrown) {
    link_->report(dispatcher_failed{{errc::internal, thrown.what()}});
  }
}

bool dispatcher::connect() {
  auto how = freshness::cached;
  while (may_go_on()) {
    auto where = to_.where(how);
    how = freshness::anew;
    if (where.has_error()) {
      wait_for_access(where.error());
      continue;
    }
    auto made = new_client(*where);
    if (made.has_error()) {
      link_->report(dispatcher_failed{made.error()});
      return false;
    }
    access_backoff_.reset();
    login_ = where->login;
    client_ = std::move(*made);
    return true;
  }
  return false;
}

expected<client_handle> dispatcher::new_client(const access& where) {
  files_are_read(to_);
  auto conf = make_conf(to_, where, producer_properties(config_), *this);
  if (conf.has_error())
    return conf.error();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_report);
  return make_client(RD_KAFKA_PRODUCER, std::move(*conf));
}

// What has waited for its time goes back with the reason; it was never sent.
void dispatcher::wait_for_access(const failure& why) {
  link_fails(why);
  const auto until = steady_now() + access_backoff_.next(steady_now());
  while (may_go_on() && steady_now() < until) {
    link_->orders.wait(until);
    for (auto& each : link_->orders.take())
      in_the_air_.emplace(each->number(), std::move(each));
  }
  for (auto each = in_the_air_.begin(); each != in_the_air_.end();)
    if (auto& waiting = *(each++)->second; waiting.given_up_at() <= steady_now()) {
      waiting.fail(why);
      land(waiting);
    }
}

void dispatcher::begin() {
  topic_.reset(rd_kafka_topic_new(client_.get(), config_.topic.c_str(), nullptr));
  events_.reset(rd_kafka_queue_get_main(client_.get()));
  rd_kafka_queue_cb_event_enable(events_.get(), nudge, link_.get());
  std::vector<flight*> waiting; // for the access
  for (const auto& [number, each] : in_the_air_)
    waiting.push_back(each.get());
  for (auto* const each : waiting)
    send(*each);
}

// With another client, which is there before the present one is given up: that one answers what it has.
void dispatcher::begin_anew() {
  auto next = next_client(to_, [this](const access& where) { return new_client(where); });
  if (!next)
    return;
  say(severity::info, files_are_other);
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_.get(), last_reports_ms);
  rd_kafka_queue_cb_event_enable(events_.get(), nullptr, nullptr);
  events_.reset();
  topic_.reset();
  login_ = next->where.login;
  client_ = std::move(next->client);
  begin();
}

void dispatcher::send_all() {
  for (auto& each : link_->orders.take()) {
    auto& one = *each;
    in_the_air_.emplace(one.number(), std::move(each));
    send(one);
  }
}

void dispatcher::send(flight& what) {
  for (std::size_t i = 0; i < what.messages().size(); ++i)
    if (const auto code = send(what.messages()[i], what.at(i)); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      what.settle(i, refused(code, to_failure(code, config_.topic)));
  if (what.landed())
    land(what);
}

rd_kafka_resp_err_t dispatcher::send(const message& what, flight::slot& as) {
  // The client reads the bytes, and the flight keeps them until their report.
  outgoing_record record{what, outgoing_record::bytes::callers};
  const auto failed = record.to(topic_.get()).with(&as).produce(client_.get());
  return failed ? rd_kafka_error_code(failed.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

void dispatcher::on_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) noexcept {
  static_cast<dispatcher&>(*static_cast<client_listener*>(opaque)).reported(*message);
}

void dispatcher::reported(const rd_kafka_message_t& what) {
  const auto& as = *static_cast<flight::slot*>(what._private);
  auto outcome = outcome_of(what, config_.topic);
  if (outcome.code == errc::none)
    work_goes_on();
  auto& whole = *as.of;
  whole.settle(as.index, refused(what.err, std::move(outcome)));
  if (whole.landed())
    land(whole);
}

// What every message will meet is told.
failure dispatcher::refused(rd_kafka_resp_err_t code, failure outcome) {
  if (outcome.code == errc::forbidden || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
      || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    work_fails(outcome);
  return outcome;
}

void dispatcher::land(flight& what) {
  auto node = in_the_air_.extract(what.number());
  link_->report(std::move(node.mapped()));
}

} // namespace troupe::kafka
