#include "raw_kafka.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <troupe/bridges/kafka/administration.hpp>

#include "figure.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t messages_at_once = 500; // as our member's
constexpr int poll_ms = 100;

void check(rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    give_up(rd_kafka_err2str(code));
}

template <class T>
T value_of(expected<T> what) {
  if (what.has_error())
    give_up(to_string(what.error()));
  return std::move(*what);
}

} // namespace

kafka::connection connection_to(const std::string& broker) {
  kafka::connection made;
  made.where = kafka::always({{broker}, std::nullopt});
  return made;
}

void make_topic(const kafka::connection& at, const std::string& name) {
  auto admin = value_of(kafka::administrator::connect(at, 20s));
  if (const auto made = admin.create({{name, measured_partitions, 1, {}}, {kafka::dead_letter_topic(name), 1, 1, {}}});
      made.has_error())
    give_up(to_string(made.error()));
}

std::int64_t committed_in(const kafka::connection& at, const std::string& topic, const std::string& group) {
  constexpr int within_ms = 20'000;
  struct : raw_client {
    using raw_client::conf_for;
  } asking;
  const auto client = value_of(kafka::make_client(
    RD_KAFKA_CONSUMER, asking.conf_for(at, kafka::consumer_properties({.topic = topic, .group = group}))));
  const kafka::partitions_handle list{rd_kafka_topic_partition_list_new(measured_partitions)};
  rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, measured_partitions - 1);
  check(rd_kafka_committed(client.get(), list.get(), within_ms));
  std::int64_t sum = 0;
  for (int i = 0; i < list->cnt; ++i)
    sum += std::max<std::int64_t>(0, list->elems[i].offset);
  return sum;
}

void raw_client::error(rd_kafka_resp_err_t code, std::string_view words) noexcept {
  if (code == RD_KAFKA_RESP_ERR__FATAL)
    give_up(words);
}

kafka::conf_handle raw_client::conf_for(const kafka::connection& to, const kafka::property_list& role) {
  return value_of(kafka::make_conf(to, value_of(to.where(freshness::cached)), role, *this));
}

raw_producer::raw_producer(const kafka::connection& to, const kafka::publisher_config& config, std::uint64_t in_flight)
  : in_flight_(in_flight) {
  auto conf = conf_for(to, kafka::producer_properties(config));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_report);
  client_ = value_of(kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  topic_.reset(rd_kafka_topic_new(client_.get(), config.topic.c_str(), nullptr));
}

void raw_producer::send(const std::string& id, const std::string& payload) {
  while (under_way_ >= in_flight_)
    rd_kafka_poll(client_.get(), poll_ms);
  rd_kafka_poll(client_.get(), 0);
  std::array<rd_kafka_vu_t, 3> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = topic_.get();
  parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[1].u.mem = {const_cast<char*>(payload.data()), payload.size()}; // it is read only
  parts[2].vtype = RD_KAFKA_VTYPE_HEADER;
  parts[2].u.header = {"message-id", id.data(), static_cast<ssize_t>(id.size())};
  const kafka::error_handle failed{rd_kafka_produceva(client_.get(), parts.data(), parts.size())};
  check(failed ? rd_kafka_error_code(failed.get()) : RD_KAFKA_RESP_ERR_NO_ERROR);
  ++under_way_;
}

void raw_producer::finish() {
  while (under_way_ > 0)
    rd_kafka_poll(client_.get(), poll_ms);
}

void raw_producer::on_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) noexcept {
  check(message->err);
  --static_cast<raw_producer&>(*static_cast<kafka::client_listener*>(opaque)).under_way_;
}

raw_consumer::raw_consumer(const kafka::connection& to, const kafka::subscription& config) : config_(config) {
  client_ = value_of(kafka::make_client(RD_KAFKA_CONSUMER, conf_for(to, kafka::consumer_properties(config))));
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  const kafka::partitions_handle topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), config.topic.c_str(), RD_KAFKA_PARTITION_UA);
  check(rd_kafka_subscribe(client_.get(), topics.get()));
}

void raw_consumer::consume(std::uint64_t count, const handling& handle) {
  commit_due_ = std::chrono::steady_clock::now() + config_.commit_every;
  for (std::uint64_t handled = 0; handled < count;) {
    handled += take(handle);
    commit_when_due();
  }
  commit(1);
  queue_.reset();
  check(rd_kafka_consumer_close(client_.get()));
}

std::uint64_t raw_consumer::take(const handling& handle) {
  std::array<rd_kafka_message_t*, messages_at_once> found{};
  // Waits for the first alone: asked for many, librdkafka waits until it has them all.
  found.front() = rd_kafka_consumer_poll(client_.get(), poll_ms);
  if (found.front() == nullptr)
    return 0;
  const auto more = rd_kafka_consume_batch_queue(queue_.get(), 0, &found[1], found.size() - 1);
  const auto count = 1 + static_cast<std::size_t>(std::max<ssize_t>(0, more));
  std::uint64_t handled = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const kafka::message_handle each{found[i]};
    if (each->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      continue;
    check(each->err);
    handle(*each);
    partitions_[static_cast<std::size_t>(each->partition)].handled = each->offset + 1;
    ++handled;
  }
  return handled;
}

kafka::partitions_handle raw_consumer::to_commit(std::int64_t at_least) {
  kafka::partitions_handle list{rd_kafka_topic_partition_list_new(measured_partitions)};
  for (std::int32_t number = 0; number < measured_partitions; ++number) {
    auto& each = partitions_[static_cast<std::size_t>(number)];
    if (each.handled - each.committed < at_least)
      continue;
    rd_kafka_topic_partition_list_add(list.get(), config_.topic.c_str(), number)->offset = each.handled;
    each.committed = each.handled;
  }
  return list;
}

void raw_consumer::commit_when_due() {
  const auto now = std::chrono::steady_clock::now();
  commit(now >= commit_due_ ? 1 : config_.commit_after);
  if (now >= commit_due_)
    commit_due_ = now + config_.commit_every;
}

void raw_consumer::commit(std::int64_t at_least) {
  const auto list = to_commit(at_least);
  if (list->cnt == 0)
    return;
  check(rd_kafka_commit(client_.get(), list.get(), 0));
  ++commits_;
}

} // namespace troupe::bench
