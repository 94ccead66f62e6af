#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#define CAF_SUITE telemetry_metrics
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/instruments.hpp>
#include <troupe/bridges/telemetry/metric_families.hpp>

#include "exposition.hpp"
#include "surroundings.hpp"

namespace {

using namespace troupe::telemetry_test;
using troupe::telemetry::metric_families;
using troupe::telemetry::to_text;

exposition read(const metric_families& all) {
  return parse_exposition(to_text(all.collect()));
}

} // namespace

CAF_TEST(a metric asked for twice is one whatever the order of its labels) {
  metric_families all{10};
  auto& first = all.make_counter("calls_total", "Calls.", {{"service", "a"}, {"method", "get"}});
  auto& second = all.make_counter("calls_total", "Calls.", {{"method", "get"}, {"service", "a"}});
  CAF_CHECK_EQUAL(&first, &second);
  first.add();
  second.add(2.5);
  CAF_CHECK_EQUAL(read(all).at("calls_total", {{"service", "a"}, {"method", "get"}}), 3.5);
}

CAF_TEST(references stay valid while other series are made) {
  metric_families all{2000};
  auto& first = all.make_counter("calls_total", "Calls.", {{"path", "first"}});
  for (auto i = 0; i < 1000; ++i)
    all.make_counter("calls_total", "Calls.", {{"path", std::to_string(i)}}).add();
  first.add(7);
  CAF_CHECK_EQUAL(read(all).at("calls_total", {{"path", "first"}}), 7);
}

CAF_TEST(each family says what it is once and before its series) {
  metric_families all{10};
  all.make_counter("b_total", "Second.", {{"x", "1"}});
  all.make_counter("b_total", "Ignored: the first help stands.", {{"x", "2"}});
  all.make_gauge("a", "First.", {}).set(-1.5);
  const auto text = to_text(all.collect());
  CAF_CHECK(text.starts_with("# HELP a First.\n# TYPE a gauge\na -1.5\n"
                             "# HELP b_total Second.\n# TYPE b_total counter\n"
                             "b_total{x=\"1\"} 0\nb_total{x=\"2\"} 0\n"));
}

CAF_TEST(any text is a label value and any text is a help) {
  metric_families all{10};
  all.make_gauge("a", "one\\two\nthree", {{"x", "quote\" slash\\ line\nend"}}).set(1);
  all.make_gauge("b", "", {{"x", "ill\xFF formed\xC3"}}).set(2);
  const auto read_back = read(all);
  CAF_CHECK_EQUAL(read_back.find("a")->help, "one\\two\nthree");
  CAF_CHECK_EQUAL(read_back.at("a", {{"x", "quote\" slash\\ line\nend"}}), 1);
  CAF_CHECK_EQUAL(read_back.at("b", {{"x", "ill\xEF\xBF\xBD formed\xEF\xBF\xBD"}}), 2);
}

CAF_TEST(a histogram counts a value in the bucket whose bound it does not exceed) {
  metric_families all{10};
  auto& times = all.make_histogram("seconds", "Durations.", {{"actor", "x"}});
  for (const auto value : {0.0001, 0.00010001, 0.005, 30.0, 30.5, 0.0})
    times.observe(value);
  const auto seen = read(all);
  const auto bucket = [&seen](const char* bound) { return seen.at("seconds_bucket", {{"actor", "x"}, {"le", bound}}); };
  CAF_CHECK_EQUAL(bucket("0.0001"), 2);
  CAF_CHECK_EQUAL(bucket("0.00025"), 3);
  CAF_CHECK_EQUAL(bucket("0.0025"), 3);
  CAF_CHECK_EQUAL(bucket("0.005"), 4);
  CAF_CHECK_EQUAL(bucket("30"), 5);
  CAF_CHECK_EQUAL(bucket("+Inf"), 6);
  CAF_CHECK_EQUAL(seen.at("seconds_count", {{"actor", "x"}}), 6);
  CAF_CHECK(std::abs(seen.at("seconds_sum", {{"actor", "x"}}) - 60.50520001) < 1e-9);
}

CAF_TEST(label combinations beyond the bound share one series and are counted) {
  metric_families all{3};
  for (const auto* value : {"a", "b", "c", "d", "e"})
    all.make_counter("calls_total", "Calls.", {{"path", value}, {"kind", "k"}}).add();
  all.make_counter("calls_total", "Calls.", {{"path", "b"}, {"kind", "k"}}).add();
  auto& d = all.make_counter("calls_total", "Calls.", {{"path", "d"}, {"kind", "k"}});
  CAF_CHECK_EQUAL(&d, &all.make_counter("calls_total", "Calls.", {{"path", "z"}, {"kind", "q"}}));
  const auto seen = read(all);
  CAF_CHECK_EQUAL(seen.find("calls_total")->samples.size(), 4u);
  CAF_CHECK_EQUAL(seen.at("calls_total", {{"path", "b"}, {"kind", "k"}}), 2);
  CAF_CHECK_EQUAL(seen.at("calls_total", {{"path", "other"}, {"kind", "other"}}), 2);
  CAF_CHECK_EQUAL(seen.at("troupe_metric_series_overflow_total", {{"metric", "calls_total"}}), 4);
}

