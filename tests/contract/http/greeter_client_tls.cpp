#define CAF_SUITE http_greeter_client_tls

#include <troupe_test/suite.hpp>

#include <cstdlib>
#include <filesystem>

#include "../temporary_folder.hpp"
#include "client_fixture.hpp"

using namespace http_test;

namespace {

/// Certificates made by the openssl command.
class authority {
public:
  authority(std::filesystem::path folder, const std::string& name) : stem_((folder / name).string()) {
    run("openssl req -x509 " + new_key + " -keyout " + stem_ + ".key -out " + certificate() + " -days 2 -subj /CN=" + name);
  }

  [[nodiscard]] std::string certificate() const { return stem_ + ".pem"; }

  /// A certificate for `names` such as "DNS:localhost,IP:127.0.0.1", valid from now for so many days.
  [[nodiscard]] tls_files issue(const std::string& name, const std::string& names, int days = 2) const {
    const auto stem = stem_ + '-' + name;
    run("openssl req " + new_key + " -keyout " + stem + ".key -out " + stem + ".csr -subj /CN=" + name
        + " -addext subjectAltName=" + names);
    run("openssl x509 -req -in " + stem + ".csr -CA " + certificate() + " -CAkey " + stem_ + ".key -CAcreateserial -days "
        + std::to_string(days) + " -copy_extensions copy -out " + stem + ".pem");
    return {certificate(), stem + ".pem", stem + ".key"};
  }

private:
  inline static const std::string new_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

  static void run(const std::string& command) {
    if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) // NOLINT(cert-env33-c,concurrency-mt-unsafe)
      throw std::runtime_error("failed: " + command);
  }

  std::string stem_;
};

struct fixture : client_fixture {
  troupe::contract::temporary_folder folder;
  authority ours{folder.path(), "ours"};
  authority others{folder.path(), "others"};
  tls_files servers = ours.issue("server", "DNS:localhost,IP:127.0.0.1");

  static void answer_all(bare_connection& one) {
    while (!one.request().empty())
      one.send(ok("[]"));
  }

  void target(const bare_server& server, const std::string& host = "127.0.0.1") {
    config.target = "https://" + host + ":" + std::to_string(server.port());
    config.tls.authorities = ours.certificate();
  }

  // As those who rotate files do it: the new one takes the old one's place at once.
  static void replace(const std::string& what, const std::string& with) {
    std::filesystem::copy_file(with, what + ".new", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(what + ".new", what);
  }

  // Asks until the answer is of that kind, as long as a look at the files may take.
  bool comes_to(errc code) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until)
      if (ask().error.code == code)
        return true;
    return false;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_greeter_client_tls_tests, fixture)

CAF_TEST(a server with a good certificate is asked over a kept connection by name and by address) {
  bare_server server{answer_all, servers, client_certificates::not_asked};
  target(server);
  CAF_CHECK(ask().value);
  CAF_CHECK(ask().value);
  CAF_CHECK_EQUAL(server.connections(), 1u);
  ask_to_end(tested, caf::exit_reason::user_shutdown);
  tested = nullptr;
  target(server, "localhost");
  CAF_CHECK(ask().value);
}

CAF_TEST(a certificate of another authority is refused before anything is sent) {
  bare_server server{answer_all, others.issue("server", "DNS:localhost,IP:127.0.0.1"), client_certificates::not_asked};
  target(server);
  const auto got = ask();
  CAF_CHECK(got.error.code == errc::untrusted);
  CAF_MESSAGE(got.error.reason);
  CAF_CHECK_NOT_EQUAL(got.error.reason.find("certificate"), std::string::npos);
}

CAF_TEST(a certificate for another host is refused) {
  bare_server server{answer_all, ours.issue("elsewhere", "DNS:elsewhere.example,IP:127.0.0.2"),
                     client_certificates::not_asked};
  for (const auto* const host : {"127.0.0.1", "localhost"}) {
    target(server, host);
    const auto got = ask();
    CAF_MESSAGE(got.error.reason);
    CAF_CHECK(got.error.code == errc::untrusted);
    CAF_CHECK_NOT_EQUAL(got.error.reason.find("another host"), std::string::npos);
    ask_to_end(tested, caf::exit_reason::user_shutdown);
    tested = nullptr;
  }
}

CAF_TEST(an expired certificate is refused) {
  bare_server server{answer_all, ours.issue("expired", "IP:127.0.0.1", -1), client_certificates::not_asked};
  target(server);
  const auto got = ask();
  CAF_CHECK(got.error.code == errc::untrusted);
  CAF_MESSAGE(got.error.reason);
  CAF_CHECK_NOT_EQUAL(got.error.reason.find("expired"), std::string::npos);
}

