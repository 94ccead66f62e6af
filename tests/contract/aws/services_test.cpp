// Against the stand-in that tests/servers/aws starts, filled by its independent client.
#define CAF_SUITE aws_services
#include <troupe_test/suite.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "asking.hpp"

namespace {

using namespace aws_test;

std::string variable(const char* name) {
  const auto* const value = std::getenv(name);
  if (value == nullptr)
    throw std::runtime_error(std::string{name} + " is not set; run this through tests/servers/aws --tls");
  return value;
}

// What the independent client reads, and what it answers: words.
std::vector<std::string> fill(const std::string& arguments) {
  struct closer {
    void operator()(std::FILE* what) const noexcept { static_cast<void>(::pclose(what)); }
  };
  std::FILE* const opened = ::popen((variable("TROUPE_TEST_AWS_FILL") + " " + arguments + " && echo done").c_str(), "r");
  const std::unique_ptr<std::FILE, closer> output{opened};
  std::string asked;
  for (int sign = std::fgetc(opened); sign != EOF; sign = std::fgetc(opened))
    asked += static_cast<char>(sign);
  std::istringstream words{asked};
  std::vector<std::string> result;
  for (std::string word; words >> word;)
    result.push_back(word);
  if (result.empty() || result.back() != "done")
    throw std::runtime_error("the server could not be filled: " + arguments);
  result.pop_back();
  return result;
}

// While it lasts signatures and rights are checked.
struct enforced {
  enforced() { fill("enforce on"); }
  ~enforced() { fill("enforce off"); }
  enforced(const enforced&) = delete;
  enforced& operator=(const enforced&) = delete;
};

struct services : asking {
  services() {
    ask_everything_at(variable("TROUPE_TEST_AWS"));
    configured.authorities = variable("TROUPE_TEST_AWS_CA");
    configured.region = variable("TROUPE_TEST_AWS_REGION");
  }

  void become(const std::vector<std::string>& keys) {
    around.variables = {{"AWS_ACCESS_KEY_ID", keys.at(0)}, {"AWS_SECRET_ACCESS_KEY", keys.at(1)}};
  }

  failure refusal(const std::string& reference, freshness how = freshness::cached) {
    const auto told_us = read(reference, how);
    CAF_REQUIRE(told_us.has_error());
    return told_us.error();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(services_tests, services)

CAF_TEST(a secret and its members are read) {
  fill(R"(put_secret AmazonMSK_a '{"username":"ada","password":"sword fish \u00e9"}')");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:AmazonMSK_a#username"), "ada");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:AmazonMSK_a#password"), "sword fish \u00e9");
  const auto missing = refusal("aws-secretsmanager:AmazonMSK_a#user");
  CAF_CHECK(missing.code == errc::not_found);
  CAF_CHECK(missing.reason.find("member user") != std::string::npos);
  CAF_CHECK(!read("aws-secretsmanager:AmazonMSK_a")->version.empty());
}

CAF_TEST(a rotated secret is read anew and its previous stage is the old one) {
  fill("put_secret rotated old");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:rotated"), "old");
  fill("put_secret rotated new");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:rotated"), "old");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:rotated", freshness::anew), "new");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:rotated"), "new");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:rotated?stage=AWSPREVIOUS"), "old");
  CAF_CHECK(refusal("aws-secretsmanager:rotated?stage=NOSUCHSTAGE").code == errc::not_found);
}

CAF_TEST(a binary secret is the bytes it was) {
  fill("put_binary_secret binary swordfish");
  CAF_CHECK_EQUAL(text("aws-secretsmanager:binary"), "swordfish");
}

CAF_TEST(a list of brokers is read from Parameter Store) {
  fill("put_parameter /msk/scram/brokers StringList b-1.example:9096,b-2.example:9096");
  const auto brokers = split_list(text("aws-ssm:/msk/scram/brokers"));
  CAF_REQUIRE_EQUAL(brokers.size(), 2u);
  CAF_CHECK_EQUAL(brokers[0], "b-1.example:9096");
  CAF_CHECK_EQUAL(brokers[1], "b-2.example:9096");
}

