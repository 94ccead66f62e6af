#pragma once

#include <memory>
#include <optional>

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/tls_files.hpp>

namespace troupe::grpc {

/// What a server shows and asks for: plaintext without files; with authorities among them, every client's certificate. The
/// files are looked at again after `refresh`. TLS 1.2 at least. Fails as `check` does.
expected<std::shared_ptr<::grpc::ServerCredentials>> server_credentials(const std::optional<tls_files>& files,
                                                                        duration refresh);

/// The same of a client, which always asks for the server's certificate and name.
expected<std::shared_ptr<::grpc::ChannelCredentials>> client_credentials(const std::optional<tls_files>& files,
                                                                         duration refresh);

} // namespace troupe::grpc
