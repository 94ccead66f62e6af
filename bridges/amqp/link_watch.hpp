#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <troupe/messages/ports/spawning.hpp>
#include <troupe/messages/values/link_state.hpp>

namespace troupe::amqp {

/// Turns what becomes of a connection into log lines and the link's state: each change is told once. On the thread that owns
/// the connection.
class link_watch {
public:
  /// `what` is of whom it speaks: a queue or an exchange.
  link_watch(const spawn_context& context, link_state_ptr state, std::string what);

  /// No broker can be reached or lets us in.
  void link_fails(const failure& why);
  void link_works();
  /// The work itself does not go on (a queue with other properties, a broker that blocks publishers), or does again.
  void work_fails(const failure& why);
  void work_goes_on();

  /// Why nothing goes on, if nothing does.
  [[nodiscard]] const std::optional<failure>& trouble() const noexcept {
    return link_trouble_ ? link_trouble_ : work_trouble_;
  }

private:
  void say(severity level, std::string_view text) const;
  void tell_state();

  observer_ptr watcher_;
  link_state_ptr state_;
  const std::string what_;
  const std::string service_;
  const std::string actor_;
  std::optional<failure> link_trouble_;
  std::optional<failure> work_trouble_;
};

} // namespace troupe::amqp
