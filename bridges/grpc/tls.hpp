#pragma once

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/tls_files.hpp>

namespace troupe::grpc {

/// Which end of a connection shows what stands in the files.
enum class tls_end { server, client };

/// Whether the files can be used now. Fails with `invalid`, naming the file and what is wrong: it cannot be read, holds no
/// certificate or key, the key is another certificate's, or the certificate is no longer or not yet valid. A server needs a
/// certificate and its key; a client needs neither, or both. Reads the files; blocks.
expected<void> check(const tls_files& files, tls_end end);

} // namespace troupe::grpc
