#define CAF_SUITE aws_credential_keeper
#include <troupe_test/suite.hpp>

#include <deque>

#include <troupe/bridges/aws/credential_keeper.hpp>

#include "around.hpp"

namespace {

using namespace troupe;
using namespace troupe::aws;
using namespace std::chrono_literals;

struct fixture {
  aws_test::made_up around;
  timestamp now{std::chrono::seconds{1'555'380'983}};
  config configured;
  std::deque<expected<http_response>> script;
  std::vector<request> asked;
  std::unique_ptr<credential_keeper> keeper;

  fixture() {
    around.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}, {"AWS_ROLE_ARN", "role"}};
    around.files["/token"] = "first\n";
    configured.around = around.surroundings();
    configured.now = [this] { return now; };
    configured.at.sts = "https://sts";
    keeper = std::make_unique<credential_keeper>(
      configured,
      [this](const request& what, instant) -> expected<http_response> {
        asked.push_back(what);
        CAF_REQUIRE(!script.empty());
        auto next = std::move(script.front());
        script.pop_front();
        return next;
      },
      silent_observer(), speaker{"service-t", "secrets", nullptr});
  }

  void lend(const std::string& id, std::chrono::nanoseconds for_time) {
    script.emplace_back(http_response{200,
                                      {},
                                      {},
                                      "<AccessKeyId>" + id
                                        + "</AccessKeyId><SecretAccessKey>k</SecretAccessKey>"
                                          "<SessionToken>t</SessionToken><Expiration>"
                                        + to_rfc3339(now + for_time) + "</Expiration>"});
  }
  void fail(failure why) { script.emplace_back(std::move(why)); }

  expected<credentials> get() { return keeper->get(instant::max()); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(credential_keeper_tests, fixture)

CAF_TEST(credentials are kept until shortly before they are over and the token is read anew) {
  lend("one", 1h);
  CAF_CHECK_EQUAL(get()->key_id, "one");
  around.files["/token"] = "second\n";
  now += 54min;
  CAF_CHECK_EQUAL(get()->key_id, "one");
  CAF_CHECK_EQUAL(asked.size(), 1u);
  now += 2min;
  lend("two", 1h);
  CAF_CHECK_EQUAL(get()->key_id, "two");
  CAF_REQUIRE_EQUAL(asked.size(), 2u);
  CAF_CHECK(asked[0].body->ends_with("WebIdentityToken=first"));
  CAF_CHECK(asked[1].body->ends_with("WebIdentityToken=second"));
}

CAF_TEST(credentials that cannot be renewed serve for as long as they last) {
  lend("one", 1h);
  CAF_REQUIRE(get().has_value());
  now += 58min;
  fail({errc::unavailable, "away"});
  CAF_CHECK_EQUAL(get()->key_id, "one");
  now += 2min;
  fail({errc::unavailable, "away"});
  const auto over = get();
  CAF_REQUIRE(over.has_error());
  CAF_CHECK(over.error().code == errc::unavailable);
  CAF_CHECK_EQUAL(over.error().reason, "AWS credentials from web identity: away");
}

CAF_TEST(credentials that were refused are looked for again) {
  lend("one", 1h);
  CAF_REQUIRE(get().has_value());
  keeper->drop();
  lend("two", 1h);
  CAF_CHECK_EQUAL(get()->key_id, "two");
}

CAF_TEST(keys that are known are never over) {
  around.variables = {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}};
  CAF_CHECK_EQUAL(get()->key_id, "id");
  now += 10000h;
  CAF_CHECK_EQUAL(get()->key_id, "id");
  around.variables["AWS_ACCESS_KEY_ID"] = "other";
  keeper->drop();
  CAF_CHECK_EQUAL(get()->key_id, "other");
}

CAF_TEST(a token that cannot be read is reported by its file) {
  around.files.clear();
  const auto none = get();
  CAF_REQUIRE(none.has_error());
  CAF_CHECK(none.error().code == errc::unauthenticated);
  CAF_CHECK(none.error().reason.find("/token") != std::string::npos);
}

CAF_TEST(the endpoint of a container is asked with the token that its file holds now) {
  around.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/c"},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/pod"},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "ignored"}};
  const auto lend_here = [this](const char* id) {
    script.emplace_back(http_response{200,
                                      {},
                                      {},
                                      std::string{R"({"AccessKeyId":")"} + id
                                        + R"(","SecretAccessKey":"k","Token":"t","Expiration":")" + to_rfc3339(now + 1h)
                                        + "\"}"});
  };
  around.files["/pod"] = "Bearer one\n";
  lend_here("one");
  CAF_CHECK_EQUAL(get()->key_id, "one");
  around.files["/pod"] = "Bearer two\n";
  now += 56min;
  lend_here("two");
  CAF_CHECK_EQUAL(get()->key_id, "two");
  CAF_CHECK_EQUAL(*find_header(asked[0].headers, "Authorization"), "Bearer one");
  CAF_CHECK_EQUAL(*find_header(asked[1].headers, "Authorization"), "Bearer two");
  CAF_CHECK(!asked[1].body && !asked[1].signer);
}

CAF_TEST_FIXTURE_SCOPE_END()
