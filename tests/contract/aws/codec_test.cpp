#define CAF_SUITE aws_codec
#include <troupe_test/suite.hpp>

#include <troupe/bridges/aws/codec.hpp>
#include <troupe/bridges/aws/xml.hpp>

namespace {

using namespace troupe;
using namespace troupe::aws;

const credentials keys{"AKID", secret{"key"}, secret{}, {}};

secret_reference reference(const char* text) {
  return *parse_secret_reference(text);
}

http_response ok(std::string body) {
  return {200, {}, {}, std::move(body)};
}

std::string header(const request& of, const char* name) {
  const auto* const found = find_header(of.headers, name);
  return found == nullptr ? "none" : *found;
}

constexpr auto role_answer = R"(<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials><SessionToken>to&amp;ken==</SessionToken>
  <SecretAccessKey>ke/y+</SecretAccessKey><Expiration>2026-11-24T00:40:19Z</Expiration><AccessKeyId>ASIA1</AccessKeyId>
  </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>)";

} // namespace

CAF_TEST(a secret is asked for by its name and stage) {
  const auto asked = encode_read(reference("aws-secretsmanager:a/b#c"), "https://sm", keys);
  CAF_CHECK_EQUAL(asked.url, "https://sm/");
  CAF_CHECK_EQUAL(asked.body.value(), R"({"SecretId":"a/b","VersionStage":"AWSCURRENT"})");
  CAF_CHECK_EQUAL(header(asked, "X-Amz-Target"), "secretsmanager.GetSecretValue");
  CAF_CHECK_EQUAL(header(asked, "X-Amz-Security-Token"), "none");
  CAF_CHECK_EQUAL(asked.service, "secretsmanager");
  CAF_CHECK_EQUAL(encode_read(reference("aws-secretsmanager:a?stage=AWSPREVIOUS"), "", keys).body.value(),
                  R"({"SecretId":"a","VersionStage":"AWSPREVIOUS"})");
}

CAF_TEST(a parameter is asked for in clear and with the token of the session) {
  const auto asked =
    encode_read(reference("aws-ssm:/a"), "https://ssm", credentials{"ASIA", secret{"key"}, secret{"token"}, {}});
  CAF_CHECK_EQUAL(asked.body.value(), R"({"Name":"/a","WithDecryption":true})");
  CAF_CHECK_EQUAL(header(asked, "X-Amz-Target"), "AmazonSSM.GetParameter");
  CAF_CHECK_EQUAL(header(asked, "Content-Type"), "application/x-amz-json-1.1");
  CAF_CHECK_EQUAL(header(asked, "X-Amz-Security-Token"), "token");
  CAF_CHECK_EQUAL(asked.service, "ssm");
  CAF_CHECK_EQUAL(asked.signer->key_id, "ASIA");
}

CAF_TEST(a request is signed for its region and service) {
  CAF_CHECK_EQUAL(signing_scope("eu-west-1", "secretsmanager"), "aws:amz:eu-west-1:secretsmanager");
}

CAF_TEST(a role is asked for with a form that escapes and without a signature) {
  const auto asked = encode_assume_role({"arn:aws:iam::1:role/r", "/t", "pod 1"}, "a+b/c=", "https://sts");
  CAF_CHECK_EQUAL(asked.body.value(),
                  "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
                  "&RoleSessionName=pod%201&WebIdentityToken=a%2Bb%2Fc%3D");
  CAF_CHECK(asked.service.empty() && !asked.signer);
}

CAF_TEST(the endpoint of a container is asked with its token when there is one) {
  CAF_CHECK_EQUAL(header(*encode_container_question({"http://c", "", secret{}}, "Bearer x"), "Authorization"), "Bearer x");
  CAF_CHECK_EQUAL(header(*encode_container_question({"http://c", "", secret{}}, ""), "Authorization"), "none");
  CAF_CHECK(encode_container_question({"http://c", "", secret{}}, "x\r\nHost: y").error().code == errc::invalid);
}

CAF_TEST(a secret is text or bytes) {
  const auto text = decode_read(reference("aws-secretsmanager:a"), ok(R"({"SecretString":"swordfish","VersionId":"v1"})"));
  CAF_REQUIRE(text.has_value());
  CAF_CHECK_EQUAL(text->text.reveal(), "swordfish");
  CAF_CHECK_EQUAL(text->version, "v1");
  const auto read = [](const char* base64) {
    return decode_read(reference("aws-secretsmanager:a"), ok(std::string{R"({"SecretBinary":")"} + base64 + "\"}"));
  };
  CAF_CHECK_EQUAL(read("c3dvcmRmaXNo")->text.reveal(), "swordfish");
  CAF_CHECK_EQUAL(read("c3dvcmRmaXM=")->text.reveal(), "swordfis");
  CAF_CHECK_EQUAL(read("c3dvcmRmaQ==")->text.reveal(), "swordfi");
  CAF_CHECK_EQUAL(read("")->text.reveal(), "");
  for (const auto* wrong : {"c3d", "c3=v", "====", "c3dvcm Rm", "a==="})
    CAF_CHECK(read(wrong).has_error());
}

