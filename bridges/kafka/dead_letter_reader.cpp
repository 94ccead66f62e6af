#include <troupe/bridges/kafka/dead_letter_reader.hpp>

#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>

namespace troupe::kafka {

namespace {

constexpr const char* reader_group = "troupe-dead-letters";

failure failure_at(const std::string& topic, rd_kafka_resp_err_t code) {
  return to_failure(code, code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ? reader_group : topic);
}

} // namespace

expected<dead_letter_reader> dead_letter_reader::connect(const connection& to, const access& where,
                                                         client_listener& listener) {
  auto conf = make_conf(to, where,
                        {{"group.id", reader_group}, // never joined; librdkafka requires one
                         {"enable.auto.commit", "false"},
                         {"enable.auto.offset.store", "false"},
                         {"enable.partition.eof", "true"},
                         {"isolation.level", "read_committed"},
                         {"auto.offset.reset", "earliest"}},
                        listener);
  if (conf.has_error())
    return conf.error();
  auto made = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (made.has_error())
    return made.error();
  rd_kafka_poll_set_consumer(made->get());
  return dead_letter_reader{std::move(*made)};
}

expected<std::int32_t> dead_letter_reader::partitions(const std::string& topic, instant until) {
  auto result = partitions_of(client_.get(), topic, until);
  if (result.has_error()) // the client's own errors, which say more, reach its listener
    const message_handle none{rd_kafka_consumer_poll(client_.get(), 0)};
  return result;
}

expected<void> dead_letter_reader::read(const std::string& topic, std::int32_t partition, std::int64_t from, instant until,
                                        const std::function<next(const record_view&)>& show) {
  const partitions_handle list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = from;
  if (const auto code = rd_kafka_assign(client_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_failure(code);
  expected<void> outcome;
  for (auto then = next::go_on; then == next::go_on;) {
    const message_handle found{rd_kafka_consumer_poll(client_.get(), milliseconds_until(until))};
    if (steady_now() >= until) {
      outcome = failure{errc::deadline_exceeded, "not all of " + topic + " could be read in time"};
      break;
    }
    if (!found)
      continue;
    if (found->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      break;
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcome = failure_at(topic, found->err);
      break;
    }
    then = show(view_of(*found));
  }
  rd_kafka_assign(client_.get(), nullptr);
  return outcome;
}

} // namespace troupe::kafka
