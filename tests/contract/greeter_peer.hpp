#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/greeter.hpp>

#include "scripted_greeter.hpp"

namespace troupe::contract {

/// What an implementation of the greeter port promises beyond what every one of them must. The suite asks for what is
/// promised, and for no more.
struct greeter_guarantees {
  enum class promise : std::uint8_t { no, yes };

  promise crosses_processes = promise::yes; ///< what the remote is short of is reported as `throttled`, not as `overloaded`
  promise keeps_deadline = promise::yes;    ///< answers by it, rather than leaving that to the caller's request timeout
  promise forwards_metadata = promise::yes; ///< `greet::forwarded` arrives, and not the trace alone
  promise tells_hostname = promise::yes;    ///< `greeting::hostname` arrives
  promise returns_at_once = promise::yes;   ///< after the remote has come back, the next call already succeeds
};

/// What the suite wants of a greeter: the one under test, and a remote greeter behind it that a test scripts.
class greeter_peer {
public:
  virtual ~greeter_peer() = default;

  [[nodiscard]] virtual greeter_guarantees promised() const = 0;

  virtual caf::actor_system& system() = 0;
  /// The greeter under test.
  virtual greeter_actor greeter() = 0;
  /// Who answers behind it.
  virtual scripted_greeter& remote() = 0;

  /// The remote can no longer be reached, from when this returns; and can be again.
  virtual void take_away() = 0;
  virtual void bring_back() = 0;
};

} // namespace troupe::contract
