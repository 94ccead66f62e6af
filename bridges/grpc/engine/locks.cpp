#include <troupe/bridges/grpc/engine/locks.hpp>

#include <absl/synchronization/mutex.h>

namespace troupe::grpc {

void trust_locks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

} // namespace troupe::grpc