CAF_TEST(an encrypted parameter is read in clear) {
  fill("put_parameter /encrypted SecureString swordfish");
  CAF_CHECK_EQUAL(text("aws-ssm:/encrypted"), "swordfish");
  CAF_CHECK_EQUAL(read("aws-ssm:/encrypted")->version, "1");
}

CAF_TEST(names that nobody has are reported by the word of the service) {
  const auto secret_missing = refusal("aws-secretsmanager:nobody");
  CAF_CHECK(secret_missing.code == errc::not_found);
  CAF_CHECK(secret_missing.reason.starts_with("aws-secretsmanager:nobody: ResourceNotFoundException"));
  const auto parameter_missing = refusal("aws-ssm:/nobody");
  CAF_CHECK(parameter_missing.code == errc::not_found);
  CAF_CHECK(parameter_missing.reason.starts_with("aws-ssm:/nobody: ParameterNotFound"));
}

CAF_TEST(a secret that is marked for deletion cannot be read) {
  fill("put_secret deleted swordfish");
  fill("delete_secret deleted");
  CAF_CHECK(refusal("aws-secretsmanager:deleted").code == errc::rejected);
}

CAF_TEST(requests are signed as the services check it and rights are theirs to give) {
  fill("put_secret guarded swordfish");
  fill("put_parameter /guarded String halibut");
  const auto reader = fill("make_user reader");
  const auto stranger = fill("make_user stranger none");
  const enforced checks;
  become(reader);
  CAF_CHECK_EQUAL(text("aws-secretsmanager:guarded"), "swordfish");
  CAF_CHECK_EQUAL(text("aws-ssm:/guarded"), "halibut");
  become({reader[0], "not the key"});
  stop();
  CAF_CHECK(refusal("aws-secretsmanager:guarded").code == errc::unauthenticated);
  become({"AKIANOBODY", "key"});
  stop();
  CAF_CHECK(refusal("aws-secretsmanager:guarded").code == errc::unauthenticated);
  become(stranger);
  stop();
  CAF_CHECK(refusal("aws-secretsmanager:guarded").code == errc::forbidden);
}

CAF_TEST(credentials that somebody replaced are found again without a restart) {
  fill("put_secret kept swordfish");
  const auto keys = fill("make_user renewed");
  const enforced checks;
  become({"AKIAOLD", "key"});
  CAF_CHECK(refusal("aws-secretsmanager:kept").code == errc::unauthenticated);
  become(keys);
  CAF_CHECK_EQUAL(text("aws-secretsmanager:kept"), "swordfish");
}

CAF_TEST(a role is lent for a web identity and again before the loan is over) {
  fill("put_secret lent swordfish");
  around.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}, {"AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/reader"}};
  around.files["/token"] = "a.b.c\n";
  CAF_CHECK_EQUAL(text("aws-secretsmanager:lent"), "swordfish");
  later = std::chrono::nanoseconds{50min}.count();
  CAF_CHECK_EQUAL(text("aws-secretsmanager:lent", freshness::anew), "swordfish");
  CAF_CHECK_EQUAL(watcher->value("troupe_aws_credentials_total"), 1.0);
  later = std::chrono::nanoseconds{56min}.count();
  CAF_CHECK_EQUAL(text("aws-secretsmanager:lent", freshness::anew), "swordfish");
  CAF_CHECK_EQUAL(watcher->value("troupe_aws_credentials_total"), 2.0);
}

CAF_TEST(an endpoint whose certificate is not to be trusted gets no secret and not asked again) {
  configured.authorities = variable("TROUPE_TEST_AWS_OTHER_CA");
  const auto refused = refusal("aws-secretsmanager:a");
  CAF_CHECK(refused.code == errc::not_sent);
  CAF_CHECK(refused.reason.find("not to be trusted") != std::string::npos);
  CAF_CHECK_EQUAL(watcher->value("troupe_aws_retries_total"), 0.0);
}

CAF_TEST_FIXTURE_SCOPE_END()
