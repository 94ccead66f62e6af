#include <atomic>
#include <string>
#include <thread>
#include <vector>

#define CAF_SUITE telemetry_concurrency
#include <troupe_test/suite.hpp>

#include "exposition.hpp"
#include "surroundings.hpp"

namespace {

using namespace troupe::telemetry_test;
using troupe::severity;
using troupe::telemetry::log_level;

constexpr auto threads = 4;
constexpr auto rounds = 500;

/// What an actor does all day.
void work(troupe::telemetry::telemetry& subject, int number) {
  const auto name = "worker-" + std::to_string(number);
  const troupe::speaker who{"service-a", name};
  auto& times = subject.make_histogram("seconds", "Durations.", {});
  for (auto i = 0; i < rounds; ++i) {
    subject.make_counter("calls_total", "Calls.", {{"worker", name}}).add();
    subject.make_counter("shared_total", "Calls.", {}).add();
    subject.make_gauge("round", "Rounds.", {{"worker", name}}).set(i);
    times.observe(0.001);
    subject.log(severity::info, who, "round");
    subject.log(severity::error, who, "failed");
    const auto span = subject.begin_span("round", troupe::span_kind::internal, {});
    subject.end_span(span, {troupe::errc::none, {}});
  }
}

} // namespace

CAF_TEST(nothing is lost between threads that count and log while others read and change levels) {
  fixture it;
  it.config.log_queue_bytes = 64U << 20U;
  auto& subject = it.start();
  std::atomic<bool> done{false};
  std::thread reader{[&] {
    while (!done) {
      parse_exposition(subject.metrics_text());
      subject.set_level(log_level::debug);
      subject.flush(std::chrono::milliseconds{1});
      it.clock.advance(std::chrono::milliseconds{1});
    }
  }};
  std::vector<std::thread> workers;
  workers.reserve(threads);
  for (auto i = 0; i < threads; ++i)
    workers.emplace_back(work, std::ref(subject), i);
  for (auto& each : workers)
    each.join();
  done = true;
  reader.join();
  const auto lines = it.lines();
  const auto seen = parse_exposition(subject.metrics_text());
  CAF_CHECK_EQUAL(seen.at("shared_total"), threads * rounds);
  CAF_CHECK_EQUAL(seen.at("seconds_count"), threads * rounds);
  CAF_CHECK_EQUAL(seen.at("calls_total", {{"worker", "worker-0"}}), rounds);
  CAF_CHECK_EQUAL(seen.at("troupe_log_lines_total", {{"level", "info"}}), threads * rounds);
  std::size_t counted = 0;
  for (const auto& line : lines)
    counted += std::string_view{line}.find(R"("msg":"round")") != std::string_view::npos ? 1 : 0;
  CAF_CHECK_EQUAL(counted, static_cast<std::size_t>(threads * rounds));
  CAF_CHECK_EQUAL(seen.at("troupe_log_lines_lost_total", {{"reason", "queue_full"}}), 0);
}
