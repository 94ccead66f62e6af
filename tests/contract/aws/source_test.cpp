#define CAF_SUITE aws_source
#include <troupe_test/suite.hpp>

#include <stdexcept>

#include "asking.hpp"
#include "scripted_service.hpp"

namespace {

using namespace aws_test;

constexpr auto swordfish = R"({"SecretString":"swordfish","VersionId":"v1"})";

std::string refuse(const char* name, unsigned status = 400, std::string_view headers = {}) {
  return http(status, std::string{R"({"__type":")"} + name + R"(","message":"as the test says"})", headers);
}

std::string role(const std::string& id, timestamp until) {
  return http(200, "<AccessKeyId>" + id
                     + "</AccessKeyId><SecretAccessKey>role-key</SecretAccessKey><SessionToken>role-token-" + id
                     + "</SessionToken><Expiration>" + to_rfc3339(until) + "</Expiration>");
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(source_tests, asking)

CAF_TEST(a throttled request is made again until it succeeds) {
  scripted_service service{
    [](const seen&, std::size_t number) { return number < 3 ? refuse("ThrottlingException") : http(200, swordfish); }};
  ask_everything_at(service.url());
  CAF_CHECK_EQUAL(text("aws-secretsmanager:a"), "swordfish");
  CAF_CHECK_EQUAL(service.requests().size(), 4u);
  CAF_CHECK_EQUAL(watcher->value("troupe_aws_retries_total"), 3.0);
}

CAF_TEST(a service that fails or breaks the connection is asked again) {
  scripted_service service{[](const seen&, std::size_t number) -> std::optional<std::string> {
    switch (number) {
      case 0:
        return http(503, "<html>busy</html>");
      case 1:
        return "";
      case 2:
        return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
      case 3:
        return refuse("InternalServiceError", 500);
      default:
        return http(200, swordfish);
    }
  }};
  ask_everything_at(service.url());
  CAF_CHECK_EQUAL(text("aws-secretsmanager:a"), "swordfish");
  CAF_CHECK_EQUAL(service.requests().size(), 5u);
}

CAF_TEST(a wait that the service asks for and the deadline does not allow ends the request with the reason of the service) {
  scripted_service service{
    [](const seen&, std::size_t) { return refuse("ThrottlingException", 429, "Retry-After: 3000\r\n"); }};
  ask_everything_at(service.url());
  const auto refused = read("aws-secretsmanager:a");
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::throttled);
  CAF_CHECK_EQUAL(refused.error().reason, "aws-secretsmanager:a: ThrottlingException: too many requests (as the test says)");
  CAF_CHECK_EQUAL(service.requests().size(), 1u);
}

CAF_TEST(what another attempt would not mend is reported at once) {
  scripted_service service{[](const seen&, std::size_t) { return refuse("ResourceNotFoundException"); }};
  ask_everything_at(service.url());
  CAF_CHECK(read("aws-secretsmanager:a").error().code == errc::not_found);
  CAF_CHECK_EQUAL(service.requests().size(), 1u);
}

CAF_TEST(an endpoint that is away is reported with its address when the deadline comes) {
  std::string url;
  {
    const scripted_service gone{[](const seen&, std::size_t) { return std::nullopt; }};
    url = gone.url();
  }
  ask_everything_at(url);
  const auto refused = read("aws-ssm:/a", freshness::cached, 300ms);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::unavailable);
  CAF_CHECK(has(refused.error().reason, url));
  CAF_CHECK(watcher->value("troupe_aws_retries_total") > 0);
}

CAF_TEST(a request whose time runs out before its next attempt says why the last one failed) {
  scripted_service service{[](const seen&, std::size_t number) -> std::optional<std::string> {
    return number == 0 ? std::optional{http(503, "busy")} : std::nullopt;
  }};
  ask_everything_at(service.url());
  configured.again.min = configured.again.max = 400ms;
  configured.attempt = 1h;
  auto failed = ask("aws-ssm:/a", freshness::cached, 600ms);
  CAF_REQUIRE(service.asked(1));
  const auto held_up = read("aws-ssm:/b", freshness::cached, 1s); // keeps the thread until there is no time for the other
  CAF_CHECK(held_up.has_error());
  const auto refused = told_to(std::move(failed));
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::unavailable);
  CAF_CHECK(has(refused.error().reason, "503"));
}

CAF_TEST(a service that never answers is left at the deadline) {
  scripted_service service{[](const seen&, std::size_t) { return std::nullopt; }};
  ask_everything_at(service.url());
  configured.attempt = 1h;
  const auto refused = read("aws-ssm:/a", freshness::cached, 200ms);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::unavailable || refused.error().code == errc::deadline_exceeded);
  // Whoever waits behind another's attempt is answered by its own deadline too.
  const auto first = ask("aws-ssm:/b", freshness::cached, 1h);
  CAF_CHECK(service.asked(2));
  const auto second = read("aws-ssm:/c", freshness::cached, 200ms);
  CAF_CHECK(second.error().code == errc::deadline_exceeded);
  CAF_CHECK_EQUAL(service.requests().size(), 2u);
}

