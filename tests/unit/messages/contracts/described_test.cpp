#define CAF_SUITE described

#include <troupe_test/suite.hpp>

#include <limits>
#include <string>

#include <troupe/messages/contracts/described.hpp>

using namespace troupe;

namespace {

enum class unit { celsius, kelvin };
BOOST_DESCRIBE_ENUM(unit, celsius, kelvin)

struct place {
  std::string name;
  std::optional<double> height;
};
BOOST_DESCRIBE_STRUCT(place, (), (name, height))

struct reading {
  std::string sensor;
  double value = 0;
  unit of = unit::celsius;
  std::int8_t quality = 7;
  std::uint64_t number = 0;
  bool valid = true;
  timestamp at;
  place where;
  std::vector<place> near;
  std::map<std::string, std::int32_t> tags;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, value, of, quality, number, valid, at, where, near, tags))

expected<reading> read(const std::string& payload, const std::string& type = "application/json") {
  message received;
  received.payload = payload;
  received.content_type = type;
  return codec<reading>::decode(received);
}

std::string wrong(const std::string& payload, const std::string& type = "application/json") {
  const auto got = read(payload, type);
  CAF_REQUIRE(got.has_error());
  CAF_CHECK(got.error().code == errc::undecodable);
  return got.error().reason.substr(got.error().reason.find(": ") + 2);
}

reading full() {
  reading result;
  result.sensor = "north \"1\"";
  result.value = -1.5;
  result.of = unit::kelvin;
  result.quality = -128;
  result.number = std::numeric_limits<std::uint64_t>::max();
  result.valid = false;
  result.at = parse_timestamp("2026-03-01T10:00:00.5Z").value();
  result.where = {"roof", 12.5};
  result.near = {{"yard", {}}, {"tower", 40}};
  result.tags = {{"a", 1}, {"b", -2}};
  return result;
}

constexpr auto full_text =
  R"({"sensor":"north \"1\"","value":-1.5E0,"of":"kelvin","quality":-128,"number":18446744073709551615,)"
  R"("valid":false,"at":"2026-03-01T10:00:00.5Z","where":{"name":"roof","height":1.25E1},)"
  R"("near":[{"name":"yard"},{"name":"tower","height":4E1}],"tags":{"a":1,"b":-2}})";

} // namespace

CAF_TEST(a described struct is written as a map of its members and read again) {
  const auto written = codec<reading>::encode(full(), {});
  CAF_REQUIRE(written.has_value());
  CAF_CHECK_EQUAL(written->media_type, "application/json");
  CAF_CHECK_EQUAL(written->payload, full_text);
  const auto again = read(written->payload);
  CAF_REQUIRE(again.has_value());
  CAF_CHECK_EQUAL(codec<reading>::encode(*again, "application/json")->payload, full_text);
  CAF_CHECK(codec<reading>::name().ends_with("reading"));
}

CAF_TEST(a member that a document lacks is as a new value has it) {
  const auto got = read(R"({"sensor": "s"})", "");
  CAF_REQUIRE(got.has_value());
  CAF_CHECK_EQUAL(got->quality, 7);
  CAF_CHECK(got->valid);
  CAF_CHECK(!read(R"({"where": {"height": null}})")->where.height);
  CAF_CHECK(read("{}", "application/json; charset=utf-8").has_value());
}

CAF_TEST(what does not fit is undecodable with its path) {
  CAF_CHECK_EQUAL(wrong(R"({"sensr": "s"})"), "there is no member \"sensr\"");
  CAF_CHECK_EQUAL(wrong(R"({"near": [{}, {"nam": 1}]})"), "near[1]: there is no member \"nam\"");
  CAF_CHECK_EQUAL(wrong(R"({"near": [{"name": 5}]})"), "near[0].name: expected a text");
  CAF_CHECK_EQUAL(wrong(R"({"quality": 128})"), "quality: expected a whole number of -128 to 127");
  CAF_CHECK_EQUAL(wrong(R"({"quality": 1.5})"), "quality: expected a whole number of -128 to 127");
  CAF_CHECK_EQUAL(wrong(R"({"number": -1})"), "number: expected a whole number of 0 to 18446744073709551615");
  CAF_CHECK_EQUAL(wrong(R"({"of": "fahrenheit"})"), "of: expected one of celsius, kelvin");
  CAF_CHECK_EQUAL(wrong(R"({"valid": 1})"), "valid: expected true or false");
  CAF_CHECK_EQUAL(wrong(R"({"value": "1"})"), "value: expected a number");
  CAF_CHECK_EQUAL(wrong(R"({"at": "noon"})"), "at: expected a time as of RFC 3339");
  CAF_CHECK_EQUAL(wrong(R"({"where": []})"), "where: expected a map");
  CAF_CHECK_EQUAL(wrong(R"({"near": {}})"), "near: expected a list");
  CAF_CHECK_EQUAL(wrong("[]"), "expected a map");
  CAF_CHECK_EQUAL(wrong("{}", "text/plain"), "text/plain is not read");
  CAF_CHECK_NOT_EQUAL(wrong("{"), "");
  CAF_CHECK_NOT_EQUAL(wrong(std::string(100'000, '[')), "");
}

CAF_TEST(what JSON does not have is rejected and another media type unsupported) {
  auto value = full();
  value.near[1].name = "\xff";
  const auto text = codec<reading>::encode(value, {});
  CAF_REQUIRE(text.has_error());
  CAF_CHECK(text.error().code == errc::rejected);
  CAF_CHECK_EQUAL(text.error().reason, "this cannot be written: near[1].name: the text is not UTF-8");
  value = full();
  value.value = std::numeric_limits<double>::infinity();
  CAF_CHECK_EQUAL(codec<reading>::encode(value, {}).error().reason,
                  "this cannot be written: value: JSON has no such number");
  CAF_CHECK(codec<reading>::encode(full(), "application/protobuf").error().code == errc::unsupported);
}
