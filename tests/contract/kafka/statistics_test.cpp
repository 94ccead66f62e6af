#define CAF_SUITE kafka_statistics
#include <troupe_test/suite.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <troupe/bridges/kafka/statistics.hpp>

using namespace troupe;
using namespace troupe::kafka;

namespace {

// What librdkafka 2.0.2 reported of a real broker.
std::string sample(const std::string& name) {
  std::ifstream in{std::filesystem::path{TROUPE_STATISTICS_SAMPLES} / name};
  CAF_REQUIRE(in.good());
  return {std::istreambuf_iterator<char>{in}, {}};
}

client_statistics parsed(std::string_view json) {
  const auto read = parse_statistics(json);
  CAF_REQUIRE(read.has_value());
  return *read;
}

bool is_about(double value, double wanted) {
  return value > wanted - 1e-9 && value < wanted + 1e-9;
}

} // namespace

CAF_TEST(the rebalances of a consumer are counted) {
  CAF_CHECK_EQUAL(parsed(sample("consumer")).rebalances, 1);
}

CAF_TEST(the coordinator of a group is not counted as a broker of its own) {
  const auto found = parsed(sample("consumer"));
  CAF_CHECK_EQUAL(found.brokers, 1u);
  CAF_CHECK_EQUAL(found.brokers_up, 1u);
  CAF_CHECK(is_about(found.latency_p50, 0.503807));
  CAF_CHECK(is_about(found.latency_p99, 0.505855));
}

CAF_TEST(a producer has no group) {
  const auto found = parsed(sample("producer"));
  CAF_CHECK_EQUAL(found.brokers_up, 1u);
  CAF_CHECK_EQUAL(found.rebalances, 0);
}

CAF_TEST(brokers of the bootstrap list and those that are down are distinguished) {
  const auto found = parsed(R"({"brokers": {
    "bootstrap": {"nodeid": -1, "state": "UP", "rtt": {"p50": 9000000, "p99": 9000000}},
    "down": {"nodeid": 1, "state": "DOWN", "rtt": {"p50": 8000000, "p99": 8000000}},
    "slow": {"nodeid": 2, "state": "UP", "rtt": {"p50": 3000, "p99": 4000}},
    "fast": {"nodeid": 3, "state": "UP", "rtt": {"p50": 1000, "p99": 5000}}}})");
  CAF_CHECK_EQUAL(found.brokers, 3u);
  CAF_CHECK_EQUAL(found.brokers_up, 2u);
  CAF_CHECK(is_about(found.latency_p50, 0.003));
  CAF_CHECK(is_about(found.latency_p99, 0.005));
}

CAF_TEST(the ends of the logs that a consumer fetches are read) {
  const auto found = parsed(R"({"topics": {"orders": {"partitions": {
    "0": {"partition": 0, "fetch_state": "active", "ls_offset": 110, "hi_offset": 113},
    "1": {"partition": 1, "fetch_state": "none", "ls_offset": 4, "hi_offset": 5},
    "-1": {"partition": -1}, "2": 7}}, "empty": {}, "odd": null}})");
  CAF_CHECK((found.logs == std::vector<log_end>{{"orders", 0, 110, 113}}));
}

CAF_TEST(a value that is missing or of another kind stays zero) {
  for (const auto* json :
       {"{}", R"({"brokers": null, "cgrp": 7})", R"({"brokers": {"a": 1, "b": {}, "c": {"nodeid": "1"}}})",
        R"({"cgrp": {"rebalance_cnt": "many"}})"}) {
    const auto found = parsed(json);
    CAF_CHECK_EQUAL(found.rebalances, 0);
    CAF_CHECK_EQUAL(found.brokers_up, 0u);
  }
}

CAF_TEST(a text that is not a JSON object is undecodable) {
  for (const auto* text : {"", "{", "[]", "null", "7", "{}{}"}) {
    const auto read = parse_statistics(text);
    CAF_REQUIRE(read.has_error());
    CAF_CHECK_EQUAL(read.error().code, errc::undecodable);
  }
}
