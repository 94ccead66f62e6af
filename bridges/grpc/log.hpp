#pragma once

#include <troupe/messages/values/observer.hpp>

namespace troupe::grpc {

/// Has what the gRPC library itself says, such as a handshake that failed, logged by the observer instead of being written
/// to the standard error stream: for the whole process, from now on. Null gives it back. The observer is kept until the next
/// one. Any thread.
void log_to(observer_ptr watcher);

} // namespace troupe::grpc
