#pragma once

#include <set>
#include <string>

#include <troupe/messages/values/delivery.hpp>

namespace troupe::actors {

/// Which keys of a batch are stopped because one of their deliveries is not done. A delivery without a key is its own key.
class key_runs {
public:
  void stop(const delivery& one) {
    if (one.content.key)
      stopped_.insert(*one.content.key);
  }

  [[nodiscard]] bool stopped(const delivery& one) const {
    return !stopped_.empty() && one.content.key && stopped_.contains(*one.content.key);
  }

private:
  std::set<std::string> stopped_;
};

} // namespace troupe::actors
