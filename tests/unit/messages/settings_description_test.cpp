#define CAF_SUITE settings_description

#include <troupe_test/suite.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/settings/tls_files.hpp>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

using lines = std::vector<std::string>;

struct kiln_config {
  std::uint32_t bricks = 100;
  duration firing = 8h;
  std::optional<duration> cooling;
  std::size_t log_bytes = 4096;
  std::vector<duration> pauses{1s, 2s};
  std::string fuel = "wood";
  tls_files tls;
};

template <class Visitor, settings::self_of<kiln_config> Self>
void describe(Visitor& v, Self& kiln) {
  v.value("bricks", kiln.bricks, settings::between<std::uint32_t>{1, 5000}, "what one person stacks in a day");
  v.value("firing", kiln.firing, settings::any_wait);
  v.value("cooling", kiln.cooling, settings::any_wait);
  v.value("log-size", kiln.log_bytes, settings::in_bytes{1024, 1U << 20U});
  v.value("pauses", kiln.pauses, settings::any_wait);
  v.value("fuel", kiln.fuel, settings::one_of{"wood", "gas", "coal"});
  v.section("tls", kiln.tls);
}

/// Writes each setting as a line: a visitor as an author may write one.
struct printer {
  lines out;

  template <class T, class Rule>
  void value(std::string_view key, const T& value, const Rule& rule, std::string_view reason = {}) {
    out.push_back(std::string{key} + ' ' + settings::print(rule, value) + ' ' + rule.expected() + ' ' + std::string{reason});
  }
  template <class Part>
  void section(std::string_view key, const Part& part) {
    out.emplace_back(key);
    describe(*this, part);
  }
};

/// Sets one setting from a text.
struct setter {
  std::string_view wanted;
  std::string_view text;
  bool done = false;

  template <class T, class Rule>
  void value(std::string_view key, T& into, const Rule& rule, std::string_view = {}) {
    if (key == wanted)
      if (auto read = settings::read<T>(rule, text)) {
        into = std::move(*read);
        done = true;
      }
  }
  template <class T, class Rule>
  void value(std::string_view, std::vector<T>&, const Rule&, std::string_view = {}) {}
  template <class Part>
  void section(std::string_view, Part& part) {
    describe(*this, part);
  }
};

bool set(kiln_config& kiln, std::string_view key, std::string_view text) {
  setter one{key, text};
  describe(one, kiln);
  return one.done;
}

} // namespace

CAF_TEST(a description hands its settings with their values and ranges and reasons to whoever prints them) {
  printer all;
  const kiln_config kiln;
  describe(all, kiln);
  CAF_CHECK_EQUAL(
    all.out,
    (lines{"bricks 100 1 to 5000 what one person stacks in a day", "firing 8h 1ms to 1d ", "cooling none 1ms to 1d ",
           "log-size 4KiB 1KiB to 1MiB ", "pauses [1s, 2s] 1ms to 1d ", "fuel wood wood, gas or coal ", "tls",
           "authorities none a text of 1 to 1024 bytes in UTF-8 ", "certificate none a text of 1 to 1024 bytes in UTF-8 ",
           "key none a text of 1 to 1024 bytes in UTF-8 "}));
}

CAF_TEST(what is within its range is no mistake and what is not is reported with its key and the range) {
  kiln_config kiln;
  CAF_CHECK_EQUAL(settings::mistakes_of(kiln), lines{});
  kiln.bricks = 0;
  kiln.cooling = 25h;
  kiln.log_bytes = 10;
  kiln.pauses.push_back(0s);
  kiln.fuel = "peat";
  kiln.tls.key = std::string(1025, 'k');
  const auto mistakes = settings::mistakes_of(kiln);
  CAF_REQUIRE_EQUAL(mistakes.size(), 6u);
  CAF_CHECK_EQUAL(mistakes[0], "bricks is 0; expected 1 to 5000");
  CAF_CHECK_EQUAL(mistakes[1], "cooling is 25h; expected 1ms to 1d");
  CAF_CHECK_EQUAL(mistakes[2], "log-size is 10B; expected 1KiB to 1MiB");
  CAF_CHECK_EQUAL(mistakes[3], "pauses is [1s, 2s, 0s]; expected 1ms to 1d");
  CAF_CHECK_EQUAL(mistakes[4], "fuel is peat; expected wood, gas or coal");
  CAF_CHECK(mistakes[5].starts_with("tls.key is \"kkk"));
}

CAF_TEST(none leaves out what may be left out and stands nowhere else) {
  kiln_config kiln;
  kiln.cooling = 1s;
  kiln.tls.key = "k.pem";
  CAF_CHECK(set(kiln, "cooling", "none"));
  CAF_CHECK(!kiln.cooling);
  CAF_CHECK(set(kiln, "cooling", "7min"));
  CAF_CHECK(kiln.cooling == 7min);
  CAF_CHECK(set(kiln, "key", "none"));
  CAF_CHECK_EQUAL(kiln.tls.key, "");
  for (const auto* key : {"bricks", "firing", "log-size"})
    CAF_CHECK(!set(kiln, key, "none"));
  CAF_CHECK(!set(kiln, "cooling", "forever"));
}

CAF_TEST(a number of bytes is written as a size) {
  kiln_config kiln;
  CAF_CHECK(set(kiln, "log-size", "64KiB"));
  CAF_CHECK_EQUAL(kiln.log_bytes, 65'536u);
  CAF_CHECK(!set(kiln, "log-size", "65536"));
}
