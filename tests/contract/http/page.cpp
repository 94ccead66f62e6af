#define CAF_SUITE http_page

#include <troupe_test/suite.hpp>

#include <troupe/bridges/http/page.hpp>

#include "support.hpp"

using namespace http_test;
using namespace std::string_view_literals;

namespace {

constexpr auto policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct page_fixture : edge_fixture {
  page_fixture() {
    ports.routes =
      http::page_routes({{"index.html", "a1", "<p>hi</p>"sv}, {"main.js", "b2", "a\0b\xff"sv}, {"x.css", "c3", ""sv}},
                        {{"/", "index.html"}, {"/docs", "docs.html"}});
    listen();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_page_tests, page_fixture)

CAF_TEST(a file is answered at its paths with its bytes and media type) {
  for (const auto* const path : {"/", "/ui/index.html"}) {
    const auto answer = ask(get(path));
    CAF_CHECK_EQUAL(answer.status, 200U);
    CAF_CHECK_EQUAL(answer.body, "<p>hi</p>");
    CAF_CHECK_EQUAL(answer.header("content-type"), "text/html; charset=utf-8");
  }
  const auto script = ask(get("/ui/main.js"));
  CAF_CHECK_EQUAL(script.body, std::string("a\0b\xff", 4));
  CAF_CHECK_EQUAL(script.header("content-type"), "text/javascript; charset=utf-8");
  CAF_CHECK_EQUAL(ask(get("/ui/x.css")).header("content-type"), "text/css; charset=utf-8");
}

CAF_TEST(a page may use nothing of another origin and be framed by none) {
  const auto answer = ask(get("/"));
  CAF_CHECK_EQUAL(answer.header("content-security-policy"), policy);
  CAF_CHECK_EQUAL(answer.header("x-content-type-options"), "nosniff");
  CAF_CHECK_EQUAL(answer.header("referrer-policy"), "no-referrer");
  CAF_CHECK_EQUAL(answer.header("cache-control"), "no-cache");
}

CAF_TEST(a copy that is current is not sent again) {
  CAF_CHECK_EQUAL(ask(get("/")).header("etag"), "\"a1\"");
  for (const auto* const known : {"\"a1\"", "\"b2\", W/\"a1\"", "*"}) {
    const auto answer = ask(get("/", "If-None-Match: " + std::string{known} + "\r\n"));
    CAF_CHECK_EQUAL(answer.status, 304U);
    CAF_CHECK_EQUAL(answer.header("etag"), "\"a1\"");
    CAF_CHECK_EQUAL(answer.body, "");
  }
  CAF_CHECK_EQUAL(ask(get("/", "If-None-Match: \"a\", \"b2\"\r\n")).status, 200U);
}

CAF_TEST(what the page does not have is not found and a page is only read) {
  for (const auto* const path : {"/docs", "/ui/docs.html", "/ui/", "/ui/..", "/ui/x/index.html"})
    CAF_CHECK_EQUAL(ask(get(path)).status, 404U);
  CAF_CHECK_EQUAL(ask(request("POST", "/", "x")).status, 405U);
}

CAF_TEST(without files there is no route) {
  CAF_CHECK(http::page_routes({}, {{"/", "index.html"}}).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
