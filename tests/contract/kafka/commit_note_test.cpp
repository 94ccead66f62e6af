#define CAF_SUITE kafka_commit_note
#include <troupe_test/suite.hpp>

#include <limits>

#include <troupe/bridges/kafka/commit_note.hpp>

using namespace troupe;
using namespace troupe::kafka;

namespace {

constexpr auto last_offset = std::numeric_limits<std::int64_t>::max();

void check_comes_back(const commit_note& note, std::int64_t position) {
  const auto text = encode(note, position);
  CAF_CHECK(text.size() <= longest_note);
  const auto read = decode_note(text, position);
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(*read == note);
}

void check_is_none(std::string_view text, std::int64_t position = 100) {
  const auto read = decode_note(text, position);
  CAF_MESSAGE("text: " << std::string{text.substr(0, 80)});
  CAF_REQUIRE(read.has_error());
  CAF_CHECK_EQUAL(read.error().code, errc::undecodable);
}

} // namespace

CAF_TEST(an empty note is an empty text) {
  CAF_CHECK_EQUAL(encode({}, 5), "");
  const auto read = decode_note("", 5);
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(*read == commit_note{});
}

CAF_TEST(the text counts from the committed offset) {
  CAF_CHECK_EQUAL(encode({112, {{100, {2, 1}}, {107, {1, 0}}}}, 100), "troupe1 reach=+12 attempts=+0:2/1,+7:1/0");
  CAF_CHECK_EQUAL(encode({100, {}}, 100), "troupe1 reach=+0");
  CAF_CHECK_EQUAL(encode({std::nullopt, {{101, {5, 5}}}}, 100), "troupe1 attempts=+1:5/5");
}

CAF_TEST(a note comes back as it was) {
  check_comes_back({7, {}}, 7);
  check_comes_back({std::nullopt, {{0, {1, 0}}}}, 0);
  check_comes_back({9, {{3, {4'294'967'295, 4'294'967'295}}, {8, {1, 1}}}}, 2);
  check_comes_back({last_offset, {{last_offset - 1, {1, 0}}}}, 0);
  check_comes_back({last_offset, {{last_offset, {1, 0}}}}, last_offset);
}

CAF_TEST(attempts beyond what a broker takes are left out from the end) {
  commit_note many{20'000, {}};
  for (std::int64_t offset = 10'000; offset < 11'000; ++offset)
    many.attempts.push_back({offset, {1, 0}});
  const auto text = encode(many, 0);
  CAF_CHECK(text.size() <= longest_note);
  CAF_CHECK(text.size() > longest_note - 16);
  const auto read = decode_note(text, 0);
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(read->reach == many.reach);
  CAF_REQUIRE(!read->attempts.empty() && read->attempts.size() < many.attempts.size());
  many.attempts.resize(read->attempts.size());
  CAF_CHECK(*read == many);
}

CAF_TEST(the hundred attempts that a partition keeps always fit) {
  commit_note most{last_offset, {}};
  for (std::int64_t i = 0; i < 100; ++i) // as far from the committed offset as a span can be
    most.attempts.push_back({1'000'000 + i, {100'000, 99'999}});
  check_comes_back(most, 0);
}

CAF_TEST(the metadata of another client is not a note) {
  for (const auto* text :
       {"x", " ", "consumer-3", "{\"version\":1}", "troupe", "troupe2 reach=+1", "Troupe1 reach=+1", "\n"})
    check_is_none(text);
  check_is_none(std::string_view{"troupe1\0", 8});
}

CAF_TEST(a malformed note is none) {
  for (const auto* text : {"troupe1 ",
                           "troupe1reach=+1",
                           "troupe1 reach=",
                           "troupe1 reach=+",
                           "troupe1 reach=1",
                           "troupe1 reach=-1",
                           "troupe1 reach=+-1",
                           "troupe1 reach=++1",
                           "troupe1 reach=+1 ",
                           "troupe1 reach=+1,",
                           "troupe1 reach=+1x",
                           "troupe1 reach=+9223372036854775808",
                           "troupe1 reach=+1 reach=+2",
                           "troupe1  reach=+1",
                           "troupe1 attempts=",
                           "troupe1 attempts=+1",
                           "troupe1 attempts=+1:",
                           "troupe1 attempts=+1:2",
                           "troupe1 attempts=+1:2/",
                           "troupe1 attempts=+1:2/1,",
                           "troupe1 attempts=+1:2/1 ",
                           "troupe1 attempts=1:2/1",
                           "troupe1 attempts=+1:-2/1",
                           "troupe1 attempts=+1:4294967296/1",
                           "troupe1 attempts=+1:2/1;+2:1/0",
                           "troupe1 attempts=+1:2/1,+1:1/0",
                           "troupe1 attempts=+2:2/1,+1:1/0",
                           "troupe1 attempts=+1:2/1 reach=+1"})
    check_is_none(text);
}

CAF_TEST(offsets beyond the last one are refused) {
  check_is_none("troupe1 reach=+1", last_offset);
  check_is_none("troupe1 attempts=+2:1/0", last_offset - 1);
  check_is_none("troupe1 reach=+1", -1);
}

CAF_TEST(a text that no broker would have taken is refused) {
  std::string text = "troupe1 attempts=+0:1/0";
  for (int i = 1; text.size() <= longest_note; ++i)
    text += ",+" + std::to_string(i) + ":1/0";
  check_is_none(text);
}
