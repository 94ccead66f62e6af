#include <troupe/bridges/kafka/sender.hpp>

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
  static_cast<sender_link*>(link)->nudge();
}

// A message that has certainly not arrived may be published again. Of any other the outcome is unknown.
failure outcome_of(const rd_kafka_message_t& sent, const std::string& topic) {
  if (sent.err == RD_KAFKA_RESP_ERR_NO_ERROR)
    return {errc::none, {}};
  auto why = to_failure(sent.err, topic);
  if (rd_kafka_message_status(&sent) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
    why.code = errc::outcome_unknown;
  else if (why.code == errc::deadline_exceeded || sent.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE)
    why.code = errc::unavailable;
  return why;
}

} // namespace

sender::sender(const spawn_context& context, connection to, publisher_config config, std::shared_ptr<sender_link> link)
  : client_watch(context, to.state, config.topic, {}),
    config_(std::move(config)),
    link_(std::move(link)),
    access_(std::move(to), *this, [this](const access& where) { return new_client(where); }) {}

sender::~sender() = default;

void sender::run() noexcept {
  pthread_setname_np(pthread_self(), "troupe-kafka-out");
  try {
    client_ = access_.connect([this](const failure& why, instant until) { return wait_for_access(why, until); });
    if (client_) {
      begin();
      while (may_go_on()) {
        send_all();
        access_.renew_credentials({client_.get()});
        if (access_.files_changed())
          begin_anew();
        if (rd_kafka_poll(client_.get(), 0) == 0)
          link_->bell.wait(steady_now() + longest_rest);
      }
      rd_kafka_queue_cb_event_enable(events_.get(), nullptr, nullptr);
    }
    if (fatal())
      link_->report(thread_failed{*fatal()});
  } catch (const std::exception& thrown) {
    link_->report(thread_failed{{errc::internal, thrown.what()}});
  }
}

expected<client_handle> sender::new_client(const access& where) {
  auto conf = make_conf(access_.to(), where, producer_properties(config_), *this);
  if (conf.has_error())
    return conf.error();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_report);
  return make_client(RD_KAFKA_PRODUCER, std::move(*conf));
}

// A request that is still here at its deadline was never sent: it is answered with the reason.
bool sender::wait_for_access(const failure& why, instant until) {
  while (may_go_on() && steady_now() < until) {
    link_->bell.wait(until);
    for (auto& each : link_->take_orders())
      accept(std::move(each));
  }
  std::vector<outbound::publish_request_ptr> late;
  for (const auto& [number, each] : in_flight_)
    if (each.request->given_up_at() <= steady_now())
      late.push_back(each.request);
  for (const auto& each : late) {
    each->settle_rest(why);
    complete(*each);
  }
  return may_go_on();
}

sender::request_in_flight::request_in_flight(outbound::publish_request_ptr from) : request(std::move(from)) {
  messages.reserve(request->messages().size());
  for (std::size_t index = 0; index < request->messages().size(); ++index)
    messages.push_back({this, index});
}

void sender::accept(outbound::publish_request_ptr request) {
  const auto number = request->number();
  in_flight_.try_emplace(number, std::move(request));
}

void sender::begin() {
  topic_.reset(rd_kafka_topic_new(client_.get(), config_.topic.c_str(), nullptr));
  events_.reset(rd_kafka_queue_get_main(client_.get()));
  rd_kafka_queue_cb_event_enable(events_.get(), nudge, link_.get());
  std::vector<std::uint64_t> waiting; // for a client
  for (const auto& [number, each] : in_flight_)
    waiting.push_back(number);
  for (const auto number : waiting)
    send(in_flight_.at(number));
}

// The next client is made before the present one is closed. The present one reports every message that it has.
void sender::begin_anew() {
  auto next = access_.next();
  if (!next)
    return;
  say(severity::info, client_access::files_changed_text);
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_.get(), last_reports_ms);
  rd_kafka_queue_cb_event_enable(events_.get(), nullptr, nullptr);
  events_.reset();
  topic_.reset();
  client_ = std::move(next);
  begin();
}

void sender::send_all() {
  for (auto& each : link_->take_orders()) {
    const auto number = each->number();
    accept(std::move(each));
    send(in_flight_.at(number));
  }
}

void sender::send(request_in_flight& all) {
  const auto request = all.request;
  for (auto& each : all.messages)
    if (request->settled(each.index))
      continue;
    else if (const auto code = send(request->messages()[each.index], each); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      request->settle(each.index, refused(code, to_failure(code, config_.topic)));
  if (request->complete())
    complete(*request);
}

rd_kafka_resp_err_t sender::send(const message& content, request_in_flight::message_in_flight& opaque) {
  // The request owns the bytes that the client reads.
  outgoing_record record{content, outgoing_record::bytes::callers};
  const auto failed = record.to(topic_.get()).with(&opaque).produce(client_.get());
  return failed ? rd_kafka_error_code(failed.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

void sender::on_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) noexcept {
  static_cast<sender&>(*static_cast<client_listener*>(opaque)).reported(*message);
}

void sender::reported(const rd_kafka_message_t& sent) {
  const auto& opaque = *static_cast<request_in_flight::message_in_flight*>(sent._private);
  auto outcome = outcome_of(sent, config_.topic);
  if (outcome.code == errc::none)
    work_succeeds();
  auto& request = *opaque.of->request;
  request.settle(opaque.index, refused(sent.err, std::move(outcome)));
  if (request.complete())
    complete(request);
}

// A failure that every message will meet is a failure of the work.
failure sender::refused(rd_kafka_resp_err_t code, failure outcome) {
  if (outcome.code == errc::forbidden || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
      || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    work_fails(outcome);
  return outcome;
}

void sender::complete(const outbound::publish_request& request) {
  auto node = in_flight_.extract(request.number());
  link_->report(std::move(node.mapped().request));
}

} // namespace troupe::kafka
