#pragma once

#include <map>
#include <memory>
#include <string>

#include <troupe/policies/fault_switch.hpp>

namespace troupe::host {

/// The faults that actors ask for themselves. Switches are made when they are first asked for, on the thread that starts the
/// process; after that they are only looked up.
class fault_switches {
public:
  using switch_ptr = std::shared_ptr<policies::fault_switch>;

  /// While it is on, the consumers of the channel pause.
  switch_ptr pause_of(const std::string& channel) { return of(pauses_, channel); }

  /// While it is on, the breaker before a service of another process counts as open.
  switch_ptr breaker_of(const std::string& peer) { return of(breakers_, peer); }

private:
  static switch_ptr of(std::map<std::string, switch_ptr>& all, const std::string& name) {
    auto& one = all[name];
    if (!one)
      one = std::make_shared<policies::fault_switch>();
    return one;
  }

  std::map<std::string, switch_ptr> pauses_;
  std::map<std::string, switch_ptr> breakers_;
};

} // namespace troupe::host
