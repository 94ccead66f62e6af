#define CAF_SUITE kafka_statistics
#include <troupe_test/suite.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <troupe/bridges/kafka/statistics.hpp>

using namespace troupe;
using namespace troupe::kafka;

namespace {

// What librdkafka 2.0.2 told of a real broker.
std::string sample(const std::string& name) {
  std::ifstream in{std::filesystem::path{TROUPE_STATISTICS_SAMPLES} / name};
  CAF_REQUIRE(in.good());
  return {std::istreambuf_iterator<char>{in}, {}};
}

client_statistics parsed(std::string_view json) {
  const auto read = parse_statistics(json, "foo-topic");
  CAF_REQUIRE(read.has_value());
  return *read;
}

bool is_about(double value, double wanted) {
  return value > wanted - 1e-9 && value < wanted + 1e-9;
}

} // namespace

CAF_TEST(a consumer tells its lag for each partition that it reads) {
  const auto told = parsed(sample("consumer"));
  CAF_CHECK(told.partitions == (std::vector<client_statistics::partition>{{0, 4}, {1, 5}}));
  CAF_CHECK_EQUAL(told.rebalances, 1);
}

CAF_TEST(the coordinator of a group is not counted as a broker of its own) {
  const auto told = parsed(sample("consumer"));
  CAF_CHECK_EQUAL(told.brokers, 1u);
  CAF_CHECK_EQUAL(told.brokers_up, 1u);
  CAF_CHECK(is_about(told.latency_p50, 0.503807));
  CAF_CHECK(is_about(told.latency_p99, 0.505855));
}

CAF_TEST(a producer has no lag and no group) {
  const auto told = parsed(sample("producer"));
  CAF_CHECK_EQUAL(told.brokers_up, 1u);
  CAF_CHECK(told.partitions.empty());
  CAF_CHECK_EQUAL(told.rebalances, 0);
}

CAF_TEST(another topic has no partitions here) {
  const auto read = parse_statistics(sample("consumer"), "bar-topic");
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(read->partitions.empty());
  CAF_CHECK_EQUAL(read->brokers_up, 1u);
}

CAF_TEST(brokers of the bootstrap list and those that are down are told apart) {
  const auto told = parsed(R"({"brokers": {
    "bootstrap": {"nodeid": -1, "state": "UP", "rtt": {"p50": 9000000, "p99": 9000000}},
    "down": {"nodeid": 1, "state": "DOWN", "rtt": {"p50": 8000000, "p99": 8000000}},
    "slow": {"nodeid": 2, "state": "UP", "rtt": {"p50": 3000, "p99": 4000}},
    "fast": {"nodeid": 3, "state": "UP", "rtt": {"p50": 1000, "p99": 5000}}}})");
  CAF_CHECK_EQUAL(told.brokers, 3u);
  CAF_CHECK_EQUAL(told.brokers_up, 2u);
  CAF_CHECK(is_about(told.latency_p50, 0.003));
  CAF_CHECK(is_about(told.latency_p99, 0.005));
}

CAF_TEST(partitions that are not read or whose lag is not known are left out and the others stand by number) {
  const auto told = parsed(R"({"topics": {"foo-topic": {"partitions": {
    "10": {"partition": 10, "consumer_lag": 1, "fetch_state": "active"},
    "2": {"partition": 2, "consumer_lag": 0, "fetch_state": "active"},
    "3": {"partition": 3, "consumer_lag": -1, "fetch_state": "active"},
    "4": {"partition": 4, "consumer_lag": 7, "fetch_state": "stopped"},
    "5": {"partition": 4294967296, "consumer_lag": 7, "fetch_state": "active"},
    "-1": {"partition": -1, "consumer_lag": 7, "fetch_state": "active"}}}}})");
  CAF_CHECK(told.partitions == (std::vector<client_statistics::partition>{{2, 0}, {10, 1}}));
}

CAF_TEST(what is missing or of another kind stays zero) {
  for (const auto* json :
       {"{}", R"({"brokers": null, "cgrp": 7, "topics": []})", R"({"brokers": {"a": 1, "b": {}, "c": {"nodeid": "1"}}})",
        R"({"topics": {"foo-topic": {"partitions": {"0": {}, "1": 5}}}})", R"({"cgrp": {"rebalance_cnt": "many"}})",
        R"({"topics": {"foo-topic": null}})"}) {
    const auto told = parsed(json);
    CAF_CHECK(told.partitions.empty());
    CAF_CHECK_EQUAL(told.rebalances, 0);
    CAF_CHECK_EQUAL(told.brokers_up, 0u);
  }
}

CAF_TEST(what is no JSON object is undecodable) {
  for (const auto* text : {"", "{", "[]", "null", "7", "{}{}"}) {
    const auto read = parse_statistics(text, "foo-topic");
    CAF_REQUIRE(read.has_error());
    CAF_CHECK_EQUAL(read.error().code, errc::undecodable);
  }
}
