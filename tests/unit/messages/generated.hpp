#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/greeting.hpp>

namespace troupe_test {

/// Values of every kind that travels, drawn from a seed: the same in every run, another where TROUPE_TEST_SEED says so.
class generated {
public:
  generated() : engine_(seed()) {}

  std::uint64_t word() { return engine_(); }

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  troupe::random_source source() {
    return [this] { return word(); };
  }

  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  /// Valid UTF-8 with everything that JSON must escape, and sequences of each length.
  std::string text(std::size_t most = 12) {
    static const std::vector<std::string> pieces{"a",
                                                 "Z",
                                                 "9",
                                                 " ",
                                                 "\"",
                                                 "\\",
                                                 "/",
                                                 "\b",
                                                 "\f",
                                                 "\n",
                                                 "\r",
                                                 "\t",
                                                 std::string(1, '\0'),
                                                 "\x01",
                                                 "\x1f",
                                                 "\x7f",
                                                 "\xc2\x80",
                                                 "é",
                                                 "\xdf\xbf",
                                                 "\xe0\xa0\x80",
                                                 "नमस्ते",
                                                 "שָׁלוֹם",
                                                 "你好",
                                                 "\xed\x9f\xbf",
                                                 "\xee\x80\x80",
                                                 "\xef\xbf\xbd",
                                                 "\xe2\x80\xa8",
                                                 "\xf0\x90\x80\x80",
                                                 "🙂",
                                                 "\xf4\x8f\xbf\xbf",
                                                 "<",
                                                 "&",
                                                 "u0041"};
    std::string result;
    for (auto left = below(most + 1); left > 0; --left)
      result += one_of(pieces);
    return result;
  }

  std::string bytes(std::size_t most = 24) {
    std::string result(below(most + 1), '\0');
    std::generate(result.begin(), result.end(), [this] { return static_cast<char>(word()); });
    return result;
  }

  /// Characters that a header may hold.
  std::string printable(std::size_t most = 24) {
    std::string result(below(most + 1), '\0');
    std::generate(result.begin(), result.end(), [this] { return static_cast<char>(' ' + below(95)); });
    return result;
  }

  /// Anywhere in the range, often at one of its ends, often on a whole second or millisecond.
  troupe::timestamp time() {
    using limits = std::numeric_limits<std::int64_t>;
    auto count = static_cast<std::int64_t>(word());
    switch (below(8)) {
      case 0:
        count = limits::min() + static_cast<std::int64_t>(below(3'000'000'000));
        break;
      case 1:
        count = limits::max() - static_cast<std::int64_t>(below(3'000'000'000));
        break;
      case 2:
        count = count / 1'000'000'000 * 1'000'000'000;
        break;
      case 3:
        count = count / 1'000'000 * 1'000'000;
        break;
      case 4:
        count = static_cast<std::int64_t>(below(2'000'000'001)) - 1'000'000'000;
        break;
      default:
        break;
    }
    return troupe::timestamp{troupe::timestamp::duration{count}};
  }

  troupe::errc code() { return static_cast<troupe::errc>(below(static_cast<std::uint64_t>(troupe::errc::internal) + 1)); }

  troupe::greeting greeting() { return {"id" + text(), text(), text(), time(), text()}; }

  troupe::header_list headers(const std::vector<std::string>& names) {
    troupe::header_list result;
    for (auto left = below(6); left > 0; --left)
      result.push_back({one_of(names), bytes()});
    return result;
  }

private:
  static std::uint64_t seed() {
    const auto* given = std::getenv("TROUPE_TEST_SEED"); // NOLINT(concurrency-mt-unsafe): before any other thread
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  }

  std::mt19937_64 engine_;
};

} // namespace troupe_test
