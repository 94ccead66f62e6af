#include <troupe/bridges/kafka/statistics.hpp>

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace troupe::kafka {

namespace {

namespace json = boost::json;

constexpr double microsecond = 1e-6;

const json::object* object_at(const json::object& in, std::string_view name) {
  const auto* found = in.if_contains(name);
  return found != nullptr ? found->if_object() : nullptr;
}

std::int64_t number_at(const json::object& in, std::string_view name) {
  const auto* found = in.if_contains(name);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

bool text_is(const json::object& in, std::string_view name, std::string_view wanted) {
  const auto* found = in.if_contains(name);
  return found != nullptr && found->is_string() && found->get_string() == wanted;
}

void read_broker(const json::object& from, client_statistics& into) {
  if (number_at(from, "nodeid") < 0
      || text_is(from, "source", "logical")) // a group's coordinator is counted as a broker already
    return;
  ++into.brokers;
  if (!text_is(from, "state", "UP"))
    return;
  ++into.brokers_up;
  if (const auto* latency = object_at(from, "rtt")) {
    into.latency_p50 = std::max(into.latency_p50, static_cast<double>(number_at(*latency, "p50")) * microsecond);
    into.latency_p99 = std::max(into.latency_p99, static_cast<double>(number_at(*latency, "p99")) * microsecond);
  }
}

void read_topic(const json::object& from, std::string_view topic, client_statistics& into) {
  const auto* partitions = object_at(from, "partitions");
  if (partitions == nullptr)
    return;
  for (const auto& each : *partitions) {
    const auto* partition = each.value().if_object();
    if (partition == nullptr || !text_is(*partition, "fetch_state", "active"))
      continue;
    into.logs.push_back({std::string{topic}, static_cast<std::int32_t>(number_at(*partition, "partition")),
                         number_at(*partition, "ls_offset"), number_at(*partition, "hi_offset")});
  }
}

} // namespace

expected<client_statistics> parse_statistics(std::string_view text) {
  json::error_code wrong;
  const auto parsed = json::parse({text.data(), text.size()}, wrong);
  const auto* all = wrong ? nullptr : parsed.if_object();
  if (all == nullptr)
    return failure{errc::undecodable, "the Kafka client's statistics are not a JSON object"};
  client_statistics result;
  if (const auto* brokers = object_at(*all, "brokers"))
    for (const auto& each : *brokers)
      if (const auto* broker = each.value().if_object())
        read_broker(*broker, result);
  if (const auto* group = object_at(*all, "cgrp"))
    result.rebalances = number_at(*group, "rebalance_cnt");
  if (const auto* topics = object_at(*all, "topics"))
    for (const auto& each : *topics)
      if (const auto* topic = each.value().if_object())
        read_topic(*topic, each.key(), result);
  return result;
}

} // namespace troupe::kafka
