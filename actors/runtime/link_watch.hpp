#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/link_state.hpp>

namespace troupe {

/// Turns what becomes of a bridge's connection into log lines and the link's state. Each change is logged once; a failure of
/// another code is a change. Any thread.
class link_watch {
public:
  /// `peer` is the other end, in the log; `subject` begins each line, where it is not empty.
  link_watch(const spawn_context& context, link_state_ptr state, std::string peer, std::string subject = {});

  /// The peer cannot be reached or does not let us in.
  void link_fails(const failure& why, source_location where = source_location::current());
  /// It can be reached.
  void link_works();
  /// The peer is there, and the work itself fails: no such topic, not allowed, another queue of that name.
  void work_fails(const failure& why, source_location where = source_location::current());
  /// The work succeeds, over a link that works. Cheap while nothing has failed.
  void work_succeeds();

  void say(severity level, std::string_view text, source_location where = source_location::current()) const;

  /// Whether the last that was seen of the peer was good.
  [[nodiscard]] bool connected() const noexcept { return connected_; }
  /// Whether it is, and no failure of the work is known.
  [[nodiscard]] bool untroubled() const noexcept { return untroubled_; }
  /// Why the peer cannot be reached; nothing before the first attempt.
  [[nodiscard]] std::optional<failure> link_trouble() const;
  /// Why the work fails.
  [[nodiscard]] std::optional<failure> work_trouble() const;
  /// Either of them, the link's first.
  [[nodiscard]] std::optional<failure> trouble() const;

private:
  void changed_to(std::optional<failure>& trouble, const failure& why, source_location where);
  void update_state();

  observer_ptr watcher_;
  const std::string service_;
  const std::string actor_;
  const std::string peer_;
  const std::string subject_;
  std::atomic<bool> connected_ = false;
  std::atomic<bool> untroubled_ = false; ///< connected, and no failure is known
  mutable std::mutex guard_;
  link_state_ptr state_; // below guard_, as what follows
  std::optional<failure> link_trouble_;
  std::optional<failure> work_trouble_;
};

} // namespace troupe
