#define CAF_SUITE aws_credentials
#include <troupe_test/suite.hpp>

#include <troupe/bridges/aws/profile.hpp>

#include "around.hpp"

namespace {

using namespace troupe;
using namespace troupe::aws;

struct fixture {
  aws_test::made_up around;

  fixture() { around.variables["HOME"] = "/home/ada"; }

  provider chosen() {
    auto found = choose_provider(around.surroundings());
    if (!found)
      CAF_FAIL(to_string(found.error()));
    return std::move(*found);
  }

  failure refusal() {
    const auto found = choose_provider(around.surroundings());
    CAF_REQUIRE(found.has_error());
    return found.error();
  }

  void configure_environment() {
    around.variables["AWS_ACCESS_KEY_ID"] = "env-id";
    around.variables["AWS_SECRET_ACCESS_KEY"] = "env-key";
  }
  void configure_web_identity() {
    around.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/var/token";
    around.variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/reader";
  }
  void configure_profile() {
    around.files["/home/ada/.aws/credentials"] =
      "[default]\naws_access_key_id = file-id\naws_secret_access_key = file-key\n";
  }
  void configure_container() {
    around.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
    around.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/var/pod-token";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(credentials_tests, fixture)

CAF_TEST(credentials are taken from the environment then web identity then the shared files then the container) {
  configure_environment();
  configure_web_identity();
  configure_profile();
  configure_container();
  CAF_CHECK_EQUAL(chosen().found_in, "the environment");
  around.variables.erase("AWS_ACCESS_KEY_ID");
  CAF_CHECK_EQUAL(refusal().reason, "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not");
  around.variables.erase("AWS_SECRET_ACCESS_KEY");
  CAF_CHECK_EQUAL(chosen().found_in, "web identity");
  around.variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  CAF_CHECK_EQUAL(chosen().found_in, "the shared files");
  around.files.clear();
  CAF_CHECK_EQUAL(chosen().found_in, "the container's endpoint");
  around.variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const auto why = refusal();
  CAF_CHECK(why.code == errc::unauthenticated);
  CAF_CHECK(why.reason.find("AWS_ACCESS_KEY_ID") != std::string::npos);
}

CAF_TEST(keys of the environment may be of a session) {
  configure_environment();
  around.variables["AWS_SESSION_TOKEN"] = "env-token";
  const auto keys = std::get<known_keys>(chosen().how).keys;
  CAF_CHECK_EQUAL(keys.key_id, "env-id");
  CAF_CHECK_EQUAL(keys.key.reveal(), "env-key");
  CAF_CHECK_EQUAL(keys.session_token.reveal(), "env-token");
  CAF_CHECK(!keys.expires);
}

CAF_TEST(web identity needs its role and does not give way without it) {
  configure_web_identity();
  configure_profile();
  CAF_CHECK_EQUAL(std::get<web_identity>(chosen().how).session_name, "troupe");
  around.variables["AWS_ROLE_SESSION_NAME"] = "pod-1";
  CAF_CHECK_EQUAL(std::get<web_identity>(chosen().how).session_name, "pod-1");
  around.variables.erase("AWS_ROLE_ARN");
  CAF_CHECK(refusal().code == errc::invalid);
}

CAF_TEST(a profile is found by its name in both shared files and the credentials file counts more) {
  around.variables["AWS_PROFILE"] = "msk";
  around.variables["AWS_CONFIG_FILE"] = "/etc/aws";
  around.files["/etc/aws"] = "[default]\naws_access_key_id=other\n"
                             "[profile msk]\r\nregion = eu-west-1 # near\r\naws_access_key_id = old\n"
                             "s3 =\n  aws_access_key_id = nested\n[msk]\naws_access_key_id = no profile\n";
  around.files["/home/ada/.aws/credentials"] = "; keys\n[msk]\naws_access_key_id = id\naws_secret_access_key = k=ey#1\n";
  const auto read = read_profile(around.surroundings());
  CAF_REQUIRE(read.has_value());
  CAF_CHECK_EQUAL(read->at("region"), "eu-west-1");
  const auto keys = std::get<known_keys>(chosen().how).keys;
  CAF_CHECK_EQUAL(keys.key_id, "id");
  CAF_CHECK_EQUAL(keys.key.reveal(), "k=ey#1");
}

CAF_TEST(a profile that is named and missing is an error and the default one may be missing) {
  configure_container();
  around.files["/home/ada/.aws/config"] = "[default]\nregion = eu-west-1\n";
  CAF_CHECK_EQUAL(chosen().found_in, "the container's endpoint");
  around.variables["AWS_PROFILE"] = "msk";
  CAF_CHECK(refusal().code == errc::invalid);
}

CAF_TEST(a profile may have a web identity) {
  around.files["/home/ada/.aws/config"] =
    "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nweb_identity_token_file = /t\nrole_session_name = s\n";
  const auto found = chosen();
  const auto& who = std::get<web_identity>(found.how);
  CAF_CHECK_EQUAL(who.role, "arn:aws:iam::123456789012:role/a");
  CAF_CHECK_EQUAL(who.token_file, "/t");
  CAF_CHECK_EQUAL(who.session_name, "s");
}

CAF_TEST(a profile of a kind that is not supported is reported and hides no other) {
  configure_container();
  for (const auto* line : {"credential_process = /bin/x", "sso_session = corp",
                           "role_arn = arn:aws:iam::1:role/a\n"
                           "source_profile = other"}) {
    around.files["/home/ada/.aws/config"] = std::string{"[default]\n"} + line + "\n";
    const auto why = refusal();
    CAF_CHECK(why.code == errc::invalid);
    CAF_CHECK(why.reason.find("not supported") != std::string::npos);
  }
}

CAF_TEST(the endpoint of a container is asked in plain on this machine only) {
  for (const auto* url : {"http://127.0.0.1:80/x", "http://127.255.0.9/", "http://localhost:3000", "http://[::1]:80/x",
                          "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1",
                          "https://example.com/x"}) {
    const auto accepted = container_url("", url);
    CAF_REQUIRE(accepted.has_value());
    CAF_CHECK_EQUAL(*accepted, url);
  }
  for (const auto* url : {"http://example.com/x", "http://10.0.0.1/", "http://169.254.169.254/latest",
                          "http://127.0.0.1@evil/", "http://127.0.0.1.evil/", "http://128.0.0.1/", "http://127.0.0.256/",
                          "http://127.0.0/", "http://[::2]/", "ftp://127.0.0.1/", "https://", "https://@/", "127.0.0.1", ""})
    CAF_CHECK(container_url("", url).has_error());
  CAF_CHECK_EQUAL(*container_url("/v2/credentials/1", "http://example.com/"), "http://169.254.170.2/v2/credentials/1");
  CAF_CHECK(container_url("v2", "").has_error());
  CAF_CHECK(container_url("@evil/", "").has_error());
}

CAF_TEST_FIXTURE_SCOPE_END()
