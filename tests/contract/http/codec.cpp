#define CAF_SUITE http_codec

#include <set>

#include <troupe_test/suite.hpp>

#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/http/cors.hpp>
#include <troupe/bridges/http/dead_letter_codec.hpp>
#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/render.hpp>
#include <troupe/bridges/http/route.hpp>
#include <troupe/bridges/http/target.hpp>

using namespace troupe;
using namespace troupe::http;

namespace {

std::string parts_of(std::string_view text, method verb = method::get) {
  const auto split = split_target(text, verb);
  return split ? std::string{split->authority} + "|" + std::string{split->path} + "|" + std::string{split->query}
               : "invalid";
}

std::string host(std::string_view authority) {
  const auto found = host_of(authority);
  return found ? std::string{*found} : "invalid";
}

std::string value(std::string_view query, std::string_view name) {
  const auto found = query_value(query, name);
  if (!found)
    return "invalid";
  return *found ? "=" + **found : "none";
}

} // namespace

CAF_TEST(a request target is split into its parts) {
  CAF_CHECK_EQUAL(parts_of("/a/b?c=d?e"), "|/a/b|c=d?e");
  CAF_CHECK_EQUAL(parts_of("/"), "|/|");
  CAF_CHECK_EQUAL(parts_of("http://h:1/a?b"), "h:1|/a|b");
  CAF_CHECK_EQUAL(parts_of("https://h"), "h|/|");
  CAF_CHECK_EQUAL(parts_of("http://h?q"), "h|/|q");
  CAF_CHECK_EQUAL(parts_of("*", method::options), "|*|");
  for (const auto* const text :
       {"", "*", "a", "h:80", "http:/h", "http://", "ftp://h/", "/a b", "/a\x7f", "/\xc3\xa9", "/#"})
    CAF_CHECK_EQUAL(parts_of(text), "invalid");
}

CAF_TEST(a path is decoded but for its slashes) {
  CAF_CHECK_EQUAL(*decode_path("/a%20b/%C3%A9%2f%2F"), "/a b/\xc3\xa9%2F%2F");
  for (const auto* const text : {"%", "%4", "%zz", "%g0", "%00", "%1f", "%7F", "/a%"})
    CAF_CHECK(!decode_path(text));
}

CAF_TEST(a query is searched for its first value of a name) {
  CAF_CHECK_EQUAL(value("a=1&b=2&a=3", "a"), "=1");
  CAF_CHECK_EQUAL(value("a=1&b=x+y%26", "b"), "=x y&");
  CAF_CHECK_EQUAL(value("%61=1", "a"), "=1");
  CAF_CHECK_EQUAL(value("a", "a"), "=");
  CAF_CHECK_EQUAL(value("a=", "a"), "=");
  CAF_CHECK_EQUAL(value("&&a=b=c", "a"), "=b=c");
  CAF_CHECK_EQUAL(value("", "a"), "none");
  CAF_CHECK_EQUAL(value("aa=1", "a"), "none");
  CAF_CHECK_EQUAL(value("a=%", "a"), "invalid");
  CAF_CHECK_EQUAL(value("%=1&a=2", "a"), "invalid");
}

CAF_TEST(numbers are digits alone) {
  CAF_CHECK_EQUAL(*parse_number("0", 9), 0);
  CAF_CHECK_EQUAL(*parse_number("9223372036854775807", std::numeric_limits<std::int64_t>::max()),
                  std::numeric_limits<std::int64_t>::max());
  for (const auto* const text : {"", "-1", "+1", " 1", "1 ", "10", "9223372036854775808", "1e0", "0x1"})
    CAF_CHECK(!parse_number(text, 9));
}

CAF_TEST(a host stands before its port and inside its brackets) {
  CAF_CHECK_EQUAL(host("h"), "h");
  CAF_CHECK_EQUAL(host("h:80"), "h");
  CAF_CHECK_EQUAL(host("h:"), "h");
  CAF_CHECK_EQUAL(host("[::1]:80"), "::1");
  for (const auto* const text : {"", ":80", "[]", "[::1", "[::1]x", "h:x", "h:65536", "u@h", "h/", "a b", "::1"})
    CAF_CHECK_EQUAL(host(text), "invalid");
}

CAF_TEST(a UUID has digits and hyphens in their places) {
  CAF_CHECK(is_uuid("7f3c9f1e-1111-4222-8333-44445555666a"));
  CAF_CHECK(is_uuid("7F3C9F1E-1111-4222-8333-44445555666A"));
  for (const auto* const text : {"", "7f3c9f1e-1111-4222-8333-44445555666", "7f3c9f1e11111-4222-8333-44445555666a",
                                 "7f3c9f1g-1111-4222-8333-44445555666a", "7f3c9f1e-1111-4222-8333-44445555666aa"})
    CAF_CHECK(!is_uuid(text));
}

CAF_TEST(the exact route wins over the open one) {
  const auto nothing = [](const request&) { return response{}; };
  const router table{
    {{"/a/{x}", {method::get}, nothing}, {"/a/b", {method::get}, nothing}, {"/a/b", {method::post}, nothing}}};
  CAF_CHECK_EQUAL(table.find("/a/b")->index, 1U);
  CAF_CHECK_EQUAL(table.find("/a/c")->index, 0U);
  CAF_CHECK_EQUAL(std::string{table.find("/a/c")->parameter}, "c");
  for (const auto* const path : {"", "/", "/a", "/a/", "/a/b/c", "/A/b", "a/b"})
    CAF_CHECK(!table.find(path));
}

