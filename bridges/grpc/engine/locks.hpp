#pragma once

namespace troupe::grpc {

/// Has the library under gRPC take its locks without looking for circles among them, in the whole process. As distributions
/// build it, it looks at every lock, which costs a small service a twentieth of its processor time, and ends the process
/// when it believes to have found one. To be called before anything of gRPC's is made.
void trust_locks();

} // namespace troupe::grpc