CAF_TEST(a source stops though a service does not answer) {
  scripted_service service{[](const seen&, std::size_t) { return std::nullopt; }};
  ask_everything_at(service.url());
  configured.attempt = 1h;
  const auto waiting = ask("aws-ssm:/a", freshness::cached, 1h);
  CAF_CHECK(service.asked(1));
  stop();
}

CAF_TEST(a request without time is refused before anybody is asked) {
  scripted_service service{[](const seen&, std::size_t) { return http(200, swordfish); }};
  ask_everything_at(service.url());
  CAF_CHECK(read("aws-ssm:/a", freshness::cached, -1s).error().code == errc::deadline_exceeded);
  CAF_CHECK(service.requests().empty());
}

CAF_TEST(requests for one secret share an answer and later ones are given it) {
  std::mutex gate;
  std::unique_lock closed{gate};
  scripted_service service{[&](const seen&, std::size_t) {
    const std::lock_guard open{gate};
    return http(200, swordfish);
  }};
  ask_everything_at(service.url());
  auto first = ask("aws-secretsmanager:a");
  CAF_CHECK(service.asked(1));
  auto second = ask("aws-secretsmanager:a");
  // The source has both once it answers who comes after them.
  CAF_CHECK(read("env:A").error().code == errc::unsupported);
  closed.unlock();
  CAF_CHECK(told_to(std::move(first)).has_value());
  CAF_CHECK(told_to(std::move(second)).has_value());
  CAF_CHECK_EQUAL(text("aws-secretsmanager:a"), "swordfish");
  CAF_CHECK_EQUAL(service.requests().size(), 1u);
}

CAF_TEST(who asks anew is not given what was asked for before) {
  std::mutex gate;
  std::unique_lock closed{gate};
  scripted_service service{[&](const seen&, std::size_t number) {
    const std::lock_guard open{gate};
    return http(200, R"({"SecretString":"value )" + std::to_string(number) + "\"}");
  }};
  ask_everything_at(service.url());
  auto first = ask("aws-secretsmanager:a", freshness::anew);
  CAF_CHECK(service.asked(1));
  auto second = ask("aws-secretsmanager:a", freshness::anew);
  auto third = ask("aws-secretsmanager:a", freshness::anew);
  CAF_CHECK(read("env:A").error().code == errc::unsupported);
  closed.unlock();
  CAF_CHECK_EQUAL(told_to(std::move(first))->text.reveal(), "value 0");
  CAF_CHECK_EQUAL(told_to(std::move(second))->text.reveal(), "value 1");
  CAF_CHECK_EQUAL(told_to(std::move(third))->text.reveal(), "value 1");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:a"), "value 1");
  CAF_CHECK_EQUAL(service.requests().size(), 2u);
}

CAF_TEST(secrets are kept for a while and up to a number) {
  scripted_service service{[](const seen& what, std::size_t number) {
    return http(200, R"({"Parameter":{"Value":")" + std::string{has(what.body, "/a") ? "a" : "b"} + std::to_string(number)
                       + "\"}}");
  }};
  ask_everything_at(service.url());
  configured.most_kept = 1;
  CAF_CHECK_EQUAL(text("aws-ssm:/a"), "a0");
  CAF_CHECK_EQUAL(text("aws-ssm:/a"), "a0");
  CAF_CHECK_EQUAL(text("aws-ssm:/b"), "b1");
  CAF_CHECK_EQUAL(text("aws-ssm:/a"), "a2"); // the other one took its place
  stop();
  configured.keep = duration::zero();
  CAF_CHECK_EQUAL(text("aws-ssm:/a"), "a3");
  CAF_CHECK_EQUAL(text("aws-ssm:/a"), "a4");
}

CAF_TEST(a request without a deadline has the one of the configuration) {
  scripted_service service{[](const seen&, std::size_t) { return std::nullopt; }};
  ask_everything_at(service.url());
  configured.default_deadline = 200ms;
  start();
  const auto refused =
    told_to(self->request(source, caf::infinite, read_secret{*parse_secret_reference("aws-ssm:/a"), freshness::cached, {}}));
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::unavailable || refused.error().code == errc::deadline_exceeded);
}

CAF_TEST(requests beyond the bound are refused) {
  scripted_service service{[](const seen&, std::size_t) { return std::nullopt; }};
  ask_everything_at(service.url());
  configured.most_waiting = 2;
  const auto first = ask("aws-ssm:/a");
  const auto second = ask("aws-ssm:/b");
  CAF_CHECK(read("aws-ssm:/c").error().code == errc::overloaded);
  CAF_CHECK(read("aws-ssm:/a").error().code == errc::overloaded);
  stop();
}