CAF_TEST(a parameter is text with the number of its version) {
  const auto decoded =
    decode_read(reference("aws-ssm:/a"), ok(R"({"Parameter":{"Name":"/a","Value":"b-1,b-2","Version":3}})"));
  CAF_REQUIRE(decoded.has_value());
  CAF_CHECK_EQUAL(decoded->text.reveal(), "b-1,b-2");
  CAF_CHECK_EQUAL(decoded->version, "3");
}

CAF_TEST(an answer that is not what was asked for is undecodable and is not quoted) {
  for (const auto* body : {"", "swordfish", "[]", "{}", R"({"SecretString":{"swordfish":1}})", R"({"SecretBinary":7})"}) {
    const auto decoded = decode_read(reference("aws-secretsmanager:a"), ok(body));
    CAF_REQUIRE(decoded.has_error());
    CAF_CHECK(decoded.error().code == errc::undecodable);
    CAF_CHECK(decoded.error().reason.find("swordfish") == std::string::npos);
  }
  for (const auto* body : {"{}", R"({"Parameter":"swordfish"})", R"({"Parameter":{"Value":1}})"})
    CAF_CHECK(decode_read(reference("aws-ssm:a"), ok(body)).error().code == errc::undecodable);
}

CAF_TEST(credentials of a role are read from XML) {
  const auto decoded = decode_assume_role(ok(role_answer));
  CAF_REQUIRE(decoded.has_value());
  CAF_CHECK_EQUAL(decoded->key_id, "ASIA1");
  CAF_CHECK_EQUAL(decoded->key.reveal(), "ke/y+");
  CAF_CHECK_EQUAL(decoded->session_token.reveal(), "to&ken==");
  CAF_CHECK_EQUAL(to_rfc3339(*decoded->expires), "2026-11-24T00:40:19Z");
  CAF_CHECK(decode_assume_role(ok("<AccessKeyId>a</AccessKeyId>")).error().code == errc::undecodable);
}

CAF_TEST(credentials of a container are read from JSON) {
  const auto decoded = decode_container_answer(ok(
    R"({"AccessKeyId":"ASIA2","SecretAccessKey":"key","Token":"token","Expiration":"2026-11-24T00:40:19Z","AccountId":"1"})"));
  CAF_REQUIRE(decoded.has_value());
  CAF_CHECK_EQUAL(decoded->key_id, "ASIA2");
  CAF_CHECK_EQUAL(decoded->session_token.reveal(), "token");
  for (const auto* wrong : {"", "{}", R"({"AccessKeyId":"a","SecretAccessKey":"k","Token":"t","Expiration":"soon"})"})
    CAF_CHECK(decode_container_answer(ok(wrong)).error().code == errc::undecodable);
}

CAF_TEST(a refusal is understood in each form that services have) {
  const auto name = [](std::string type, std::string body) {
    return decode_error({400, std::move(type), {}, std::move(body)}).name;
  };
  CAF_CHECK_EQUAL(name("ResourceNotFoundException:http://internal/", "{}"), "ResourceNotFoundException");
  CAF_CHECK_EQUAL(name("", R"({"__type":"com.amazon#ThrottlingException"})"), "ThrottlingException");
  CAF_CHECK_EQUAL(name("", R"({"code":"AccessDenied"})"), "AccessDenied");
  CAF_CHECK_EQUAL(
    name("", "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code></Error></ErrorResponse>"),
    "ExpiredTokenException");
  CAF_CHECK_EQUAL(name("", "<html>502</html>"), "");
  CAF_CHECK_EQUAL(decode_error({400, "", {}, R"({"message":"no\nlines"})"}).message, "no lines");
  CAF_CHECK_EQUAL(decode_error({400, "", {}, R"({"Message":"words"})"}).message, "words");
  CAF_CHECK_EQUAL(decode_error({400, "", {}, "<Error><Message><![CDATA[a<b]]></Message></Error>"}).message, "a<b");
  CAF_CHECK_EQUAL(decode_error({400, "", {}, "{\"message\":\"" + std::string(5000, 'a') + "\"}"}).message.size(), 300u);
}

CAF_TEST(an element is its text and nothing else) {
  CAF_CHECK_EQUAL(element_text("<a><Code x='1'>&lt;&quot;&apos;&gt;&amp;amp;&bogus;</Code></a>", "Code").value(),
                  "<\"'>&amp;&bogus;");
  CAF_CHECK_EQUAL(element_text("<CodeX>1</CodeX><Code>2</Code>", "Code").value(), "2");
  for (const auto* none : {"", "<Code>", "<Code", "<Code/>", "<Code x='1'/>1</Code>", "<Code><b>1</b></Code>",
                           "<Code>1</Other>", "<Code><![CDATA[1</Code>"})
    CAF_CHECK(!element_text(none, "Code"));
}