CAF_TEST(a server that is unknown to the authorities of the system is refused where no others are given) {
  bare_server server{answer_all, servers, client_certificates::not_asked};
  target(server);
  config.tls.authorities.clear();
  CAF_CHECK(ask().error.code == errc::untrusted);
}

CAF_TEST(a server that demands a certificate is shown ours) {
  bare_server server{answer_all, servers, client_certificates::demanded};
  target(server);
  const auto mine = ours.issue("client", "DNS:service-a");
  config.tls.certificate = mine.certificate;
  config.tls.key = mine.key;
  CAF_CHECK(ask().value);
}

CAF_TEST(a server that demands a certificate refuses those who have none or a wrong one) {
  bare_server server{answer_all, servers, client_certificates::demanded};
  target(server);
  const auto without = ask();
  CAF_MESSAGE(to_string(without.error));
  CAF_CHECK(without.error.code == errc::unauthenticated);
  ask_to_end(tested, caf::exit_reason::user_shutdown);
  tested = nullptr;
  const auto wrong = others.issue("client", "DNS:service-a");
  config.tls.certificate = wrong.certificate;
  config.tls.key = wrong.key;
  CAF_CHECK(ask().error.code == errc::unauthenticated);
}

CAF_TEST(an end of the connection that TLS does not know of leaves the outcome unknown) {
  bare_server server{[](bare_connection& one) {
                       one.request();
                       one.send("HTTP/1.1 200 OK\r\n\r\n[]");
                       one.cut();
                     },
                     servers, client_certificates::not_asked};
  target(server);
  CAF_CHECK(ask().error.code == errc::outcome_unknown);
}

CAF_TEST(a server that does not speak TLS is reported as not sent and one that is silent costs the time for connecting) {
  bare_server plain{[](bare_connection& one) { one.send("HTTP/1.1 400 Bad Request\r\n\r\n"); }};
  target(plain);
  CAF_CHECK(ask().error.code == errc::not_sent);
  ask_to_end(tested, caf::exit_reason::user_shutdown);
  tested = nullptr;
  bare_server silent{[](bare_connection& one) {
    one.request();
    one.closed_by_client();
  }};
  target(silent);
  config.patience.connect = 50ms;
  const auto got = ask();
  CAF_CHECK(got.error.code == errc::not_sent);
  CAF_CHECK_NOT_EQUAL(got.error.reason.find("took too long"), std::string::npos);
}

CAF_TEST(files that cannot be read fail calls before anything is sent and are used once they are there) {
  bare_server server{answer_all, servers, client_certificates::not_asked};
  target(server);
  config.tls.authorities = (folder.path() / "later.pem").string();
  const auto got = ask();
  CAF_CHECK(got.error.code == errc::not_sent);
  CAF_CHECK_NOT_EQUAL(got.error.reason.find("later.pem"), std::string::npos);
  CAF_CHECK_EQUAL(server.connections(), 0u);
  replace(config.tls.authorities, ours.certificate());
  CAF_CHECK(ask().value);
}

CAF_TEST(rotated authorities are used without a restart and for kept connections too) {
  std::atomic<bool> keeping{true};
  bare_server server{[&](bare_connection& one) {
                       while (!one.request().empty())
                         one.send(ok("[]", keeping ? "" : "Connection: close\r\n"));
                     },
                     servers, client_certificates::not_asked};
  target(server);
  config.patience.tls_files = 5ms;
  config.tls.authorities = (folder.path() / "used.pem").string();
  replace(config.tls.authorities, ours.certificate());
  CAF_CHECK(ask().value);
  // Whoever is no longer trusted is no longer asked.
  replace(config.tls.authorities, others.certificate());
  CAF_CHECK(comes_to(errc::untrusted));
  replace(config.tls.authorities, ours.certificate());
  CAF_CHECK(comes_to(errc::none));
  // What cannot be read leaves what was read before, for new connections too.
  keeping = false;
  CAF_CHECK(ask().value);
  const auto before = watcher->value("log");
  {
    std::FILE* const broken = std::fopen((config.tls.authorities + ".new").c_str(), "w");
    std::fputs("nonsense", broken); // NOLINT(cert-err33-c)
    std::fclose(broken);            // NOLINT(cert-err33-c)
    std::filesystem::rename(config.tls.authorities + ".new", config.tls.authorities);
  }
  const auto until = std::chrono::steady_clock::now() + patience;
  while (watcher->value("log") == before && std::chrono::steady_clock::now() < until)
    CAF_REQUIRE(ask().value);
  CAF_CHECK_GREATER(watcher->value("log"), before);
  CAF_CHECK(ask().value);
}

CAF_TEST_FIXTURE_SCOPE_END()
