#include <troupe/bridges/grpc/engine/credentials.hpp>

#include <chrono>

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <troupe/bridges/grpc/tls.hpp>

namespace troupe::grpc {

namespace {

std::shared_ptr<::grpc::experimental::CertificateProviderInterface> watch(const tls_files& files, duration refresh) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(refresh).count();
  return std::make_shared<::grpc::experimental::FileWatcherCertificateProvider>(
    files.key, files.certificate, files.authorities, static_cast<unsigned>(seconds));
}

} // namespace

expected<std::shared_ptr<::grpc::ServerCredentials>> server_credentials(const std::optional<tls_files>& files,
                                                                        duration refresh) {
  if (!files)
    return ::grpc::InsecureServerCredentials();
  if (const auto usable = check(*files, tls_end::server); !usable)
    return usable.error();
  ::grpc::experimental::TlsServerCredentialsOptions options{watch(*files, refresh)};
  options.watch_identity_key_cert_pairs();
  if (!files->authorities.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return ::grpc::experimental::TlsServerCredentials(options);
}

expected<std::shared_ptr<::grpc::ChannelCredentials>> client_credentials(const std::optional<tls_files>& files,
                                                                         duration refresh) {
  if (!files)
    return ::grpc::InsecureChannelCredentials();
  if (const auto usable = check(*files, tls_end::client); !usable)
    return usable.error();
  ::grpc::experimental::TlsChannelCredentialsOptions options;
  if (!files->authorities.empty() || !files->certificate.empty())
    options.set_certificate_provider(watch(*files, refresh));
  if (!files->authorities.empty())
    options.watch_root_certs();
  if (!files->certificate.empty())
    options.watch_identity_key_cert_pairs();
  return ::grpc::experimental::TlsCredentials(options);
}

} // namespace troupe::grpc