CAF_TEST(a route of all that is below comes last and the nearest folder first) {
  const handler nothing = [](const request&) { return response{}; };
  const router table{{{"/v1/{**}", {method::get}, nothing},
                      {"/v1/books/{**}", {method::get}, nothing},
                      {"/v1/books/{id}", {method::get}, nothing},
                      {"/v1/books/new", {method::get}, nothing}}};
  CAF_CHECK_EQUAL(table.find("/v1/books/new")->index, 3U);
  CAF_CHECK_EQUAL(table.find("/v1/books/7")->index, 2U);
  CAF_CHECK_EQUAL(table.find("/v1/books/7/pages/1")->index, 1U);
  CAF_CHECK_EQUAL(table.find("/v1/shelves/7")->index, 0U);
  CAF_CHECK_EQUAL(std::string{table.find("/v1/shelves/7")->parameter}, "shelves/7");
  CAF_CHECK_EQUAL(table.find("/v1/")->index, 0U);
  for (const auto* const path : {"/v1", "/v2/a", "/", ""})
    CAF_CHECK(!table.find(path));
  const router every{{{"/{**}", {method::get}, nothing}}};
  CAF_CHECK(every.find("/a/b/c") && every.find("/"));
}

CAF_TEST(every error has a status and every refusal a name of its own) {
  std::set<std::string_view> names;
  for (std::size_t index = 0; index < refusal_count; ++index) {
    const auto why = static_cast<refusal>(index);
    CAF_CHECK(names.insert(to_string(why)).second);
    CAF_CHECK_GREATER_OR_EQUAL(problem(why, "", "").status, 400U);
  }
  for (auto code = 0; code <= static_cast<int>(errc::internal); ++code) {
    const auto status = status_of(static_cast<errc>(code));
    CAF_CHECK((code == 0 && status == 200) || (status >= 400 && status < 600));
    CAF_CHECK_NOT_EQUAL(std::string{reason_phrase(status)}, "Status");
  }
}

CAF_TEST(a problem escapes what it says) {
  const auto made = problem({errc::invalid, "a \"b\"\n\xff"}, "id\"1");
  CAF_CHECK_EQUAL(made.body, R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"a \"b\"\n)"
                             "\xEF\xBF\xBD"
                             R"(","code":"invalid","request_id":"id\"1"})");
}

CAF_TEST(an answer is rendered with its frame) {
  std::string out;
  const response what{200, media_type::text, "body", {{"A", "b\r\nC: d"}}, {}};
  append_answer(out, what, {method::get, 11, persistence::keep_alive, "id", "Date: now\r\n"});
  CAF_CHECK_EQUAL(out, "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n"
                       "A: b  C: d\r\nx-request-id: id\r\n\r\nbody");
  out.clear();
  append_answer(out, what, {method::head, 11, persistence::close, "", ""});
  CAF_CHECK_EQUAL(out.substr(out.size() - 23), "\r\nConnection: close\r\n\r\n");
  out.clear();
  append_answer(out, {204, {}, "never", {}, {}}, {method::get, 10, persistence::keep_alive, "", ""});
  CAF_CHECK_EQUAL(out, "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
}

CAF_TEST(an event has a data line for each of its lines) {
  std::string out;
  append_event(out, "tree", "7", "a\nb\n");
  CAF_CHECK_EQUAL(out, "event: tree\r\nid: 7\r\ndata: a\r\ndata: b\r\ndata: \r\n\r\n");
}

CAF_TEST(dates are written in the fixed form) {
  CAF_CHECK_EQUAL(http_date(timestamp{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  CAF_CHECK_EQUAL(http_date(timestamp{std::chrono::seconds{951827696}}), "Tue, 29 Feb 2000 12:34:56 GMT");
}

CAF_TEST(base64 pads to groups of four) {
  CAF_CHECK_EQUAL(to_base64(""), "");
  CAF_CHECK_EQUAL(to_base64("f"), "Zg==");
  CAF_CHECK_EQUAL(to_base64("fo"), "Zm8=");
  CAF_CHECK_EQUAL(to_base64("foo"), "Zm9v");
  CAF_CHECK_EQUAL(to_base64("foobar"), "Zm9vYmFy");
  CAF_CHECK_EQUAL(to_base64("\xff\xfe\xfd"), "//79");
}

CAF_TEST(a payload is text only when all of it is UTF 8) {
  const auto told_as_text = [](std::string payload) {
    numbered_dead_letter what;
    what.letter.content.payload = std::move(payload);
    return to_json(what).find("\"payload\":") != std::string::npos;
  };
  for (const auto* const text :
       {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
    CAF_CHECK(told_as_text(text));
  for (const auto* const text : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                                 "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\xff"})
    CAF_CHECK(!told_as_text(text));
}

CAF_TEST(an endpoint prints as it is written in a URL) {
  CAF_CHECK_EQUAL(to_string(endpoint{"127.0.0.1", 80}), "127.0.0.1:80");
  CAF_CHECK_EQUAL(to_string(endpoint{"::1", 80}), "[::1]:80");
}
