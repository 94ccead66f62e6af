#define CAF_SUITE amqp_tls
#include <troupe_test/suite.hpp>

#include "broker.hpp"

namespace {

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

struct fixture : amqp_quorum {
  failure publish_through(amqp::connection to) {
    const auto made =
      amqp::spawn_publisher(context("test/publisher"), std::move(to), {.to = queue(), .acknowledged_within = 2s});
    adopt(caf::actor_cast<caf::actor>(made));
    const auto answer = ask_and_wait<published>(system(), made, publish{{numbered(0)}});
    const auto outcome = answer.has_value() ? answer->outcomes.at(0) : answer.error();
    CAF_MESSAGE("the outcome: " << to_string(outcome));
    return outcome;
  }

  static amqp::connection by_tls(const char* authorities) {
    auto made = test_connection("TROUPE_TEST_AMQP_TLS");
    made.tls.authorities = server_variable(authorities);
    return made;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(amqp_tls_tests, fixture)

CAF_TEST(a broker is reached by TLS under its address and under its name) {
  CAF_CHECK_EQUAL(publish_through(by_tls("TROUPE_TEST_AMQP_CA")).code, errc::none);
  auto where = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP_TLS")});
  where.hosts.front().host = "localhost";
  auto named = by_tls("TROUPE_TEST_AMQP_CA");
  named.where = amqp::always(where);
  CAF_CHECK_EQUAL(publish_through(named).code, errc::none);
}

CAF_TEST(a broker of another authority is not trusted) {
  auto to = by_tls("TROUPE_TEST_AMQP_OTHER_CA");
  const auto state = to.state;
  CAF_CHECK_EQUAL(publish_through(std::move(to)).code, errc::untrusted);
  const auto words = trouble_of(state, errc::untrusted);
  CAF_CHECK(words.find("verification failed") != std::string::npos || words.find("verify failed") != std::string::npos);
  CAF_CHECK(words.find("self-signed certificate") != std::string::npos); // that of the authority, which the broker sends
}

CAF_TEST(a broker under a name that its certificate does not bear is not trusted) {
  auto where = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP_TLS")});
  where.hosts.front().host = "127.0.0.2"; // the same listener would answer there
  auto to = by_tls("TROUPE_TEST_AMQP_CA");
  to.where = amqp::always(where);
  const auto outcome = publish_through(std::move(to));
  CAF_CHECK_EQUAL(outcome.code, errc::untrusted);
  CAF_CHECK(outcome.reason.find("IP address mismatch") != std::string::npos);
}

CAF_TEST(authorities that cannot be read are reported with their file) {
  auto to = by_tls("TROUPE_TEST_AMQP_CA");
  to.tls.authorities = "/no/such/authorities.pem";
  const auto outcome = publish_through(std::move(to));
  CAF_CHECK_EQUAL(outcome.code, errc::untrusted);
  CAF_CHECK(outcome.reason.find("/no/such/authorities.pem") != std::string::npos);
}

CAF_TEST(a certificate proves who we are without a password) {
  auto to = by_tls("TROUPE_TEST_AMQP_CA");
  to.tls.certificate = to.tls.key = server_variable("TROUPE_TEST_AMQP_CERTIFICATE");
  to.mechanism = amqp::sasl::external;
  auto where = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP_TLS")});
  where.login = {};
  to.where = amqp::always(where);
  CAF_CHECK_EQUAL(publish_through(std::move(to)).code, errc::none);
}

CAF_TEST(plain text is not spoken to a TLS listener) {
  auto where = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP_TLS")});
  where.how = amqp::encryption::none;
  amqp::connection to;
  to.where = amqp::always(where);
  CAF_CHECK(publish_through(std::move(to)).code != errc::none);
}

CAF_TEST_FIXTURE_SCOPE_END()
