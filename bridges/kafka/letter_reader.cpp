#include <troupe/bridges/kafka/letter_reader.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>

namespace troupe::kafka {

namespace {

struct metadata_deleter {
  void operator()(const struct rd_kafka_metadata* what) const noexcept { rd_kafka_metadata_destroy(what); }
};
using metadata_handle = std::unique_ptr<const struct rd_kafka_metadata, metadata_deleter>;

int milliseconds_until(instant until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 1));
}

} // namespace

expected<letter_reader> letter_reader::connect(const connection& to, const access& where, client_listener& listener) {
  auto conf = make_conf(to, where,
                        {{"group.id", "troupe-dead-letters"}, // never joined; librdkafka wants one of every consumer
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
  return letter_reader{std::move(*made)};
}

expected<std::int32_t> letter_reader::partitions(const std::string& topic, instant until) {
  const struct rd_kafka_metadata* raw = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, milliseconds_until(until));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_failure(code);
  const metadata_handle all{raw};
  for (int i = 0; i < all->topic_cnt; ++i)
    if (topic == all->topics[i].topic)
      return all->topics[i].partition_cnt;
  return 0;
}

expected<void> letter_reader::read(const std::string& topic, std::int32_t partition, std::int64_t from, instant until,
                                   const std::function<next(const record_view&)>& show) {
  const partitions_handle list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = from;
  if (const auto code = rd_kafka_assign(client_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_failure(code);
  expected<void> outcome;
  for (auto what = next::go_on; what == next::go_on;) {
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
      outcome = to_failure(found->err, topic);
      break;
    }
    what = show(view_of(*found));
  }
  rd_kafka_assign(client_.get(), nullptr);
  return outcome;
}

} // namespace troupe::kafka
