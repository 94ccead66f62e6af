#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <troupe/messages/ports/spawning.hpp>
#include <troupe/messages/values/link_state.hpp>

namespace troupe::mongodb {

/// Tells the link's state and logs each of its changes once. Any thread.
class link_watch {
public:
  link_watch(const spawn_context& context, link_state_ptr state)
    : watcher_(context.watcher), service_(context.service()), actor_(context.actor()), state_(std::move(state)) {}

  /// The servers cannot be reached or do not let us in, or can be reached again.
  void link_fails(const failure& why) {
    const std::lock_guard lock{guard_};
    changes(link_trouble_, why);
    connected_ = false;
    tell();
  }
  void link_works() {
    const std::lock_guard lock{guard_};
    if (connected_)
      return;
    connected_ = true;
    if (std::exchange(link_trouble_, std::nullopt))
      say(severity::info, "MongoDB can be reached again");
    tell();
  }

  /// Writes fail though the servers are there, or succeed.
  void work_fails(const failure& why) {
    const std::lock_guard lock{guard_};
    changes(work_trouble_, why);
    tell();
  }
  void work_succeeds() {
    link_works();
    const std::lock_guard lock{guard_};
    if (!std::exchange(work_trouble_, std::nullopt))
      return;
    say(severity::info, "MongoDB takes writes again");
    tell();
  }

  /// Whether the last that was seen of the servers was good.
  [[nodiscard]] bool connected() const {
    const std::lock_guard lock{guard_};
    return connected_;
  }

  /// Why they cannot be reached, since the last attempt; nothing before the first one.
  [[nodiscard]] std::optional<failure> link_trouble() const {
    const std::lock_guard lock{guard_};
    return link_trouble_;
  }

  void say(severity level, const std::string& text) const { watcher_->log(level, {service_, actor_}, text); }

private:
  void changes(std::optional<failure>& trouble, const failure& why) const {
    if (!trouble || trouble->code != why.code)
      say(severity::error, to_string(why));
    trouble = why;
  }

  void tell() {
    if (link_trouble_)
      state_->fails(*link_trouble_);
    else if (work_trouble_)
      state_->fails(*work_trouble_);
    else
      state_->works();
  }

  observer_ptr watcher_;
  const std::string service_;
  const std::string actor_;
  mutable std::mutex guard_;
  link_state_ptr state_; // below guard_, as what follows
  std::optional<failure> link_trouble_;
  std::optional<failure> work_trouble_;
  bool connected_ = false;
};

} // namespace troupe::mongodb
