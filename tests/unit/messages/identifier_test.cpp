#define CAF_SUITE identifier

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/identifier.hpp>

using namespace troupe;

namespace {

/// Lower-case hexadecimal in groups of 8, 4, 4, 4 and 12, of the given version and of RFC 9562's variant.
bool is_uuid(std::string_view text, char version) {
  if (text.size() != 36)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : std::string_view{"0123456789abcdef"}.find(text[i]) == std::string_view::npos)
      return false;
  }
  return text[14] == version && std::string_view{"89ab"}.find(text[19]) != std::string_view::npos;
}

} // namespace

CAF_TEST(a random UUID is made of the words it is given) {
  std::uint64_t next = 0x0706050403020100;
  const random_source words = [&next] { return std::exchange(next, next + 0x0808080808080808); };
  CAF_CHECK_EQUAL(random_uuid(words), "00010203-0405-4607-8809-0a0b0c0d0e0f");
  CAF_CHECK_EQUAL(random_uuid([] { return std::uint64_t{0}; }), "00000000-0000-4000-8000-000000000000");
  CAF_CHECK_EQUAL(random_uuid([] { return std::numeric_limits<std::uint64_t>::max(); }),
                  "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

CAF_TEST(random UUIDs of the system are version 4 and differ over sources and threads) {
  constexpr int each = 2000;
  std::vector<std::set<std::string>> found(4);
  std::vector<std::thread> threads;
  threads.reserve(found.size());
  for (auto& ids : found)
    threads.emplace_back([&ids] {
      const auto source = system_random();
      const auto copy = source;
      for (int i = 0; i < each; ++i)
        ids.insert(random_uuid(i % 2 == 0 ? source : copy));
    });
  for (auto& thread : threads)
    thread.join();
  std::set<std::string> all;
  for (const auto& ids : found)
    all.insert(ids.begin(), ids.end());
  CAF_CHECK_EQUAL(all.size(), found.size() * each);
  for (const auto& id : all)
    CAF_CHECK(is_uuid(id, '4'));
}

CAF_TEST(a derived UUID is version 5 and the same for ever) {
  const auto id = derived_uuid("00010203-0405-4607-8809-0a0b0c0d0e0f", "greeting/service-d");
  CAF_CHECK(is_uuid(id, '5'));
  CAF_CHECK_EQUAL(id, "3429dc57-2075-5445-bf61-ccd8ddf94830");
  // As appendix A.4 of RFC 9562 derives it.
  CAF_CHECK_EQUAL(derived_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
                  "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  CAF_CHECK_EQUAL(derived_uuid("", ""), "73eb6b47-eb7c-5d11-a118-faa1edbf7e0c");
}

CAF_TEST(derived UUIDs differ by scope and by name however the two are cut) {
  const std::set<std::string> ids{derived_uuid("ab", "c"), derived_uuid("a", "bc"),       derived_uuid("abc", ""),
                                  derived_uuid("", "abc"), derived_uuid("1:a", "bc"),     derived_uuid("", "1:abc"),
                                  derived_uuid("a:b", ""), derived_uuid("a", ":b"),       derived_uuid("ab", "d"),
                                  derived_uuid("a", ""),   derived_uuid({"a\0", 2}, "b"), derived_uuid("a", {"\0b", 2})};
  CAF_CHECK_EQUAL(ids.size(), 12U);
  // The first is a UUID, the others only look like one.
  const std::string uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
  std::set<std::string> alike{derived_uuid(uuid, "a")};
  for (std::size_t at = 0; at != uuid.size(); ++at)
    for (const char other : {'g', '/', ':', '`', 'A', '-'})
      if (auto changed = uuid; std::exchange(changed[at], other) != other)
        alike.insert(derived_uuid(changed, "a"));
  CAF_CHECK_EQUAL(alike.size(), 1U + 36 * 6 - 4);
}

CAF_TEST(an id that is text is its own text and any other bytes are escaped) {
  for (const std::string text : {"", "order-7", "caf\xc3\xa9", "a\\xff", "bytes", "orders-0-17-1700000000000"})
    CAF_CHECK_EQUAL(id_text(text), text);
  CAF_CHECK_EQUAL(id_text("\xff\xfe"), "bytes:\\xff\\xfe");
  CAF_CHECK_EQUAL(id_text("\xfe\xff"), "bytes:\\xfe\\xff");
  CAF_CHECK_EQUAL(id_text("a\\\xe2\x82z"), "bytes:a\\\\\\xe2\\x82z");
  CAF_CHECK_EQUAL(id_text("bytes:\\xff\\xfe"), "bytes:bytes:\\\\xff\\\\xfe");
}

CAF_TEST(different ids have different texts) {
  const std::vector<std::string> parts{"\xff", "\xfe", "\xc3", "\xa9", "\\", "\\xff", "x", "ff", "bytes:", "\xef\xbf\xbd"};
  std::set<std::string> ids{""};
  for (int length = 0; length < 3; ++length)
    for (const auto& id : std::set<std::string>{ids})
      for (const auto& part : parts)
        ids.insert(id + part);
  std::set<std::string> texts;
  for (const auto& id : ids)
    texts.insert(id_text(id));
  CAF_CHECK_EQUAL(texts.size(), ids.size());
}
