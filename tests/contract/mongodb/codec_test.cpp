#define CAF_SUITE mongodb_codec
#include <troupe_test/suite.hpp>

#include <cmath>

#include <troupe/bridges/mongodb/codec.hpp>

namespace {

using namespace troupe;

constexpr std::size_t largest = std::size_t{16} << 20U;

document make(std::string body) {
  return {"service-a", "greetings", "id", std::move(body)};
}

// The document as canonical extended JSON, without blanks around signs as the library writes them.
std::string kept(const std::string& body) {
  const auto made = mongodb::encode(make(body), largest);
  if (made.has_error())
    return to_string(made.error());
  const std::unique_ptr<char, troupe::c_deleter<bson_free>> text{bson_as_canonical_extended_json(&**made, nullptr)};
  std::string result;
  for (const char c : std::string_view{text.get()})
    if (c != ' ')
      result += c;
  return result;
}

std::string refusal(const document& refused) {
  const auto made = mongodb::encode(refused, largest);
  CAF_REQUIRE(made.has_error());
  CAF_CHECK(made.error().code == errc::rejected);
  return made.error().reason;
}

std::string refusal(const std::string& body) {
  return refusal(make(body));
}

std::string nested(std::size_t depth) {
  std::string result;
  for (std::size_t i = 0; i < depth; ++i)
    result += R"({"a":)";
  result += '1';
  return result.append(depth, '}');
}

} // namespace

CAF_TEST(the id comes first and then the members in their order) {
  CAF_CHECK_EQUAL(kept(R"({"z":"s","a":true,"n":null,"list":[1,"x",{}]})"),
                  R"({"_id":"id","z":"s","a":true,"n":null,"list":[{"$numberInt":"1"},"x",{}]})");
}

CAF_TEST(numbers are as small as they fit) {
  CAF_CHECK_EQUAL(kept(R"({"a":2147483647,"b":2147483648,"c":-2147483648,"d":18446744073709551615,"e":0.5})"),
                  R"({"_id":"id","a":{"$numberInt":"2147483647"},"b":{"$numberLong":"2147483648"},)"
                  R"("c":{"$numberInt":"-2147483648"},"d":{"$numberDouble":"18446744073709551616.0"},)"
                  R"("e":{"$numberDouble":"0.5"}})");
}

CAF_TEST(extended values become what they name) {
  for (const auto* const same :
       {R"({"$numberInt":"-7"})", R"({"$numberLong":"-9223372036854775808"})", R"({"$numberDouble":"Infinity"})",
        R"({"$numberDouble":"-Infinity"})", R"({"$numberDouble":"NaN"})", R"({"$numberDecimal":"1.50"})",
        R"({"$oid":"0123456789abcdef01234567"})", R"({"$date":{"$numberLong":"-1"}})",
        R"({"$binary":{"base64":"AAEC/w==","subType":"80"}})", R"({"$binary":{"base64":"","subType":"00"}})"})
    CAF_CHECK_EQUAL(kept(std::string{R"({"v":)"} + same + '}'), std::string{R"({"_id":"id","v":)"} + same + '}');
}

CAF_TEST(a date is cut off to milliseconds and may be of any year with four digits) {
  const auto milliseconds = [](const char* text) {
    const auto all = kept(std::string{R"({"v":{"$date":")"} + text + "\"}}");
    const std::string sign = R"("$numberLong":")";
    const auto at = all.find(sign);
    return at == std::string::npos ? all : all.substr(at + sign.size(), all.find('"', at + sign.size()) - at - sign.size());
  };
  CAF_CHECK_EQUAL(milliseconds("2019-04-16T02:23:16.546749266Z"), "1555381396546");
  CAF_CHECK_EQUAL(milliseconds("2019-04-16T04:23:16.5+02:00"), "1555381396500");
  CAF_CHECK_EQUAL(milliseconds("1969-12-31T23:59:59.9999Z"), "-1");
  CAF_CHECK_EQUAL(milliseconds("0001-01-01T00:00:00Z"), "-62135596800000"); // Go's zero
  CAF_CHECK_EQUAL(milliseconds("9999-12-31T23:59:59.999Z"), "253402300799999");
  CAF_CHECK_EQUAL(milliseconds("2400-02-29T00:00:00Z"), "13574563200000");
}

