#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#define CAF_SUITE telemetry_actors
#include <troupe_test/suite.hpp>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/telemetry/actor_metrics.hpp>
#include <troupe/messages/ports/source.hpp>

#include "exposition.hpp"
#include "surroundings.hpp"

namespace {

using namespace std::chrono_literals;
using namespace troupe::telemetry_test;
using troupe::drain;
using troupe::source_actor;

constexpr drain work{0s};
constexpr drain failure{-1s};

/// Answers, or ends.
struct answering {
  explicit answering(source_actor::pointer) {}

  source_actor::behavior_type make_behavior() {
    return {[](const drain& what) -> caf::result<troupe::drained> {
      if (what.at_most < troupe::duration::zero())
        throw std::runtime_error("made to fail");
      return troupe::drained{};
    }};
  }
};

source_actor spawn_at(caf::actor_system& system, const std::string& path) {
  return troupe::spawn_supervised<source_actor, answering>(troupe::unsupervised(system, path));
}

struct measured_config : caf::actor_system_config {
  measured_config() { troupe::telemetry::measure_actors(*this); }
};

/// Message by message, so that every figure is exact.
struct stepped_world : test_coordinator_fixture<measured_config> {
  stepped_world() { subject.watch(sys); }
  ~stepped_world() override { subject.unwatch(); }

  [[nodiscard]] exposition read() const { return parse_exposition(subject.metrics_text()); }

  fixture it;
  troupe::telemetry::telemetry& subject = it.start();
};

labels place(const std::string& service, const std::string& actor) {
  return {{"service", service}, {"actor", actor}};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(telemetry_actors_stepped, stepped_world)

CAF_TEST(every message that an actor handled is counted under its place in the tree) {
  const auto greeter = spawn_at(sys, "service-a/greeter");
  const auto writer = spawn_at(sys, "service-b/store/writer");
  for (auto i = 0; i < 20; ++i)
    caf::anon_send(greeter, work);
  for (auto i = 0; i < 3; ++i)
    caf::anon_send(writer, work);
  run();
  const auto seen = read();
  CAF_CHECK_EQUAL(seen.at("troupe_actor_handling_seconds_count", place("service-a", "greeter")), 20);
  CAF_CHECK_EQUAL(seen.at("troupe_actor_mailbox_seconds_count", place("service-a", "greeter")), 20);
  CAF_CHECK_EQUAL(seen.at("troupe_actor_handling_seconds_count", place("service-b", "store/writer")), 3);
  CAF_CHECK_GREATER_OR_EQUAL(seen.at("troupe_actor_messages_processed_total"), 23);
}

CAF_TEST(the durations of actors have the buckets of all durations) {
  const auto greeter = spawn_at(sys, "service-a/greeter");
  const auto seen = read();
  for (const auto* metric : {"troupe_actor_handling_seconds", "troupe_actor_mailbox_seconds"}) {
    CAF_CHECK_EQUAL(seen.find(metric)->samples.size(), 18u + 2u);
    for (const auto* bound : {"0.0001", "0.00025", "1", "30", "+Inf"}) {
      auto where = place("service-a", "greeter");
      where.emplace("le", bound);
      CAF_CHECK(seen.has(std::string{metric} + "_bucket", where));
    }
  }
}

CAF_TEST(messages in a mailbox are shown until they are handled or their actor ends) {
  const auto waiting = [this] { return read().at("troupe_actor_mailbox_messages", place("service-a", "greeter")); };
  const auto greeter = spawn_at(sys, "service-a/greeter");
  CAF_CHECK_EQUAL(waiting(), 0);
  caf::anon_send(greeter, work);
  caf::anon_send(greeter, failure);
  for (auto i = 0; i < 5; ++i)
    caf::anon_send(greeter, work);
  CAF_CHECK_EQUAL(waiting(), 7);
  run_once();
  CAF_CHECK_EQUAL(waiting(), 6);
  run();
  CAF_CHECK_EQUAL(waiting(), 0);
  caf::anon_send(greeter, work);
  CAF_CHECK_EQUAL(read().at("troupe_actor_messages_rejected_total"), 1);
}

CAF_TEST(incarnations of one place share its series) {
  for (auto i = 0; i < 3; ++i) {
    const auto greeter = spawn_at(sys, "service-a/greeter");
    caf::anon_send(greeter, work);
    caf::anon_send(greeter, failure);
    run();
  }
  CAF_CHECK_EQUAL(read().at("troupe_actor_handling_seconds_count", place("service-a", "greeter")), 6);
}

CAF_TEST(actors without a place in the tree have no series) {
  const auto nameless = spawn_at(sys, "nameless");
  caf::anon_send(nameless, work);
  run();
  CAF_CHECK(!read().has("troupe_actor_handling_seconds_count", place("nameless", "")));
  CAF_CHECK_EQUAL(read().find("troupe_actor_handling_seconds"), nullptr);
}

CAF_TEST(places beyond the bound share one series) {
  std::vector<source_actor> all;
  for (auto i = 0; i < 5; ++i) {
    all.push_back(spawn_at(sys, "service-a/worker-" + std::to_string(i)));
    caf::anon_send(all.back(), work);
  }
  run();
  const auto seen = parse_exposition(troupe::telemetry::to_text(troupe::telemetry::collect_actor_metrics(sys, 2)));
  const auto* name = "troupe_actor_handling_seconds_count";
  CAF_CHECK_EQUAL(seen.find("troupe_actor_mailbox_messages")->samples.size(), 3u);
  CAF_CHECK_EQUAL(seen.at(name, place("service-a", "worker-1")), 1);
  CAF_CHECK_EQUAL(seen.at(name, place("other", "other")), 3);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(a system at work can be read at any time until it is no longer watched) {
  fixture it;
  auto& subject = it.start();
  measured_config config;
  config.set("caf.scheduler.max-threads", std::size_t{2});
  auto system = std::make_unique<caf::actor_system>(config);
  subject.watch(*system);
  {
    const auto greeter = spawn_at(*system, "service-a/greeter");
    caf::scoped_actor self{*system};
    for (auto i = 0; i < 200; ++i) {
      self->request(greeter, 60s, work)
        .receive([](const troupe::drained&) {}, [](const caf::error& why) { CAF_FAIL(to_string(why)); });
      const auto handled =
        parse_exposition(subject.metrics_text()).at("troupe_actor_handling_seconds_count", place("service-a", "greeter"));
      // An actor answers before it has counted what it answered.
      CAF_REQUIRE(handled == i || handled == i + 1);
    }
  }
  subject.unwatch();
  system.reset();
  CAF_CHECK(!parse_exposition(subject.metrics_text()).has("troupe_actors_running"));
}
