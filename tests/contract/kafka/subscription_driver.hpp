#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/bridges/kafka/subscription_work.hpp>

#include "../recording_observer.hpp"

namespace troupe::contract {

using namespace troupe::kafka;
using namespace std::chrono_literals;

using offsets = std::vector<std::int64_t>;

inline const failure away{errc::unavailable, "away"};

// Drives the decisions by hand: no client, no actors, and time that only the test moves.
struct subscription_driver {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<recording_observer> watcher = std::make_shared<recording_observer>();
  subscription_metrics metrics{unsupervised(system, "service/source", watcher), "topic", "group"};
  subscription with;
  instant now{1h};
  timestamp civil{1h};
  std::optional<subscription_work> work;

  subscription_driver() {
    with.topic = "topic";
    with.group = "group";
    with.batch = 4;
    with.redelivery.delays = {10s};
  }

  void begin(std::int32_t partitions = 1, const position& from = {0, {}}) {
    work.emplace(with, "service", metrics);
    for (std::int32_t each = 0; each < partitions; ++each)
      work->gained(each, from);
  }

  void fetch(std::int32_t partition, std::int64_t offset, const std::string& key = {}, std::size_t size = 0) {
    message made;
    made.id = "id-" + std::to_string(offset);
    if (!key.empty())
      made.key = key;
    made.payload.assign(size, 'x');
    work->fetched(partition, offset, std::move(made), now);
  }

  void fetch_all(std::int32_t partition, std::int64_t from, std::int64_t to) {
    for (; from < to; ++from)
      fetch(partition, from);
  }

  std::vector<commit_entry> commit() {
    auto entries = work->next_commit(now);
    if (!entries.empty())
      work->committed({}, now);
    return entries;
  }

  // What is committed of the first partition after that time, if anything.
  std::optional<std::int64_t> commit_after(duration span) {
    now += span;
    const auto entries = commit();
    return entries.empty() ? std::nullopt : std::optional{entries.front().offset};
  }

  // The next batch, when what it needs is committed.
  std::optional<hand_out> next() {
    commit();
    return work->next_hand_out(now);
  }

  hand_out require_next() {
    auto out = next();
    CAF_REQUIRE(out.has_value());
    return std::move(*out);
  }

  static offsets offsets_of(const hand_out& out) {
    offsets result;
    for (const auto& each : out.request.batch)
      result.push_back(each.from.offset);
    return result;
  }

  void answer(const hand_out& out, verdict how = verdict::done) {
    replies all;
    all.each.resize(out.request.batch.size(), {how, away});
    work->answered(out.batch, all, now);
  }

  double counted(const std::string& name) { return watcher->value("troupe_kafka_" + name + "_total"); }
};

} // namespace troupe::contract