CAF_TEST(a thousand series are the default bound of a family) {
  fixture it;
  auto& subject = it.start();
  for (auto i = 0; i < 1100; ++i)
    subject.make_gauge("things", "Things.", {{"id", std::to_string(i)}}).set(i);
  const auto seen = parse_exposition(subject.metrics_text());
  CAF_CHECK_EQUAL(seen.find("things")->samples.size(), 1001u);
  CAF_CHECK_EQUAL(seen.at("troupe_metric_series_overflow_total", {{"metric", "things"}}), 100);
}

CAF_TEST(names and labels that Prometheus does not take are refused) {
  metric_families all{10};
  for (const auto* name : {"", "1a", "a-b", "a b", "\xC3\xA4", "__a", "a{"})
    CAF_CHECK_THROWS_AS(all.make_counter(name, "", {}), std::invalid_argument);
  for (const auto* name : {"", "1a", "a-b", "a:b", "__a"})
    CAF_CHECK_THROWS_AS(all.make_counter("a", "", {{name, "x"}}), std::invalid_argument);
  CAF_CHECK_THROWS_AS(all.make_counter("a", "", {{"x", "1"}, {"x", "2"}}), std::invalid_argument);
  CAF_CHECK_THROWS_AS(all.make_histogram("a", "", {{"le", "1"}}), std::invalid_argument);
  all.make_counter("rule:a", "", {{"le", "1"}});
}

CAF_TEST(a name means one metric) {
  metric_families all{10};
  all.make_counter("a", "", {{"x", "1"}});
  CAF_CHECK_THROWS_AS(all.make_gauge("a", "", {{"x", "1"}}), std::invalid_argument);
  CAF_CHECK_THROWS_AS(all.make_counter("a", "", {{"y", "1"}}), std::invalid_argument);
  CAF_CHECK_THROWS_AS(all.make_counter("a", "", {}), std::invalid_argument);
  all.make_histogram("h", "", {});
  for (const auto* name : {"h_bucket", "h_sum", "h_count"})
    CAF_CHECK_THROWS_AS(all.make_counter(name, "", {}), std::invalid_argument);
  all.make_counter("i_sum", "", {});
  CAF_CHECK_THROWS_AS(all.make_histogram("i", "", {}), std::invalid_argument);
}

CAF_TEST(names that telemetry itself exposes cannot be taken) {
  fixture it;
  auto& subject = it.start();
  for (const auto* name : {"process_open_fds", "troupe_actor_mailbox_messages", "troupe_actor_handling_seconds_count"})
    CAF_CHECK_THROWS_AS(subject.make_counter(name, "", {}), std::invalid_argument);
}

CAF_TEST(values that would spoil a sum for ever are refused and counted) {
  metric_families all{10};
  auto& calls = all.make_counter("calls_total", "", {});
  auto& times = all.make_histogram("seconds", "", {});
  const auto nothing = std::numeric_limits<double>::quiet_NaN();
  const auto everything = std::numeric_limits<double>::infinity();
  calls.add(3);
  calls.add(0);
  for (const auto value : {-1.0, nothing, everything})
    calls.add(value);
  times.observe(nothing);
  times.observe(everything);
  const auto seen = read(all);
  CAF_CHECK_EQUAL(seen.at("calls_total"), 3);
  CAF_CHECK_EQUAL(seen.at("seconds_count"), 0);
  CAF_CHECK_EQUAL(seen.at("troupe_metric_values_refused_total"), 5);
}

CAF_TEST(the exposition of a fresh process can be read and has its version) {
  fixture it;
  const auto seen = parse_exposition(it.start().metrics_text());
  CAF_CHECK_EQUAL(seen.at("troupe_build_info", {{"commit", "abc"}, {"compiler", "GNU 12"}, {"version", "1.2.3"}}), 1);
  CAF_CHECK_EQUAL(seen.at("troupe_log_lines_lost_total", {{"reason", "queue_full"}}), 0);
  CAF_CHECK_GREATER(seen.at("process_resident_memory_bytes"), 1e6);
  CAF_CHECK_GREATER(seen.at("process_open_fds"), 2);
}
