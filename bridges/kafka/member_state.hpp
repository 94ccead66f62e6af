#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include <troupe/bridges/inbound/consumer_link.hpp>
#include <troupe/bridges/kafka/client_access.hpp>
#include <troupe/bridges/kafka/subscription_work.hpp>
#include <troupe/bridges/kafka/waker.hpp>

namespace troupe::kafka {

/// The orders and reports between a member's thread and its actor.
struct member_link final : waker_link<inbound::consumer_link> {
  using waker_link::waker_link;

  std::atomic<bool> joining = false; ///< between the request to join the group and the one for its outcome
  std::atomic<bool> joined = false;  ///< the group has accepted this client, which waits for its first assignment
};

/// The state that the parts of a member share: its client, its work, and the orders of its actor. Only the member's thread
/// uses it.
struct member_state {
  member_state(const spawn_context& context, connection to, subscription with, std::shared_ptr<member_link> shared,
               client_watch& watching, client_access::make_function make);

  [[nodiscard]] bool may_go_on() const noexcept { return !link->abandoned() && !watch.fatal(); }
  /// May go on, and is not ordered to drain.
  [[nodiscard]] bool running() const noexcept { return may_go_on() && !drain_by; }

  /// Carries out the actor's orders. The handler's replies go to `concluded` where a transaction is to settle them.
  void take_orders();
  /// Waits, and takes orders meanwhile. Returns whether it is still running.
  bool wait(instant until);

  /// Fills the list with the group's committed offsets and their metadata, and waits for brokers that are away. False when
  /// the partitions are lost, or the member is to end.
  [[nodiscard]] bool read_committed(rd_kafka_topic_partition_list_t* partitions);

  const subscription config;
  const std::shared_ptr<member_link> link;
  client_watch& watch;
  client_access access;
  subscription_metrics metrics;
  std::unique_ptr<subscription_work> work;
  client_handle client;
  queue_handle events;   ///< of the client: rebalances, commits, errors
  queue_handle messages; ///< of all partitions: apart, so that events are served while no messages are wanted
  std::optional<instant> drain_by;
  std::vector<inbound::batch_outcome> concluded;

private:
  void take(inbound::batch_outcome& outcome);
  void take(inbound::publish_outcome& outcome);
  void take(inbound::begin_drain& order);

  instant next_letter_warning_{};
};

} // namespace troupe::kafka
