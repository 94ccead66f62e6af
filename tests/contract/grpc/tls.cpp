#define CAF_SUITE grpc_tls

#include <troupe_test/suite.hpp>

#include <fstream>

#include <troupe/bridges/grpc/log.hpp>
#include <troupe/bridges/grpc/tls.hpp>

#include "peers.hpp"

namespace troupe::grpc_test {

namespace {

struct tls_fixture : fixture {
  tls_fixture() {
    files.issue("server", "one");
    grpc::log_to(watcher);
  }
  ~tls_fixture() { grpc::log_to(nullptr); }

  std::string listen_error() {
    const auto made = grpc::server::listen(config, {greeter, watcher});
    return made ? "it listens" : to_string(made.error());
  }

  grpc::client_config trusting(const std::string& authority, const std::string& own = {}) {
    auto how = to_server();
    how.tls = files.files(own, authority);
    how.tls_refresh = 1s;
    return how;
  }

  certificates files;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_tls_tests, tls_fixture)

CAF_TEST(with a certificate the server is asked over TLS and by nobody without it) {
  config.tls = files.files("server", "");
  listen();
  CAF_CHECK(ask(connect(trusting("one"))));
  CAF_CHECK_EQUAL(to_string(code_of(ask(connect()))), "not_sent");
  CAF_CHECK_EQUAL(to_string(code_of(ask(connect(trusting("other"))))), "untrusted");
  CAF_CHECK_EQUAL(lines->calls(), 1U);
}

CAF_TEST(a certificate for another name is refused) {
  config.tls = files.files("server", "");
  listen();
  auto how = trusting("one");
  how.server_name = "localhost";
  CAF_CHECK(ask(connect(how)));
  how.server_name = "service-a.example";
  const auto answer = ask(connect(how));
  CAF_CHECK_EQUAL(to_string(code_of(answer)), "untrusted");
  CAF_CHECK_NOT_EQUAL(reason_of(answer).find("the peer's certificate is for another host"), std::string::npos);
}

CAF_TEST(no version of TLS below 1.2 is spoken) {
  config.tls = files.files("server", "");
  listen();
  const auto speaks = [&](const std::string& version) {
    // The lowest security level, so that it is the server who refuses.
    return files.shakes_hands(to_server().target, version + " -alpn h2 -cipher DEFAULT@SECLEVEL=0");
  };
  CAF_CHECK(speaks("-tls1_3"));
  CAF_CHECK(speaks("-tls1_2"));
  CAF_CHECK(!speaks("-tls1_1"));
  CAF_CHECK(!speaks("-tls1"));
}

CAF_TEST(with authorities a server asks every client for a certificate of theirs) {
  files.issue("client", "one");
  files.issue("stranger", "other");
  config.tls = files.files("server", "one");
  listen();
  CAF_CHECK(ask(connect(trusting("one", "client"))));
  CAF_CHECK_NOT_EQUAL(to_string(code_of(ask(connect(trusting("one"))))), "none");
  CAF_CHECK_NOT_EQUAL(to_string(code_of(ask(connect(trusting("one", "stranger"))))), "none");
  CAF_CHECK_EQUAL(lines->calls(), 1U);
}

CAF_TEST(a certificate that was replaced is shown without a restart) {
  config.tls = files.files("server", "");
  config.tls_refresh = 1s;
  listen();
  CAF_CHECK(ask(connect(trusting("one"))));
  const auto waiting = connect(trusting("other"));
  CAF_CHECK_EQUAL(to_string(code_of(ask(waiting))), "untrusted");
  files.issue("server", "other");
  CAF_CHECK(ask_until_answered(waiting));
}

CAF_TEST(authorities that were replaced are trusted without a restart) {
  config.tls = files.files("server", "");
  listen();
  std::filesystem::copy_file(files.authority("other"), files.authority("trusted"));
  const auto client = connect(trusting("trusted"));
  CAF_CHECK_EQUAL(to_string(code_of(ask(client))), "untrusted");
  std::filesystem::copy_file(files.authority("one"), files.authority("trusted.new"));
  std::filesystem::rename(files.authority("trusted.new"), files.authority("trusted"));
  CAF_CHECK(ask_until_answered(client));
}

CAF_TEST(a server refuses to listen with a certificate that has expired) {
  files.issue("server", "one", -1);
  config.tls = files.files("server", "");
  CAF_CHECK_EQUAL(
    listen_error().find("invalid: TLS file " + files.file("server.pem") + ": the certificate has expired, on "), 0U);
}

CAF_TEST(a certificate that has expired is refused by the client in words) {
  // Shown by a bare server, which does not look.
  files.issue("server", "one", -1);
  const auto read = [](const std::string& file) {
    std::ifstream in{file};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  ::grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({read(files.file("server.key")), read(files.file("server.pem"))});
  bare_server peer{[](auto&, const auto&, auto&) { return ::grpc::Status::OK; }, ::grpc::SslServerCredentials(options)};
  grpc::client_config how;
  how.target = peer.target();
  how.tls = files.files("", "one");
  const auto answer = ask(connect(how));
  CAF_CHECK_EQUAL(to_string(code_of(answer)), "untrusted");
  CAF_CHECK_NOT_EQUAL(reason_of(answer).find("the peer's certificate has expired, or"), std::string::npos);
  // What the library says of it goes where everything is logged.
  CAF_CHECK(watcher->logged("certificate verify failed"));
}

CAF_TEST(files that cannot be used are named before anything listens) {
  config.tls = tls_files{.certificate = files.file("none.pem"), .key = files.file("server.key")};
  CAF_CHECK_EQUAL(listen_error(),
                  "invalid: TLS file " + files.file("none.pem") + ": cannot be read: No such file or directory");
  config.tls = tls_files{.certificate = files.file("server.pem"), .key = files.file("one.key")};
  CAF_CHECK_EQUAL(listen_error(), "invalid: TLS file " + files.file("one.key") + ": is not the key of the certificate in "
                                    + files.file("server.pem"));
  config.tls = tls_files{.certificate = files.file("names"), .key = files.file("server.key")};
  CAF_CHECK_EQUAL(listen_error(), "invalid: TLS file " + files.file("names") + ": holds no certificate in PEM form");
  config.tls = tls_files{.authorities = files.authority("one")};
  CAF_CHECK_EQUAL(listen_error(), "invalid: TLS: a server needs a certificate and its key");
  CAF_CHECK(grpc::check({}, grpc::tls_end::client));
  const auto half = grpc::check({.certificate = files.file("server.pem")}, grpc::tls_end::client);
  CAF_CHECK(!half);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
