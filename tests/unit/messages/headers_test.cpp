#define CAF_SUITE headers

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/headers.hpp>

using namespace troupe;

CAF_TEST(header names are the same without regard to ASCII case) {
  CAF_CHECK(same_header_name("X-Request-ID", "x-request-id"));
  CAF_CHECK(same_header_name("", ""));
  CAF_CHECK(!same_header_name("x-request-id", "x-request-i"));
  CAF_CHECK(!same_header_name("a", "b"));
  CAF_CHECK(!same_header_name("[", "{")); // 0x20 apart, as letters of two cases are
  CAF_CHECK(!same_header_name("\xc3\x84", "\xc3\xa4"));
}

CAF_TEST(the first header of a name is found) {
  const header_list headers{{"a", "1"}, {"B", "2"}, {"b", "3"}};
  CAF_REQUIRE(find_header(headers, "b") != nullptr);
  CAF_CHECK_EQUAL(*find_header(headers, "b"), "2");
  CAF_CHECK(find_header(headers, "c") == nullptr);
  CAF_CHECK(find_header({}, "a") == nullptr);
}

CAF_TEST(setting a header replaces the first of its name or appends one) {
  header_list headers{{"a", "1"}, {"B", "2"}, {"b", "3"}};
  set_header(headers, "b", "4");
  set_header(headers, "c", "5");
  CAF_CHECK((headers == header_list{{"a", "1"}, {"B", "4"}, {"b", "3"}, {"c", "5"}}));
}
