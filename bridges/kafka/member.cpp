#include <troupe/bridges/kafka/member.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>

namespace troupe::kafka {

namespace {

constexpr auto longest_rest = std::chrono::milliseconds{100}; // so that the client is polled although nothing happens
constexpr auto longest_close = std::chrono::seconds{5};
constexpr int close_step_ms = 50;
constexpr auto longest_joining = std::chrono::seconds{5};

void nudge(rd_kafka_t* /*client*/, void* link) noexcept {
  static_cast<member_link*>(link)->nudge();
}

// The API keys of the requests by which a group forms: https://kafka.apache.org/protocol#protocol_api_keys
constexpr std::int16_t join_group = 11;
constexpr std::int16_t sync_group = 14;

// A broker answers the requests of a connection in turn, and JoinGroup when all members have come. A commit sent behind it
// has the previous generation and is refused, which librdkafka takes for a lost assignment. So no commit is sent between
// JoinGroup and SyncGroup. Called on a thread of the client.
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

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/, void* link, char* /*text*/,
                           std::size_t /*size*/) noexcept {
  return rd_kafka_interceptor_add_on_request_sent(client, "troupe", on_sent, link);
}

} // namespace

member::member(const spawn_context& context, connection to, subscription config, std::shared_ptr<member_link> link)
  : client_watch(context, to.state, config.topic, config.group),
    state_(context, std::move(to), std::move(config), std::move(link), *this,
           [this](const access& where) { return new_client(where); }),
    settlement_(state_.config.transaction ? static_cast<settlement&>(transactions_.emplace(state_, context.service()))
                                          : offsets_),
    assignment_(state_, settlement_),
    stalls_(context, state_.config.topic) {
  if (!transactions_)
    state_.work = std::make_unique<subscription_work>(state_.config, context.service(), state_.metrics);
}

member::~member() = default;

void member::run() noexcept {
  pthread_setname_np(pthread_self(), "troupe-kafka-in");
  std::uint64_t unfinished = 0;
  try {
    if (connect()) {
      begin();
      while (state_.client && state_.may_go_on() && !drained())
        work_on();
      unfinished = state_.work->unfinished();
      if (state_.client)
        close();
    }
    if (fatal())
      state_.link->report(thread_failed{*fatal()});
    else if (state_.drain_by)
      state_.link->report(inbound::drain_over{unfinished});
  } catch (const std::exception& thrown) {
    state_.link->report(thread_failed{{errc::internal, thrown.what()}});
  }
}

void member::statistics(std::string_view json) noexcept {
  reader_.take(read_statistics(json));
}

// While the group forms anew, the last commit would be refused.
bool member::drained() const noexcept {
  const bool may_commit = !state_.link->joining || state_.work->owned().empty();
  return state_.drain_by && ((state_.work->settled_down() && may_commit) || steady_now() >= *state_.drain_by);
}

bool member::connect() {
  state_.client = state_.access.connect([this](const failure&, instant until) { return state_.wait(until); });
  return state_.client && (!transactions_ || transactions_->open());
}

expected<client_handle> member::new_client(const access& where) {
  auto conf = make_conf(state_.access.to(), where, consumer_properties(state_.config), *this);
  if (conf.has_error())
    return conf.error();
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  if (const auto code = rd_kafka_conf_interceptor_add_on_new(conf->get(), "troupe", on_new, state_.link.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_failure(code);
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

void member::begin() {
  state_.link->joining = false;
  state_.link->joined = false;
  assignment_.new_client();
  auto* const client = state_.client.get();
  rd_kafka_poll_set_consumer(client);
  state_.events.reset(rd_kafka_queue_get_consumer(client));
  state_.messages.reset(rd_kafka_queue_new(client));
  rd_kafka_queue_cb_event_enable(state_.events.get(), nudge, state_.link.get());
  rd_kafka_queue_cb_event_enable(state_.messages.get(), nudge, state_.link.get());
  const auto& topic = state_.config.topic;
  const auto subscribed = list_of(topic, std::vector{RD_KAFKA_PARTITION_UA});
  if (const auto code = rd_kafka_subscribe(client, subscribed.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    work_fails(to_failure(code, topic));
}

// The next client is made before the present one is closed and gives up its partitions.
void member::begin_anew(std::string_view because) {
  auto next = state_.access.next();
  if (!next)
    return;
  say(severity::info, because);
  close();
  if (transactions_)
    transactions_->close();
  state_.client = std::move(next);
  if (!transactions_ || transactions_->open())
    begin();
  else
    state_.client.reset(); // the member is to end
}

void member::close() {
  if (state_.drain_by && state_.may_go_on())
    assignment_.leave();
  await_assignment();
  for (auto* each : {&state_.messages, &state_.events}) {
    rd_kafka_queue_cb_event_enable(each->get(), nullptr, nullptr);
    each->reset();
  }
  auto* const client = state_.client.get();
  const queue_handle last{rd_kafka_queue_new(client)};
  const error_handle refused{rd_kafka_consumer_close_queue(client, last.get())};
  const auto until = steady_now() + longest_close;
  while (!refused && rd_kafka_consumer_closed(client) == 0 && steady_now() < until)
    rd_kafka_queue_poll_callback(last.get(), close_step_ms);
}

// librdkafka up to 2.2 ends the process where a client is destroyed between the answer to its first JoinGroup and its first
// assignment: an assertion of the cooperative-sticky assignor (its issue 4312).
void member::await_assignment() {
  const auto until = steady_now() + longest_joining;
  while (state_.config.strategy == assignor::cooperative_sticky && state_.link->joined && !assignment_.assigned()
         && steady_now() < until)
    if (!reader_.poll_events())
      state_.link->bell.wait(std::min(until, steady_now() + std::chrono::milliseconds{close_step_ms}));
}

void member::work_on() {
  state_.take_orders();
  renew_credentials();
  if (state_.access.files_changed())
    return begin_anew(client_access::files_changed_text);
  if (transactions_ && transactions_->forgotten())
    return begin_anew("the brokers have forgotten the transactional id; connecting again for another producer");
  const bool events = reader_.poll_events();
  const bool messages = reader_.poll_messages();
  act();
  if (!events && !messages)
    rest();
}

void member::renew_credentials() {
  if (transactions_)
    transactions_->serve();
  else
    state_.access.renew_credentials({state_.client.get()});
}

void member::act() {
  const auto now = steady_now();
  if (transactions_)
    transactions_->regain();
  settlement_.publish();
  if (!state_.link->joining)
    if (const auto entries = state_.work->next_commit(now); !entries.empty())
      settlement_.commit(entries);
  while (auto out = state_.work->next_hand_out(now))
    state_.link->report(std::move(*out));
  reader_.pause_and_resume();
  reader_.seek_back();
  if (stalls_.due(now)) {
    stalls_.report(state_.work->stalls(), now);
    state_.work->update_oldest(now);
  }
}

void member::rest() {
  const auto now = steady_now();
  auto until = now + longest_rest;
  for (const auto& due :
       {state_.work->next_due(now), transactions_ ? transactions_->regain_due() : std::nullopt, state_.drain_by})
    if (due)
      until = std::min(until, *due);
  state_.link->bell.wait(until);
}

void member::on_rebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions,
                          void* opaque) noexcept {
  static_cast<member&>(*static_cast<client_listener*>(opaque)).assignment_.rebalance(event, partitions);
}

} // namespace troupe::kafka
