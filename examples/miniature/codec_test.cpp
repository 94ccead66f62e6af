#define CAF_SUITE miniature_codec
#include <troupe_test/suite.hpp>

#include "codec.hpp"

using miniature::decode;
using miniature::encode;
using troupe::errc;
using troupe::message;

CAF_TEST(what was encoded is decoded unchanged) {
  for (const message& sent :
       {message{.id = "1", .key = "tea", .payload = "two cups, please"}, message{.id = "2", .payload = ""}}) {
    const auto line = encode(sent);
    CAF_REQUIRE(line.has_value());
    CAF_REQUIRE_EQUAL(line->back(), '\n');
    const auto got = decode(std::string_view{*line}.substr(0, line->size() - 1));
    CAF_REQUIRE(got.has_value());
    CAF_CHECK(*got == sent);
  }
}

CAF_TEST(a message that no line can carry is refused) {
  for (const message& sent : {message{.id = ""}, message{.id = "1 2"}, message{.id = "1", .key = ""},
                              message{.id = "1", .key = "-"}, message{.id = "1", .payload = "a\nb"}})
    CAF_CHECK_EQUAL(encode(sent).error().code, errc::invalid);
}

CAF_TEST(a line that lacks a part is undecodable) {
  for (const auto* line : {"", "1", "1 ", "1 tea", " tea payload", "1  payload", "1\n2 tea payload", "1 tea pay\nload"})
    CAF_CHECK_EQUAL(decode(line).error().code, errc::undecodable);
}
