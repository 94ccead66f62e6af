#pragma once

#include <cstddef>
#include <optional>

#include <troupe/actors/runtime/link_watch.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/session.hpp>
#include <troupe/bridges/amqp/socket_interrupter.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::amqp {

/// Finds a broker that lets us in, for ever: one host after the other, and after each round a pause that grows to 10 s, and
/// the access anew, because a password may have been changed. One thread.
class dialer {
public:
  dialer(connection to, socket_interrupter& line, link_watch& watch) : to_(std::move(to)), line_(line), watch_(watch) {}

  /// One attempt, which blocks for some seconds at most; nothing: it failed, or it is not the time yet. `use` makes of the
  /// session what it shall be, and fails as the broker does.
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

  /// A session did what it was for: the next attempt after its loss comes soon.
  void proven() noexcept { backoff_.reset(); }
  /// A session has ended, or was of no use.
  void lost(const failure& why);

  /// When to try again; in the past: at once.
  [[nodiscard]] instant next_attempt() const noexcept { return not_before_; }

private:
  std::optional<session> reach();
  void failed(const failure& why);

  connection to_;
  socket_interrupter& line_;
  link_watch& watch_;
  std::optional<access> where_; ///< none: to be asked for
  freshness how_ = freshness::cached;
  std::size_t host_ = 0; ///< whose turn it is
  policies::backoff backoff_{policies::reconnect_backoff};
  instant not_before_{};
};

} // namespace troupe::amqp