CAF_TEST(an extended value that is spelled wrong is refused with its place) {
  CAF_CHECK_EQUAL(refusal(R"({"a":{"b":[0,{"$date":"yesterday"}]}})"), "a.b.1: not a $date of extended JSON");
  for (const auto* const wrong :
       {R"({"$date":1})", R"({"$date":"2019-04-16T02:23:16Z","more":1})", R"({"$date":"2100-02-29T00:00:00Z"})",
        R"({"$oid":"01"})", R"({"$numberInt":"2147483648"})", R"({"$numberInt":7})", R"({"$numberLong":"1.5"})",
        R"({"$numberLong":""})", R"({"$numberDouble":"nan"})", R"({"$numberDouble":"1x"})", R"({"$numberDecimal":"one"})",
        R"({"$numberDecimal":""})", R"({"$binary":{"base64":"AA=","subType":"00"}})",
        R"({"$binary":{"base64":"AA==","subType":"100"}})", R"({"$binary":"AA=="})"})
    CAF_CHECK(refusal(std::string{R"({"v":)"} + wrong + '}').starts_with("v: not a $"));
  CAF_CHECK_EQUAL(refusal(R"({"v":{"$regularExpression":{"pattern":"a","options":""}}})"),
                  "v: values of the kind $regularExpression are not kept");
}

CAF_TEST(other names with a dollar sign are left to the server) {
  CAF_CHECK_EQUAL(kept(R"({"$schema":"s","v":{"$ref":"r"}})"), R"({"_id":"id","$schema":"s","v":{"$ref":"r"}})");
}

CAF_TEST(an id of its own must be the message id) {
  CAF_CHECK_EQUAL(kept(R"({"a":1,"_id":"id"})"), R"({"_id":"id","a":{"$numberInt":"1"}})");
  CAF_CHECK_EQUAL(kept(R"({"_id":"id","a":"1","b":"2","c":"3"})"), R"({"_id":"id","a":"1","b":"2","c":"3"})");
  CAF_CHECK(refusal(R"({"_id":"other"})").starts_with("_id: "));
  CAF_CHECK(refusal(R"({"_id":1})").starts_with("_id: "));
}

CAF_TEST(an id that is not UTF-8 is refused) {
  CAF_CHECK(mongodb::encode({"d", "c", std::string{"\xff\xfe", 2}, "{}"}, 1000).has_error());
  CAF_CHECK(mongodb::encode({"d", "c", std::string{"a\0b", 3}, "{}"}, 1000).has_value());
}

CAF_TEST(what is no JSON object is refused) {
  for (const auto* const wrong : {"", "[]", "1", "{", "{\"a\":\"\xff\"}", R"({"a":1}{})", R"({"a":01})"})
    CAF_CHECK(refusal(wrong).starts_with("the body is not "));
}

CAF_TEST(a name with a NUL is refused and a text with one is kept) {
  CAF_CHECK(refusal(R"({"v":{"a\u0000b":1}})").ends_with(": a name with a NUL"));
  const auto made = mongodb::encode(make(R"({"v":"a\u0000b"})"), largest);
  CAF_REQUIRE(made.has_value());
  bson_iter_t found;
  CAF_REQUIRE(bson_iter_init_find(&found, &**made, "v"));
  std::uint32_t size = 0;
  static_cast<void>(bson_iter_utf8(&found, &size));
  CAF_CHECK_EQUAL(size, 3u);
}

CAF_TEST(nesting ends where MongoDBs does) {
  CAF_CHECK(mongodb::encode(make(nested(100)), largest).has_value());
  CAF_CHECK_EQUAL(refusal(nested(101)), "the body is nested deeper than 100 levels");
  CAF_CHECK_EQUAL(refusal(nested(25'000)), "the body is nested deeper than 100 levels");
}

CAF_TEST(what is too large is refused whether it is so in JSON or in BSON) {
  CAF_CHECK(mongodb::encode(make(R"({"a":1})"), 32).has_value());
  CAF_CHECK(mongodb::encode(make(R"({"a":1})"), 6).error().reason == "the document is larger than 6 bytes");
  CAF_CHECK(mongodb::encode(make(R"({"a":1})"), 16).error().reason
            == "the document has 24 bytes in BSON, and 16 are allowed");
}

CAF_TEST(names that no server knows are refused) {
  auto wrong_one = make("{}");
  wrong_one.id = "";
  CAF_CHECK_EQUAL(refusal(wrong_one), "a document needs an id");
  wrong_one = make("{}");
  wrong_one.database = "";
  CAF_CHECK_EQUAL(refusal(wrong_one), "a document needs a database and a collection");
  for (const auto& wrong : {std::string{"a.b"}, std::string{"a b"}, std::string{"a\0b", 3}, std::string(64, 'a')}) {
    wrong_one.database = wrong;
    CAF_CHECK(refusal(wrong_one).ends_with("' is not a database name"));
  }
  wrong_one = make("{}");
  for (const auto& wrong : {std::string{"$cmd"}, std::string{"a\0b", 3}, std::string(250, 'a')}) {
    wrong_one.collection = wrong;
    CAF_CHECK(refusal(wrong_one).ends_with("' is not a collection name"));
  }
}
