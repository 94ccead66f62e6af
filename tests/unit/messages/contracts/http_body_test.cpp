#define CAF_SUITE contracts_http_body

#include <troupe_test/suite.hpp>

#include <algorithm>

#include <google/api/httpbody.pb.h>
#include <google/protobuf/descriptor.h>
#include <library.pb.h>

#include <troupe/messages/contracts/http_body.hpp>
#include <troupe/messages/contracts/transcoding.hpp>
#include <troupe/messages/contracts/transcoding_client.hpp>

#include "../refusal.hpp"
#include "declared.hpp"

using namespace troupe::contracts;
using namespace library::v1;
using google::api::HttpBody;
using google::protobuf::Message;
using troupe_test::declared;
using troupe_test::refusal;

namespace {

const std::string bytes{"\0\xff{\r\n", 5};

HttpBody body_of(const std::string& content_type, const std::string& data) {
  HttpBody result;
  result.set_content_type(content_type);
  result.set_data(data);
  return result;
}

struct fixture {
  std::vector<rest_route> routes = rest_surface_of({Book::descriptor()->file()->service(0)}).routes;

  [[nodiscard]] const rest_route& route_of(const std::string& method) const {
    return *std::ranges::find_if(routes, [&](const rest_route& one) { return one.method->name() == method; });
  }

  /// What a request becomes, or why it is refused.
  [[nodiscard]] std::string received(const std::string& method, std::vector<std::string> captures, const body_view& body,
                                     Message& into, const transcoding_limits& limits = {}) const {
    return refusal(decode_request({&route_of(method), std::move(captures)}, {}, body, limits, into));
  }

