#define CAF_SUITE visible_text
#include <troupe_test/suite.hpp>

#include <string>
#include <utility>
#include <vector>

#include <troupe/messages/values/utf8.hpp>
#include <troupe/messages/values/visible_text.hpp>

using namespace troupe;

namespace {

// What is unseen, as UTF-8, beside its escape for people and the one for JSON.
struct case_of {
  std::string text;
  std::string escaped;
  std::string in_json;
};

const std::vector<case_of> unseen{{"\x1b", R"(\x1b)", {}},              // a raw one stands in no JSON
                                  {"\x07", R"(\x07)", {}},              // the bell
                                  {"\x7f", R"(\x7f)", R"(\u007f)"},     // DEL
                                  {"\u0085", R"(\x85)", R"(\u0085)"},   // C1: next line
                                  {"\u009b", R"(\x9b)", R"(\u009b)"},   // C1: a control sequence begins
                                  {"\u061c", R"(\u061c)", R"(\u061c)"}, // the Arabic mark
                                  {"\u200e", R"(\u200e)", R"(\u200e)"},
                                  {"\u200f", R"(\u200f)", R"(\u200f)"},
                                  {"\u2028", R"(\u2028)", R"(\u2028)"},
                                  {"\u2029", R"(\u2029)", R"(\u2029)"},
                                  {"\u202a", R"(\u202a)", R"(\u202a)"},
                                  {"\u202e", R"(\u202e)", R"(\u202e)"},
                                  {"\u2066", R"(\u2066)", R"(\u2066)"},
                                  {"\u2069", R"(\u2069)", R"(\u2069)"},
                                  {"\U000e0041", R"(\U000e0041)", R"(\udb40\udc41)"}};

} // namespace

CAF_TEST(what is unseen is escaped and what surrounds it is not) {
  for (const auto& each : unseen) {
    CAF_CHECK_EQUAL(visible(each.text), each.escaped);
    CAF_CHECK_EQUAL(visible("ä" + each.text + "z"), "ä" + each.escaped + "z");
  }
  CAF_CHECK_EQUAL(visible("\x1b]0;owned\x07\x1b[2J"), R"(\x1b]0;owned\x07\x1b[2J)");
  CAF_CHECK_EQUAL(visible("one\r\ntwo"), R"(one\x0d\ntwo)");
  CAF_CHECK_EQUAL(visible(std::string_view{"a\0b", 3}), R"(a\x00b)");
}

CAF_TEST(what is seen stands as it is) {
  for (const std::string text :
       {"", "plain", "Namasté (नमस्ते)", "שָׁלוֹם", "أهلا", "你好 🤠", "👩‍👩‍👧 \u00a0", "\\x1b"}) {
    CAF_CHECK_EQUAL(visible(text), text);
    CAF_CHECK_EQUAL(visible_json('"' + text + '"'), '"' + text + '"');
  }
}

CAF_TEST(each byte that is no UTF 8 is shown) {
  CAF_CHECK_EQUAL(visible("a\xffz"), R"(a\xffz)");
  CAF_CHECK_EQUAL(visible("\x9b"
                          "31m"),
                  R"(\x9b31m)");
  CAF_CHECK_EQUAL(visible("\xe2\x80"), R"(\xe2\x80)"); // the beginning of a mark of direction, cut off
  CAF_CHECK_EQUAL(visible("\xe2\x80\x1b"), R"(\xe2\x80\x1b)");
  CAF_CHECK_EQUAL(visible("\xc0\x9b\xed\xa0\x80\xf4\x90\x80\x80"), R"(\xc0\x9b\xed\xa0\x80\xf4\x90\x80\x80)");
}

CAF_TEST(a JSON text means the same and shows what was unseen) {
  for (const auto& each : unseen)
    if (!each.in_json.empty())
      CAF_CHECK_EQUAL(visible_json("{\n\"a\":\"" + each.text + "\"}"), "{\n\"a\":\"" + each.in_json + "\"}");
  CAF_CHECK_EQUAL(visible_json("[1,\r\n\t\"\\u001b\"]"), "[1,\r\n\t\"\\u001b\"]");
}

CAF_TEST(nothing unseen passes whatever bytes there are) {
  for (unsigned first = 0; first < 0x100; ++first)
    for (unsigned second = 0; second < 0x100; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second), '\xae', '\x80'};
      const auto shown = visible(text);
      CAF_REQUIRE(is_utf8(shown));
      for (auto left = std::string_view{shown}; !left.empty();) {
        const auto next = first_code_point(left);
        CAF_REQUIRE(!is_unseen(next.value));
        left.remove_prefix(next.length);
      }
    }
}
