#define CAF_SUITE secret_reading

#include <string>
#include <vector>

#include <troupe/messages/values/secret_reading.hpp>
#include <troupe_test/suite.hpp>

using namespace troupe;

namespace {

secret_reference read(const std::string& text) {
  const auto parsed = parse_secret_reference(text);
  CAF_REQUIRE(parsed.has_value());
  return *parsed;
}

failure refusal_of(const std::string& text) {
  const auto parsed = parse_secret_reference(text);
  CAF_REQUIRE(parsed.has_error());
  return parsed.error();
}

} // namespace

CAF_TEST(each keeper has its scheme) {
  using enum secret_keeper;
  CAF_CHECK((read("env:BROKER_PASSWORD") == secret_reference{environment, "BROKER_PASSWORD", {}, {}}));
  CAF_CHECK((read("file:/run/secrets/password") == secret_reference{file, "/run/secrets/password", {}, {}}));
  CAF_CHECK((read("aws-secretsmanager:AmazonMSK_credentials")
             == secret_reference{secrets_manager, "AmazonMSK_credentials", {}, {}}));
  CAF_CHECK((read("aws-ssm:/msk/scram/brokers") == secret_reference{parameter_store, "/msk/scram/brokers", {}, {}}));
}

CAF_TEST(stage and member stand in the order of a URI) {
  const auto arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:msk-a1b2c3";
  const auto parsed = read(std::string{"aws-secretsmanager:"} + arn + "?stage=AWSPREVIOUS#password");
  CAF_CHECK((parsed == secret_reference{secret_keeper::secrets_manager, arn, "AWSPREVIOUS", "password"}));
  CAF_CHECK_EQUAL(read("file:/run/secrets/a?b=c#user name").name, "/run/secrets/a?b=c");
  CAF_CHECK_EQUAL(read("env:X#a#b").field, "a#b");
}

CAF_TEST(a reference prints as it is read) {
  for (const auto* text : {"env:A_1", "env:A#b", "file:/x/y#z", "aws-secretsmanager:a/b?stage=AWSPENDING#c",
                           "aws-secretsmanager:a", "aws-ssm:/a/b:3", "aws-ssm:/a#b"})
    CAF_CHECK_EQUAL(to_string(read(text)), text);
}

CAF_TEST(what is no reference is refused with what was expected and is not repeated) {
  for (const auto* text :
       {"swordfish", "", ":", "vault:swordfish", "env:", "env:1swordfish", "env:sword fish", "file:swordfish", "file:",
        "aws-ssm:sword fish", "aws-ssm:a?stage=swordfish", "aws-secretsmanager:", "aws-secretsmanager:a?version=swordfish",
        "aws-secretsmanager:a?stage=", "aws-secretsmanager:a?stage=sword fish", "aws-secretsmanager:a#"}) {
    const auto why = refusal_of(text);
    CAF_CHECK(why.code == errc::invalid);
    CAF_CHECK(why.reason.starts_with("expected "));
    CAF_CHECK(why.reason.find("fish") == std::string::npos);
  }
  CAF_CHECK(refusal_of("aws-ssm:" + std::string(2049, 'a')).code == errc::invalid);
}

CAF_TEST(a member is taken from the JSON object that a secret is) {
  const secret whole{R"({"username":"ada","port":9096,"nested":{"a":[1]}})"};
  CAF_CHECK_EQUAL(select_field(whole, "username")->reveal(), "ada");
  CAF_CHECK_EQUAL(select_field(whole, "port")->reveal(), "9096");
  CAF_CHECK_EQUAL(select_field(whole, "nested")->reveal(), R"({"a":[1]})");
  CAF_CHECK_EQUAL(select_field(whole, "")->reveal(), whole.reveal());
}

CAF_TEST(the line ends behind a secret are no part of it wherever it is kept) {
  for (const auto* text : {"amqp://user:word@host\n", "amqp://user:word@host\r\n", "amqp://user:word@host\n\n"})
    CAF_CHECK_EQUAL(select_field(secret{text}, "")->reveal(), "amqp://user:word@host");
  CAF_CHECK_EQUAL(select_field(secret{"{\"password\":\"two\\nlines\\n\"}\n"}, "password")->reveal(), "two\nlines");
  CAF_CHECK(select_field(secret{"\n"}, "").error().code == errc::invalid);
  CAF_CHECK(select_field(secret{"{\"password\":\"\\r\\n\"}"}, "password").error().code == errc::invalid);
}

CAF_TEST(a member that is not there is reported without the secret) {
  const auto missing = select_field(secret{R"({"password":"swordfish"})"}, "user");
  CAF_CHECK(missing.error().code == errc::not_found);
  for (const auto* text : {"swordfish", "[\"swordfish\"]", "{\"swordfish\":", ""}) {
    const auto refused = select_field(secret{text}, "user");
    CAF_REQUIRE(refused.has_error());
    CAF_CHECK(refused.error().code == errc::undecodable);
    CAF_CHECK(refused.error().reason.find("swordfish") == std::string::npos);
  }
}

CAF_TEST(a list is what stands between commas) {
  using list = std::vector<std::string>;
  CAF_CHECK((split_list("b-1:9096,b-2:9096") == list{"b-1:9096", "b-2:9096"}));
  CAF_CHECK((split_list(" a , b c ,, d\n") == list{"a", "b c", "d"}));
  CAF_CHECK((split_list("a") == list{"a"}));
  CAF_CHECK(split_list("").empty());
  CAF_CHECK(split_list(" , ").empty());
}