  [[nodiscard]] rest_request sent(const std::string& method, const Message& request) const {
    auto result = encode_request({route_of(method)}, request);
    CAF_REQUIRE(result);
    return *result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(contracts_http_body_tests, fixture)

CAF_TEST(the routes whose bodies are an HttpBody are known by their messages and fields) {
  CAF_CHECK(takes_any_body(route_of("SetCover")));
  CAF_CHECK(answers_any_body(route_of("SetCover")));
  CAF_CHECK(takes_any_body(route_of("Scan")));
  CAF_CHECK(answers_any_body(route_of("Scan")));
  for (const auto* const method : {"CreateBook", "ReplaceBook", "GetBook", "ListBooks"}) {
    CAF_CHECK(!takes_any_body(route_of(method)));
    CAF_CHECK(!answers_any_body(route_of(method)));
  }
}

CAF_TEST(an HttpBody that is no body is JSON and query parameters like others) {
  const declared file{R"(import "google/api/httpbody.proto";
service S {
  rpc Get(google.api.HttpBody) returns (Out) { option (google.api.http) = {get: "/a"}; }
  rpc Put(Many) returns (google.api.HttpBody) { option (google.api.http) = {put: "/a" body: "of" response_body: "data"}; }
  rpc All(Many) returns (Many) { option (google.api.http) = {post: "/a" body: "*" response_body: "of"}; }
}
message Many { repeated google.api.HttpBody of = 1; }
message Out { google.api.HttpBody nested = 1; })"};
  const auto surface = rest_surface_of({file.service()});
  CAF_REQUIRE_EQUAL(surface.mistakes, std::vector<std::string>{});
  for (const auto& route : surface.routes) {
    CAF_CHECK(!takes_any_body(route));
    CAF_CHECK(!answers_any_body(route));
  }
  CAF_CHECK_EQUAL(query_parameters(surface.routes.front()).size(), 2U);
}

CAF_TEST(a request of any media type is read as it is) {
  HttpBody scan;
  CAF_CHECK_EQUAL(received("Scan", {}, {bytes, "image/png; x=\"1\""}, scan), "accepted");
  CAF_CHECK_EQUAL(scan.data(), bytes);
  CAF_CHECK_EQUAL(scan.content_type(), "image/png; x=\"1\"");
  SetCoverRequest cover;
  CAF_CHECK_EQUAL(received("SetCover", {"7"}, {bytes, {}}, cover), "accepted");
  CAF_CHECK_EQUAL(cover.id(), "7");
  CAF_CHECK_EQUAL(cover.cover().data(), bytes);
  CAF_CHECK_EQUAL(cover.cover().content_type(), "");
}

CAF_TEST(an empty body leaves a field unset unless it has a media type) {
  SetCoverRequest none;
  CAF_CHECK_EQUAL(received("SetCover", {"7"}, {}, none), "accepted");
  CAF_CHECK(!none.has_cover());
  SetCoverRequest empty;
  CAF_CHECK_EQUAL(received("SetCover", {"7"}, {{}, "text/plain"}, empty), "accepted");
  CAF_CHECK_EQUAL(empty.ShortDebugString(), R"(id: "7" cover { content_type: "text/plain" })");
  HttpBody scan;
  CAF_CHECK_EQUAL(received("Scan", {}, {}, scan), "accepted");
  CAF_CHECK_EQUAL(scan.ByteSizeLong(), 0U);
}

CAF_TEST(a request that is too long or has a media type that is no text is refused) {
  HttpBody scan;
  CAF_CHECK_EQUAL(received("Scan", {}, {"12345", "a/b"}, scan, {.body = 5}), "accepted");
  CAF_CHECK_EQUAL(received("Scan", {}, {"123456", "a/b"}, scan, {.body = 5}), "rejected: the body is longer than 5 bytes");
  CAF_CHECK_EQUAL(received("Scan", {}, {"1", "a/\xff"}, scan), "invalid: the content_type of the body is not visible ASCII");
}

CAF_TEST(a media type that no header carries is never sent) {
  for (const auto* const type : {"text/plain\r\nX-Evil: 1", "text/plain\n", "a\tb", "caf\xc3\xa9", "\x7f"}) {
    CAF_CHECK_EQUAL(refusal(http_body_in(body_of(type, "x"), nullptr)),
                    "invalid: the content_type of the body is not visible ASCII");
    SetCoverRequest cover;
    cover.set_id("7");
    *cover.mutable_cover() = body_of(type, "x");
    CAF_CHECK_EQUAL(refusal(encode_request({route_of("SetCover")}, cover)),
                    "invalid: the content_type of the body is not visible ASCII");
  }
}

CAF_TEST(bytes without a media type are sent as a stream of octets) {
  CAF_CHECK_EQUAL(content_type_of(body_of("", "x")), "application/octet-stream");
  CAF_CHECK_EQUAL(content_type_of(body_of("", "")), "");
  CAF_CHECK_EQUAL(content_type_of(body_of("text/html", "")), "text/html");
}

CAF_TEST(a call is written with its bytes and media type) {
  SetCoverRequest cover;
  cover.set_id("7");
  const auto none = sent("SetCover", cover);
  CAF_CHECK_EQUAL(none.target, "/v1/books/7/cover");
  CAF_CHECK_EQUAL(none.body + none.content_type, "");
  *cover.mutable_cover() = body_of("image/png", bytes);
  const auto one = sent("SetCover", cover);
  CAF_CHECK_EQUAL(one.target, "/v1/books/7/cover");
  CAF_CHECK_EQUAL(one.body, bytes);
  CAF_CHECK_EQUAL(one.content_type, "image/png");
  const auto scan = sent("Scan", body_of("", bytes));
  CAF_CHECK_EQUAL(scan.body, bytes);
  CAF_CHECK_EQUAL(scan.content_type, "application/octet-stream");
  Book book;
  CAF_CHECK_EQUAL(sent("ReplaceBook",
                       [&] {
                         book.set_id("7");
                         return book;
                       }())
                    .content_type,
                  "application/json");
}

CAF_TEST(an answer of any media type is read as it is) {
  HttpBody cover;
  CAF_CHECK_EQUAL(refusal(decode_answer(route_of("SetCover"), {bytes, "image/png"}, cover)), "accepted");
  CAF_CHECK_EQUAL(cover.data(), bytes);
  CAF_CHECK_EQUAL(cover.content_type(), "image/png");
  Scanned page;
  CAF_CHECK_EQUAL(refusal(decode_answer(route_of("Scan"), {"<p>", "text/html"}, page)), "accepted");
  CAF_CHECK_EQUAL(page.ShortDebugString(), R"(page { content_type: "text/html" data: "<p>" })");
  CAF_CHECK_EQUAL(refusal(decode_answer(route_of("SetCover"), {"x", "\xff"}, cover)),
                  "internal: the content_type of the body is not visible ASCII");
}

CAF_TEST_FIXTURE_SCOPE_END()
