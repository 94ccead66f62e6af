#include <troupe/bridges/kafka/redriver.hpp>

#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>
#include <troupe/bridges/kafka/waiting.hpp>

namespace troupe::kafka {

namespace {

failure redrive_failure(const error_handle& failed) {
  auto why = to_failure(failed.get());
  const auto code = rd_kafka_error_code(failed.get());
  if (code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED
      || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
    why = {errc::conflict, "another redrive of the same topic has begun meanwhile"};
  return why;
}

} // namespace

expected<redriver> redriver::connect(const connection& to, const access& where, const std::string& topic, instant until,
                                     client_listener& listener) {
  // A topic's limit is one of compressed bytes: what came in small goes back small.
  auto conf = make_conf(
    to, where,
    {{"transactional.id", "troupe-redrive-" + topic}, {"partitioner", "murmur2_random"}, {"compression.codec", "gzip"}},
    listener);
  if (conf.has_error())
    return conf.error();
  auto made = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (made.has_error())
    return made.error();
  const error_handle failed{rd_kafka_init_transactions(made->get(), milliseconds_until(until))};
  if (failed)
    return redrive_failure(failed);
  return redriver{std::move(*made), topic};
}

expected<void> redriver::send(const std::vector<redriven_letter>& what, instant until) {
  const auto partitions = partitions_of(client_.get(), topic_, until);
  if (partitions.has_error())
    return partitions.error();
  if (*partitions == 0)
    return to_failure(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, topic_);
  const auto letters = dead_letter_topic(topic_);
  if (const error_handle failed{rd_kafka_begin_transaction(client_.get())})
    return redrive_failure(failed);
  expected<void> produced;
  for (const auto& each : what) {
    message mark;
    mark.headers.push_back({std::string{redriven_header}, redriven_text(each.where)});
    outgoing_record back{each.content, outgoing_record::bytes::copied};
    back.to(topic_);
    if (each.came_from && *each.came_from >= 0 && *each.came_from < *partitions)
      back.in(*each.came_from);
    produced = produce(back, until);
    if (produced.has_value())
      produced = produce(outgoing_record{mark, outgoing_record::bytes::copied}.to(letters), until);
    if (produced.has_error())
      break;
  }
  if (produced.has_value()) {
    const error_handle failed{rd_kafka_commit_transaction(client_.get(), milliseconds_until(until))};
    if (!failed)
      return {};
    produced = redrive_failure(failed);
  }
  const error_handle not_undone{rd_kafka_abort_transaction(client_.get(), milliseconds_until(until))};
  return produced; // what could not be undone is undone by the brokers when its time is over
}

// More than the client holds at a time waits for the brokers to take some.
expected<void> redriver::produce(outgoing_record& what, instant until) {
  for (;;) {
    const auto failed = what.produce(client_.get());
    if (!failed)
      return {};
    if (rd_kafka_error_code(failed.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL || steady_now() >= until)
      return redrive_failure(failed);
    rd_kafka_poll(client_.get(), queue_pause_ms);
  }
}

} // namespace troupe::kafka
