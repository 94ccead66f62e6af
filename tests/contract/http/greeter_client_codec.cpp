#define CAF_SUITE http_greeter_client_codec

#include <troupe_test/suite.hpp>

#include <troupe/bridges/http/client_codec.hpp>

using namespace troupe;
using namespace troupe::http;

namespace {

using scheme = client_target::scheme;
using progress = answer_reader::progress;

std::string problem_with(std::string_view code) {
  return R"({"type":"about:blank","status":503,"code":")" + std::string{code} + R"("})";
}

} // namespace

CAF_TEST(a target is a scheme and a host with a port and a path or their defaults) {
  struct row {
    const char* text;
    client_target wanted;
    const char* authority;
  };
  for (const auto& [text, wanted, authority] :
       {row{"http://service-b", {scheme::http, "service-b", 80, "/api/greeting"}, "service-b"},
        row{"http://service-b/", {scheme::http, "service-b", 80, "/api/greeting"}, "service-b"},
        row{"http://service-b:8080/api/ping", {scheme::http, "service-b", 8080, "/api/ping"}, "service-b:8080"},
        row{"https://b.example", {scheme::https, "b.example", 443, "/api/greeting"}, "b.example"},
        row{"https://b.example:443/x?y=1", {scheme::https, "b.example", 443, "/x?y=1"}, "b.example"},
        row{"http://b:443", {scheme::http, "b", 443, "/api/greeting"}, "b:443"},
        row{"http://127.0.0.1:1", {scheme::http, "127.0.0.1", 1, "/api/greeting"}, "127.0.0.1:1"},
        row{"http://[::1]:65535/x", {scheme::http, "::1", 65535, "/x"}, "[::1]:65535"},
        row{"http://[::1]", {scheme::http, "::1", 80, "/api/greeting"}, "[::1]"}}) {
    const auto read = parse_client_target(text);
    CAF_REQUIRE(read.has_value());
    CAF_CHECK(*read == wanted);
    CAF_CHECK_EQUAL(read->authority(), authority);
  }
}

CAF_TEST(what is no target is refused in words that repeat it) {
  for (const std::string text : {"",
                                 "service-b:50051",
                                 "service-b",
                                 "dns:///service-b",
                                 "grpcs://service-b",
                                 "ftp://b",
                                 "HTTP://b",
                                 "http://",
                                 "http://:80",
                                 "http://b:",
                                 "http://b:0",
                                 "http://b:65536",
                                 "http://b:x",
                                 "http://user@b",
                                 "http://b/#part",
                                 "http://b/a b",
                                 "http://b/\r\nx: y",
                                 "http://[::1",
                                 "https:///path",
                                 "http://b:80:80"}) {
    const auto read = parse_client_target(text);
    CAF_MESSAGE(text);
    CAF_REQUIRE(!read.has_value());
    CAF_CHECK(read.error().code == errc::invalid);
    CAF_CHECK_NOT_EQUAL(read.error().reason.find("'" + text + "'"), std::string::npos);
  }
}

CAF_TEST(each status has its code) {
  struct row {
    unsigned status;
    errc code;
  };
  for (const auto& [status, code] :
       {row{301, errc::rejected}, row{400, errc::rejected}, row{401, errc::unauthenticated}, row{403, errc::forbidden},
        row{404, errc::not_found}, row{408, errc::deadline_exceeded}, row{413, errc::rejected}, row{422, errc::rejected},
        row{429, errc::throttled}, row{500, errc::internal}, row{501, errc::unsupported}, row{502, errc::unavailable},
        row{503, errc::unavailable}, row{504, errc::deadline_exceeded}, row{505, errc::internal}, row{599, errc::internal}})
    CAF_CHECK_EQUAL(std::string{to_string(error_of_status(status, {}))}, std::string{to_string(code)});
}

CAF_TEST(a 503 whose problem says overloaded is throttled and any other body changes nothing) {
  CAF_CHECK(error_of_status(503, problem_with("overloaded")) == errc::throttled);
  for (const auto& body :
       {problem_with("not_sent"), problem_with("breaker_open"), std::string{"overloaded"}, std::string{R"(["overloaded"])"},
        std::string{R"({"code":7})"}, std::string{R"({"code":)"}, std::string(100'000, '['), std::string{"\xff\xfe"}})
    CAF_CHECK(error_of_status(503, body) == errc::unavailable);
  CAF_CHECK(error_of_status(500, problem_with("overloaded")) == errc::internal);
}

CAF_TEST(the array form and the gateway form are both answers) {
  http_answer answer{200, "application/json", {}, R"([{"id":"a","service":"A","created":"2019-04-16T02:23:16Z"}])"};
  const auto array = decode_greeting_answer(answer);
  answer.body = R"({"greeting":)" + answer.body + "}\n";
  answer.missing = "service-e;part=greeting;error=unavailable, nonsense";
  const auto gateway = decode_greeting_answer(answer);
  CAF_REQUIRE(array && gateway);
  CAF_CHECK(array->tree == gateway->tree);
  CAF_CHECK_EQUAL(array->tree.own.size(), 1u);
  CAF_CHECK(gateway->missing == (std::vector<shortfall>{{"service-e", "greeting", errc::unavailable}}));
}

CAF_TEST(an answer is read the same however its bytes are cut) {
  const std::string bytes =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    "troupe-missing: a;part=b\r\nContent-Type: text/plain\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    answer_reader reader;
    auto last = progress::need_more;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      CAF_REQUIRE(last == progress::need_more);
      last = reader.feed(std::string_view{bytes}.substr(at, size));
    }
    CAF_REQUIRE(last == progress::complete);
    CAF_CHECK(!reader.surplus());
    const auto answer = reader.take();
    CAF_CHECK_EQUAL(answer.status, 200u);
    CAF_CHECK_EQUAL(answer.body, "abcde");
    CAF_CHECK_EQUAL(answer.missing, "a;part=b");
    CAF_CHECK_EQUAL(answer.content_type, "text/plain");
    CAF_CHECK(answer.wish == persistence::keep_alive);
  }
}

CAF_TEST(an answer to a HEAD ends with its head) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nGrpc-Metadata-X-Shelf: 7\r\n\r\n";
  answer_reader reader;
  reader.begin(answer_body::none);
  CAF_CHECK(reader.feed(head) == progress::complete);
  const auto answer = reader.take();
  CAF_CHECK_EQUAL(answer.body, "");
  CAF_CHECK(answer.wish == persistence::keep_alive);
  CAF_CHECK(answer.metadata == (header_list{{"x-shelf", "7"}}));
  reader.begin();
  CAF_CHECK(reader.feed(head) == progress::need_more);
}

CAF_TEST(a reader begins anew and reports surplus bytes) {
  answer_reader reader;
  CAF_CHECK(!reader.begun());
  CAF_CHECK(reader.feed("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nab") == progress::complete);
  CAF_CHECK(reader.begun() && reader.surplus());
  CAF_CHECK(reader.take().wish == persistence::close);
  reader.begin();
  CAF_CHECK(!reader.begun() && !reader.surplus());
  CAF_CHECK(reader.finish() == progress::failed);
  reader.begin();
  CAF_CHECK(reader.feed("nonsense\r\n\r\n") == progress::failed);
  CAF_CHECK(!reader.why().empty());
}
