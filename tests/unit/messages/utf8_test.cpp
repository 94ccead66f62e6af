#define CAF_SUITE utf8
#include <troupe_test/suite.hpp>

#include <string>

#include <troupe/messages/values/span_record.hpp>
#include <troupe/messages/values/utf8.hpp>

using namespace troupe;

CAF_TEST(text is distinguished from what is none) {
  CAF_CHECK(!is_utf8("\xc0\x9b") && !is_utf8("\xed\xa0\x80") && !is_utf8("\xf4\x90\x80\x80") && !is_utf8("a\xe2\x80"));
  CAF_CHECK(is_utf8("") && is_utf8("Namasté 🤠"));
}

CAF_TEST(text that is no well formed unicode is replaced) {
  for (const std::string good : {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD"})
    CAF_CHECK_EQUAL(well_formed(good), good);
  const std::string mark = "\xEF\xBF\xBD";
  CAF_CHECK_EQUAL(well_formed("\xC0\x80"), mark + mark);
  CAF_CHECK_EQUAL(well_formed("\xED\xA0\x80"), mark + mark + mark);
  CAF_CHECK_EQUAL(well_formed("\xF4\x90\x80\x80"), mark + mark + mark + mark);
  CAF_CHECK_EQUAL(well_formed("\xE2\x82"), mark + mark);
  CAF_CHECK_EQUAL(well_formed("a\x80z"), "a" + mark + "z");
}

CAF_TEST(a text is cut before the code point that does not fit) {
  CAF_CHECK_EQUAL(cut("ab\xE2\x82\xAC", 5), "ab\xE2\x82\xAC");
  for (const std::size_t bytes : {2, 3, 4})
    CAF_CHECK_EQUAL(cut("ab\xE2\x82\xAC", bytes), "ab");
}

CAF_TEST(a span keeps the beginning of a long text) {
  CAF_CHECK_EQUAL(std::get<std::string>(to_attribute(std::string(longest_attribute, 'x'))).size(), longest_attribute);
  CAF_CHECK_EQUAL(std::get<std::string>(to_attribute(std::string(100'000, 'x'))).size(), longest_attribute);
}
