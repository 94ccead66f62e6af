#define CAF_SUITE kafka_letter_number
#include <troupe_test/suite.hpp>

#include <limits>

#include <troupe/bridges/kafka/letter_number.hpp>

using namespace troupe::kafka;

namespace {

constexpr auto highest = std::numeric_limits<std::int64_t>::max();
constexpr auto last_topic = most_letter_topics - 1;
constexpr auto last_partition = most_letter_partitions - 1;

// Of the numbers that every position has a part in.
constexpr std::int64_t last_offset = highest / static_cast<std::int64_t>(most_letter_topics) / most_letter_partitions - 1;

void check_comes_back(const letter_position& where) {
  const auto number = number_of(where);
  CAF_REQUIRE(number.has_value());
  CAF_CHECK(*number > 0);
  CAF_CHECK(letter_position_of(*number) == where);
}

} // namespace

CAF_TEST(a position has a number and the number leads back) {
  for (const std::size_t topic : {std::size_t{0}, std::size_t{1}, last_topic})
    for (const std::int32_t partition : {0, 1, last_partition})
      for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{1}, std::int64_t{4096}, last_offset})
        check_comes_back({topic, partition, offset});
  CAF_CHECK_EQUAL(number_of({0, 0, 0}).value(), 1);
}

CAF_TEST(a later letter of a partition has a higher number whatever its topic and partition) {
  CAF_CHECK(*number_of({0, 0, 1}) > *number_of({last_topic, last_partition, 0}));
  CAF_CHECK(*number_of({3, 7, 12}) > *number_of({3, 7, 11}));
}

CAF_TEST(positions beyond the bounds have no number) {
  CAF_CHECK(!number_of({most_letter_topics, 0, 0}));
  CAF_CHECK(!number_of({0, most_letter_partitions, 0}));
  CAF_CHECK(!number_of({0, -1, 0}));
  CAF_CHECK(!number_of({0, 0, -1}));
  CAF_CHECK(!number_of({0, 0, last_offset + 1}));
  CAF_CHECK(!number_of({last_topic, last_partition, highest}));
}

CAF_TEST(a text that is not a number leads nowhere) {
  CAF_CHECK(!letter_position_of(0));
  CAF_CHECK(!letter_position_of(-1));
  CAF_CHECK(!letter_position_of(std::numeric_limits<std::int64_t>::min()));
}

CAF_TEST(numbers without a position lead nowhere) {
  CAF_CHECK(!letter_position_of(highest));
  CAF_CHECK(!letter_position_of(*number_of({last_topic, last_partition, last_offset}) + 1));
}

CAF_TEST(the mark of a letter that was sent back is read as it was written) {
  for (const letter_position& where :
       {letter_position{0, 0, 0}, letter_position{0, 17, 123'456}, letter_position{0, last_partition, highest}})
    CAF_CHECK(parse_redriven(redriven_text(where)) == where);
  CAF_CHECK_EQUAL(redriven_text({9, 17, 123'456}), "17:123456");
}

CAF_TEST(a text that is not a mark is refused) {
  for (const auto* text : {"", ":", "1", "1:", ":1", "1:2:3", " 1:2", "1:2 ", "1: 2", "-1:2", "1:-2", "+1:2", "a:b",
                           "2147483648:1", "1:9223372036854775808", "0x1:2"})
    CAF_CHECK(!parse_redriven(text));
  CAF_CHECK(!parse_redriven({"1:2\0", 4}));
}
