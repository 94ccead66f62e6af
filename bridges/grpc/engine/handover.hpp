#pragma once

#include <atomic>

namespace troupe::grpc {

/// Orders what a thread did to an object before it gave it to gRPC before what gRPC's threads do with it. gRPC's own locks
/// do so too; but the thread sanitizer cannot see those, and would report every such step or else have to overlook our own
/// races.
class handover {
public:
  void give() noexcept { given_.store(true, std::memory_order_release); }
  void take() const noexcept { static_cast<void>(given_.load(std::memory_order_acquire)); }

private:
  std::atomic<bool> given_{false};
};

} // namespace troupe::grpc
