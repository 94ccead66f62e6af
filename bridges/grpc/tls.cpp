#include <troupe/bridges/grpc/tls.hpp>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <troupe/bridges/handles/c_ptr.hpp>

namespace troupe::grpc {

namespace {

using bio_ptr = c_ptr<BIO, &BIO_free>;
using certificate_ptr = c_ptr<X509, &X509_free>;
using key_ptr = c_ptr<EVP_PKEY, &EVP_PKEY_free>;

failure wrong(const std::string& file, const std::string& problem) {
  ERR_clear_error(); // reported here, so that nobody finds it later
  return {errc::invalid, "TLS file " + file + ": " + problem};
}

expected<bio_ptr> open(const std::string& file) {
  errno = 0;
  bio_ptr opened{BIO_new_file(file.c_str(), "r")};
  if (!opened)
    return wrong(file, "cannot be read: " + std::generic_category().message(errno));
  return opened;
}

/// The first certificate of a file, which is the leaf of a chain.
expected<certificate_ptr> read_certificate(const std::string& file) {
  auto opened = open(file);
  if (!opened)
    return opened.error();
  certificate_ptr found{PEM_read_bio_X509(opened->get(), nullptr, nullptr, nullptr)};
  if (!found)
    return wrong(file, "holds no certificate in PEM form");
  return found;
}

// Without it OpenSSL would ask the terminal.
int no_password(char* /*room*/, int /*size*/, int /*writing*/, void* /*unused*/) {
  return -1;
}

expected<key_ptr> read_key(const std::string& file) {
  auto opened = open(file);
  if (!opened)
    return opened.error();
  key_ptr found{PEM_read_bio_PrivateKey(opened->get(), nullptr, &no_password, nullptr)};
  if (!found)
    return wrong(file, "holds no private key in PEM form that could be read without a password");
  return found;
}

std::string text_of(const ASN1_TIME* at) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  if (!out || ASN1_TIME_print(out.get(), at) != 1)
    return "a time that cannot be read";
  std::string text(64, '\0');
  const auto length = BIO_read(out.get(), text.data(), static_cast<int>(text.size()));
  text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return text;
}

expected<void> check_pair(const tls_files& files) {
  const auto certificate = read_certificate(files.certificate);
  if (!certificate)
    return certificate.error();
  const auto key = read_key(files.key);
  if (!key)
    return key.error();
  if (X509_check_private_key(certificate->get(), key->get()) != 1)
    return wrong(files.key, "is not the key of the certificate in " + files.certificate);
  const auto* const until = X509_get0_notAfter(certificate->get());
  if (X509_cmp_current_time(until) < 0)
    return wrong(files.certificate, "the certificate has expired, on " + text_of(until));
  const auto* const from = X509_get0_notBefore(certificate->get());
  if (X509_cmp_current_time(from) > 0)
    return wrong(files.certificate, "the certificate is not valid before " + text_of(from));
  return {};
}

} // namespace

expected<void> check(const tls_files& files, tls_end end) {
  if (files.certificate.empty() != files.key.empty())
    return failure{errc::invalid, "TLS: a certificate and its key are given together"};
  if (files.certificate.empty() && end == tls_end::server)
    return failure{errc::invalid, "TLS: a server needs a certificate and its key"};
  if (!files.certificate.empty())
    if (auto usable = check_pair(files); !usable)
      return usable;
  if (!files.authorities.empty())
    if (const auto found = read_certificate(files.authorities); !found)
      return found.error();
  return {};
}

} // namespace troupe::grpc
