#pragma once

namespace troupe::grpc {

/// Keeps gRPC's callback threads for as long as the process lives. They end with the last channel and server that use them,
/// and their last owner waits for them: a call that outlives its client is released on one of those threads, which would
/// wait for itself. Any thread; more than once is once.
void keep_callback_threads();

} // namespace troupe::grpc
