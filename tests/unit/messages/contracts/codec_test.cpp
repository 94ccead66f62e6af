#define CAF_SUITE codec
#include <troupe_test/suite.hpp>

#include <troupe/messages/contracts/codec.hpp>

#include "shop.pb.h"

using namespace troupe;
using troupe_test::shop::PlaceOrder;

namespace {

PlaceOrder tea() {
  PlaceOrder result;
  result.set_item("tea");
  result.set_count(2);
  return result;
}

expected<PlaceOrder> read(std::string content_type, std::string payload) {
  message received;
  received.content_type = std::move(content_type);
  received.payload = std::move(payload);
  return codec<PlaceOrder>::decode(received);
}

bool is_tea(const expected<PlaceOrder>& got) {
  return got && got->item() == "tea" && got->count() == 2;
}

} // namespace

CAF_TEST(a message is read in the form that it is written in) {
  for (const auto* type : {"", "application/protobuf", "application/x-protobuf", "application/json"}) {
    const auto written = codec<PlaceOrder>::encode(tea(), type);
    CAF_REQUIRE(written);
    CAF_CHECK(is_tea(read(written->media_type, written->payload)));
    CAF_CHECK(is_tea(read({}, written->payload))); // of a producer that says no type
  }
  CAF_CHECK_EQUAL(codec<PlaceOrder>::encode(tea(), "application/json")->payload, R"({"item":"tea","count":2})");
  CAF_CHECK_EQUAL(codec<PlaceOrder>::encode(tea(), {})->media_type, "application/protobuf");
  CAF_CHECK_EQUAL(codec<PlaceOrder>::name(), "troupe_test.shop.PlaceOrder");
}

CAF_TEST(parameters and case of a media type do not matter) {
  CAF_CHECK(is_tea(read("Application/JSON; charset=utf-8", R"({"item":"tea","count":2})")));
}

CAF_TEST(JSON is read by the mapping of proto3) {
  CAF_CHECK(is_tea(read("application/json", R"({"item":"tea","count":"2e0"})")));
  CAF_CHECK(is_tea(read("application/json", R"({"item":null,"item":"tea","count":2.0})")));
}

CAF_TEST(what no codec reads is undecodable with the reason) {
  CAF_CHECK(read("text/plain", "tea").error().code == errc::undecodable);
  CAF_CHECK_EQUAL(read("text/plain", "tea").error().reason,
                  "this is no troupe_test.shop.PlaceOrder: its media type is text/plain");
  CAF_CHECK(read("application/protobuf", "\xff").error().code == errc::undecodable);
  CAF_CHECK(read("application/json", "{").error().code == errc::undecodable);
  CAF_CHECK(read("application/json", R"({"itm":"tea"})").error().reason.find("itm") != std::string::npos);
  CAF_CHECK(read("application/json", std::string(1000, '[')).error().code == errc::undecodable);
  CAF_CHECK(codec<PlaceOrder>::encode(tea(), "text/xml").error().code == errc::unsupported);
}
