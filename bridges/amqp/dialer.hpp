#pragma once

#include <cstddef>
#include <optional>

#include <troupe/actors/runtime/link_watch.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/session.hpp>
#include <troupe/bridges/amqp/socket_interrupter.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::amqp {

/// Connects to one host after another, without end. After each round it pauses, up to 10 s, and reads the access again,
/// because a password may have been changed. One thread.
class dialer {
public:
  dialer(connection to, socket_interrupter& line, link_watch& watch) : to_(std::move(to)), line_(line), watch_(watch) {}

  /// Makes one attempt, which may block for some seconds. Returns nothing if it failed or the pause is not over. `use`
  /// prepares the session.
  template <class Use>
  std::optional<session> dial(Use use) {
    auto made = reach();
    if (!made)
      return std::nullopt;
    if (const auto used = use(*made); used.has_error()) {
      lost(used.error());
      return std::nullopt;
    }
    watch_.work_succeeds();
    return made;
  }

  /// A session has succeeded in its work: the pause after its loss is short.
  void proven() noexcept { backoff_.reset(); }
  /// A session has ended or could not be used.
  void lost(const failure& why);

  /// When to call `dial` again; in the past: now.
  [[nodiscard]] instant next_attempt() const noexcept { return not_before_; }

private:
  std::optional<session> reach();
  void failed(const failure& why);

  connection to_;
  socket_interrupter& line_;
  link_watch& watch_;
  std::optional<access> where_; ///< none: to be read
  freshness how_ = freshness::cached;
  std::size_t host_ = 0; ///< the next one
  policies::backoff backoff_{policies::reconnect_backoff};
  instant not_before_{};
};

} // namespace troupe::amqp
