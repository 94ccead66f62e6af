#define CAF_SUITE embedded_partitioner
#include <troupe_test/suite.hpp>

#include <array>
#include <string_view>
#include <utility>

#include <troupe/bridges/embedded/partitioner.hpp>

using namespace troupe::embedded;

// The vectors of Kafka's own UtilsTest.
CAF_TEST(the hash of a key is that of the Java client) {
  constexpr std::array<std::pair<std::string_view, std::int32_t>, 6> known{{
    {"21", -973932308},
    {"foobar", -790332482},
    {"a-little-bit-long-string", -985981536},
    {"a-little-bit-longer-string", -1486304829},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    {"abc", 479470107},
  }};
  for (const auto& [key, hash] : known)
    CAF_CHECK_EQUAL(static_cast<std::int32_t>(murmur2(key)), hash);
}

CAF_TEST(a partition is in range for keys of every length and byte) {
  std::string key;
  for (int i = 0; i < 300; ++i) {
    const auto partition = partition_of(key, 7);
    CAF_CHECK(partition >= 0);
    CAF_CHECK(partition < 7);
    key += static_cast<char>(i);
  }
}

CAF_TEST(a negative hash is made positive as the Java client does) {
  // -973932308 & 0x7fffffff = 1173551340
  CAF_CHECK_EQUAL(partition_of("21", 12), 1173551340 % 12);
}
