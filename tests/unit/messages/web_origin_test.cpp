#define CAF_SUITE web_origin
#include <troupe_test/suite.hpp>

#include <troupe/messages/values/web_origin.hpp>

using namespace troupe;

namespace {

std::string right(std::string_view listed) {
  return origin_as_sent(listed).value_or("(none)");
}

} // namespace

CAF_TEST(what browsers send may be listed as it is) {
  for (const auto* const one :
       {"*", "null", "https://ui.example.org", "http://localhost:4200", "http://127.0.0.1:8080", "http://[::1]:3000",
        "https://*.example.org", "https://*.example.org:8443", "http://example.org:443", "https://example.org:80",
        "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb", "https://xn--bcher-kva.example", "https://example.org."}) {
    CAF_MESSAGE(one);
    CAF_CHECK(is_listable_origin(one));
  }
}

CAF_TEST(an origin that no browser sends is reported in its right form) {
  CAF_CHECK_EQUAL(right("HTTPS://UI.Example.org"), "https://ui.example.org");
  CAF_CHECK_EQUAL(right("https://ui.example.org/"), "https://ui.example.org");
  CAF_CHECK_EQUAL(right("https://ui.example.org/app?a#b"), "https://ui.example.org");
  CAF_CHECK_EQUAL(right("https://ui.example.org:443"), "https://ui.example.org");
  CAF_CHECK_EQUAL(right("http://ui.example.org:80"), "http://ui.example.org");
  CAF_CHECK_EQUAL(right("https://ui.example.org:08443"), "https://ui.example.org:8443");
  CAF_CHECK_EQUAL(right("https://ui.example.org:"), "https://ui.example.org");
  CAF_CHECK_EQUAL(right(" https://ui.example.org "), "https://ui.example.org");
  CAF_CHECK_EQUAL(right("https://user@ui.example.org"), "https://ui.example.org");
  CAF_CHECK_EQUAL(right("http://[0:0:0:0:0:0:0:1]:3000"), "http://[::1]:3000");
  CAF_CHECK_EQUAL(right("http://[2001:DB8::1]"), "http://[2001:db8::1]");
  CAF_CHECK_EQUAL(right("http://127.1"), "http://127.0.0.1");
  CAF_CHECK_EQUAL(right("NULL"), "null");
  CAF_CHECK_EQUAL(right("https://*.Example.org/"), "https://*.example.org");
}

CAF_TEST(what no correction makes an origin has no right form) {
  for (const auto* const one : {"",
                                " ",
                                "nonsense",
                                "ui.example.org",
                                "https://",
                                "https:///path",
                                "://ui.example.org",
                                "https://ui example.org",
                                "https://ui.*.org",
                                "https://ui*.example.org",
                                "*.example.org",
                                "https://*",
                                "https://*.",
                                "https://**.example.org",
                                "https://ui..org",
                                "https://ui.example.org:99999",
                                "https://ui.example.org:x",
                                "https://b\xc3\xbc.example",
                                "https://%41.example",
                                "http://[::1",
                                "http://[::g]",
                                "http://300.1.1.1",
                                "1https://a.example"}) {
    CAF_MESSAGE(one);
    CAF_CHECK_EQUAL(right(one), "(none)");
  }
}

CAF_TEST(a listed origin means itself alone) {
  CAF_CHECK(origin_means("https://ui.example.org", "https://ui.example.org"));
  for (const auto* const other : {"http://ui.example.org", "https://ui.example.org:8443", "https://ui.example.org.evil.org",
                                  "https://x.ui.example.org", "null", ""})
    CAF_CHECK(!origin_means("https://ui.example.org", other));
}

CAF_TEST(a star means every host below and nothing else) {
  for (const auto* const below : {"https://a.example.org", "https://a.b.example.org", "https://x-1.example.org"})
    CAF_CHECK(origin_means("https://*.example.org", below));
  for (const auto* const other :
       {"https://example.org", "https://.example.org", "https://evilexample.org", "http://a.example.org",
        "https://a.example.org:8443", "https://a.example.org.evil.org", "https://evil.org/.example.org",
        "https://evil.org:1.example.org", "https://u@a.example.org", "https://a..example.org", "https://*.example.org"})
    CAF_CHECK(!origin_means("https://*.example.org", other));
  CAF_CHECK(origin_means("https://*.example.org:8443", "https://a.example.org:8443"));
  CAF_CHECK(!origin_means("https://*.example.org:8443", "https://a.example.org"));
}