CAF_TEST(credentials of a container sign the request and go with their token) {
  around.variables.clear();
  around.files["/pod"] = "pod-token\n";
  scripted_service service{[this](const seen& what, std::size_t) {
    if (what.head.starts_with("GET /credentials "))
      return http(200, R"({"AccessKeyId":"ASIAPOD","SecretAccessKey":"k","Token":"session","Expiration":")"
                         + to_rfc3339(configured.now() + 1h) + "\"}");
    return http(200, swordfish);
  }};
  around.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service.url() + "/credentials"},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/pod"}};
  ask_everything_at(service.url());
  configured.region = "eu-west-1";
  CAF_CHECK_EQUAL(text("aws-secretsmanager:a"), "swordfish");
  const auto asked = service.requests();
  CAF_REQUIRE_EQUAL(asked.size(), 2u);
  CAF_CHECK(has(asked[0].head, "\r\nAuthorization: pod-token\r\n"));
  CAF_CHECK(has(asked[1].head, "Credential=ASIAPOD/"));
  CAF_CHECK(has(asked[1].head, "/eu-west-1/secretsmanager/aws4_request"));
  CAF_CHECK(has(asked[1].head, "x-amz-security-token"));
  CAF_CHECK(has(asked[1].head, "X-Amz-Security-Token: session\r\n"));
  CAF_CHECK(has(watcher->lines(), "AWS credentials are taken from the container's endpoint"));
}

CAF_TEST(credentials that a service no longer takes are replaced and the request is made again) {
  around.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}, {"AWS_ROLE_ARN", "role"}};
  around.files["/token"] = "jwt";
  scripted_service service{[this](const seen& what, std::size_t number) {
    if (has(what.body, "AssumeRoleWithWebIdentity"))
      return role("ASIA" + std::to_string(number), configured.now() + 1h);
    return number == 1 ? refuse("ExpiredTokenException") : http(200, swordfish);
  }};
  ask_everything_at(service.url());
  CAF_CHECK_EQUAL(text("aws-secretsmanager:a"), "swordfish");
  const auto asked = service.requests();
  CAF_REQUIRE_EQUAL(asked.size(), 4u);
  CAF_CHECK(has(asked[1].head, "Credential=ASIA0/"));
  CAF_CHECK(has(asked[3].head, "Credential=ASIA2/"));
}

CAF_TEST(credentials that are refused again are the answer) {
  scripted_service service{[](const seen&, std::size_t) { return refuse("UnrecognizedClientException"); }};
  ask_everything_at(service.url());
  CAF_CHECK(read("aws-secretsmanager:a").error().code == errc::unauthenticated);
  CAF_CHECK_EQUAL(service.requests().size(), 2u);
}

CAF_TEST(without credentials it says where they were looked for) {
  around.variables.clear();
  ask_everything_at("http://127.0.0.1:1");
  const auto refused = read("aws-secretsmanager:a");
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::unauthenticated);
  CAF_CHECK(has(refused.error().reason, "AWS_WEB_IDENTITY_TOKEN_FILE"));
}

CAF_TEST(neither a redirect nor an answer without end is followed) {
  scripted_service service{[](const seen&, std::size_t number) {
    return number == 0 ? http(302, "", "Location: http://127.0.0.1:1/\r\n")
                       : http(200, R"({"Parameter":{"Value":"swordfish"}})" + std::string(1 << 20, ' '));
  }};
  ask_everything_at(service.url());
  CAF_CHECK(read("aws-ssm:/a").error().code == errc::rejected);
  CAF_CHECK(read("aws-ssm:/a").error().code == errc::undecodable);
  CAF_CHECK_EQUAL(service.requests().size(), 2u);
}

CAF_TEST(secrets and keys stand in no reason and no log line) {
  around.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}, {"AWS_ROLE_ARN", "role"}};
  around.files["/token"] = "jwt-of-the-test";
  scripted_service service{[this](const seen& what, std::size_t) {
    if (has(what.body, "AssumeRoleWithWebIdentity"))
      return later == 0 ? role("ASIA", configured.now() + 1h) : refuse("IDPCommunicationError");
    return http(200, R"({"SecretString":"{\"password\":\"swordfish\"}"})");
  }};
  ask_everything_at(service.url());
  const auto refused = read("aws-secretsmanager:a#user");
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::not_found);
  later = std::chrono::nanoseconds{57min}.count();
  CAF_CHECK_EQUAL(text("aws-secretsmanager:a#password", freshness::anew), "swordfish");
  const auto all = watcher->lines() + refused.error().reason;
  CAF_CHECK(has(all, "could not be renewed"));
  for (const auto* hidden : {"swordfish", "role-key", "role-token", "jwt-of-the-test"})
    CAF_CHECK(!has(all, hidden));
}

CAF_TEST(a configuration that cannot be used is refused) {
  configured.region = "nowhere in particular";
  bool refused = false;
  try {
    start();
  } catch (const std::invalid_argument& why) {
    refused = has(why.what(), "region");
  }
  CAF_CHECK(refused);
}

CAF_TEST_FIXTURE_SCOPE_END()
