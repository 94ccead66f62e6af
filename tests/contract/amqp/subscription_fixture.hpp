#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/subscription_work.hpp>

#include "../recording_observer.hpp"

namespace troupe::amqp_test {

using namespace troupe::amqp;
using namespace std::chrono_literals;

using step = intake::step;
using acks = std::vector<ack>;
using pressing = ack_batch::pressing;
using strings = std::vector<std::string>;

inline const failure away{errc::unavailable, "away"};

/// Drives the decisions of a consumer by hand: no session, no actors, and time that only the test moves.
struct subscription_fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  subscription_metrics metrics{unsupervised(system, "service/source", watcher), "q"};
  subscription with;
  instant now{1h};
  timestamp civil{1h};
  std::optional<subscription_work> work;
  std::uint64_t tag = 0;

  subscription_fixture() {
    with.from = work_queue("q");
    with.prefetch = 8;
    with.batch = 4;
    with.redelivery.delays = {10s};
  }

  void begin() {
    work.emplace(with, "service", metrics, random_source{[word = std::uint64_t{1}]() mutable { return ++word; }});
    session();
  }
  void session() {
    tag = 0;
    work->begun(now);
  }
  /// A session that consumes.
  void consume() {
    begin();
    CAF_REQUIRE(work->next_intake(now) == step::pull);
    work->found_nothing(now);
    CAF_REQUIRE(work->next_intake(now) == step::consume);
  }

  /// A session where nobody may pull, with two consumers.
  void take_turns() {
    begin();
    CAF_REQUIRE(work->next_intake(now) == step::pull);
    work->met_conflict();
    session();
    CAF_REQUIRE(work->next_intake(now) == step::taste);
  }
  /// The same, after the first of them has ended.
  void be_active() {
    take_turns();
    arrive("first");
    answer(*next(), verdict::done);
    CAF_REQUIRE(work->next_intake(now) == step::cancel_first);
    work->fetching_ended();
    CAF_REQUIRE_EQUAL(work->next_acks(pressing::now, now).size(), 1u);
  }

  void arrive(const std::string& id, std::uint32_t delivered_before = 0, const std::string& key = {},
              arrival::manner how = arrival::manner::pushed, std::uint32_t left = 0) {
    arrival made{{}, ++tag, how, delivered_before > 0, left};
    made.content.id = id;
    made.delivery_count = delivered_before;
    if (!key.empty())
      made.content.key = key;
    work->arrived(std::move(made), now);
  }
  void pull(const std::string& id, std::uint32_t delivered_before = 0, std::uint32_t left = 0) {
    CAF_REQUIRE(work->next_intake(now) == step::pull);
    arrive(id, delivered_before, {}, arrival::manner::pulled, left);
  }

  /// Of a session that consumes.
  void drain() {
    work->drain();
    CAF_REQUIRE(work->next_intake(now) == step::cancel);
  }

  std::vector<std::string> ids(const std::optional<hand_out>& out) {
    std::vector<std::string> result;
    for (const auto& each : out ? out->request.batch : std::vector<delivery>{})
      result.push_back(each.content.id);
    return result;
  }
  std::optional<hand_out> next() { return work->next_hand_out(now); }
  void answer(const hand_out& out, verdict how, std::optional<hold> pause = std::nullopt) {
    work->answered(out.batch, {std::vector<reply>(out.request.batch.size(), {how, away}), pause}, now);
  }
};

} // namespace troupe::amqp_test
