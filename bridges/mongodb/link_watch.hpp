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

  void fails(const failure& why) {
    const std::lock_guard lock{guard_};
    if (!trouble_ || *trouble_ != why.code)
      watcher_->log(severity::error, {service_, actor_}, to_string(why));
    trouble_ = why.code;
    works_ = false;
    state_->fails(why);
  }

  void works() {
    const std::lock_guard lock{guard_};
    if (works_)
      return;
    if (std::exchange(trouble_, std::nullopt))
      watcher_->log(severity::info, {service_, actor_}, "MongoDB can be reached again");
    works_ = true;
    state_->works();
  }

  /// Whether the last that was seen of the servers was good.
  [[nodiscard]] bool working() const {
    const std::lock_guard lock{guard_};
    return works_;
  }

  void say(severity level, const std::string& text) const { watcher_->log(level, {service_, actor_}, text); }

private:
  observer_ptr watcher_;
  const std::string service_;
  const std::string actor_;
  mutable std::mutex guard_;
  link_state_ptr state_; // below guard_, as what follows
  std::optional<errc> trouble_;
  bool works_ = false;
};

} // namespace troupe::mongodb
