#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe {

/// Counts the calls of one service by another, wherever that runs, as `troupe_calls_total` by outcome. Any thread.
class call_counts {
public:
  call_counts(observer_ptr watcher, std::string service, std::string to);

  /// A call has ended: `errc::none` where it was answered, else why it was not.
  void ended(errc outcome);

private:
  counter& make(errc outcome) const;

  const observer_ptr watcher_; // owns the counters
  const std::string service_;
  const std::string to_;
  std::array<std::atomic<counter*>, static_cast<std::size_t>(errc::internal) + 1> cells_{}; // made when first needed
};

using call_counts_ptr = std::shared_ptr<call_counts>;

} // namespace troupe
