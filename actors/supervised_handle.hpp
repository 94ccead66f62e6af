#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include <troupe/messages/ports/caf.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::actors {

/// The stable address of a supervised actor: what callers hold while incarnations come and go behind it. It is an actor
/// only in so far as messages can be sent to it. It forwards in the sender's thread, so that a message makes no extra hop;
/// the incarnation answers the sender directly.
///
/// While no incarnation is behind it, messages are stashed in order up to a bound; beyond it, and while it refuses, requests
/// are answered with an error at once. Any thread may send; the supervisor alone connects, disconnects and refuses.
class supervised_handle final : public caf::monitorable_actor {
public:
  /// Counts of what was refused, by reason. They outlive the handle.
  struct refusals {
    counter& overloaded; ///< the stash was full
    counter& away;       ///< the actor was stopped, or had failed too often
    counter& cut;        ///< it was cut off on purpose
  };

  supervised_handle(caf::actor_config& config, std::size_t stash_limit, refusals counts);

  /// Makes a handle with no incarnation behind it.
  static caf::strong_actor_ptr make(caf::actor_system& system, std::size_t stash_limit, refusals counts);

  /// The handle behind an address that `make` returned.
  static supervised_handle& of(const caf::strong_actor_ptr& address);

  /// Hands the stashed messages, then all later ones, to this incarnation.
  void connect(caf::strong_actor_ptr incarnation);

  /// From now on messages are stashed, if this incarnation is still the one behind the handle.
  void disconnect(caf::actor_id incarnation);

  /// Until an incarnation is connected again, requests are answered with `code`, the stashed ones first.
  void refuse(errc code);

  // Faults, which are made on purpose, and of which the incarnation knows nothing.

  /// Has the incarnation end for `reason`, if there is one, before it serves what waits in its mailbox.
  void end_incarnation(const caf::error& reason) const;

  /// From now on messages wait in the stash, also for a new incarnation, until `restore`.
  void hold();

  /// Hands what waits to the incarnation, and goes on holding.
  void pass();

  /// From now on requests are answered `unavailable` at once, also those that wait, until `restore`.
  void cut();

  /// Ends a hold or a cut: what waits is handed to the incarnation.
  void restore();

  /// Messages waiting for an incarnation.
  [[nodiscard]] std::size_t stashed() const;

  bool enqueue(caf::mailbox_element_ptr element, execution_context* context) override;

  /// CAF asks every actor to set up its metrics; a handle has none.
  void setup_metrics() {}

private:
  enum class fault : std::uint8_t { none, held, cut };

  void hand_over();

  std::size_t stash_limit_;
  refusals refused_;
  mutable std::mutex mutex_;
  caf::strong_actor_ptr incarnation_;
  std::deque<caf::mailbox_element_ptr> stash_;
  errc closed_ = errc::none; // why, while closed
  fault fault_ = fault::none;
};

} // namespace troupe::actors
