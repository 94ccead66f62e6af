#pragma once

// Generated sequences of events: a policy beside a naive model of it, thousands of times, each from a seed of its own.

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include <troupe/messages/values/time.hpp>

namespace troupe_test {

/// The random choices of one sequence.
class choices {
public:
  explicit choices(std::uint64_t seed) : engine_(seed) {}

  /// A number in [0, bound).
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  /// A number in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }

  /// True about once in `times`.
  bool once_in(std::uint64_t times) { return below(times) == 0; }

  double unit() { return std::uniform_real_distribution<double>{0, 1}(engine_); }

  template <class T>
  T one_of(std::initializer_list<T> of) {
    return *(of.begin() + below(of.size()));
  }

private:
  std::mt19937_64 engine_;
};

/// Ends a sequence in which a policy and its model disagree.
inline void agree(bool yes, const std::string& about) {
  if (!yes)
    throw std::runtime_error(about);
}

template <class Left, class Right>
void agree(const Left& policy, const Right& model, const char* about) {
  if (!(policy == model))
    throw std::runtime_error(about);
}

/// Runs `sequence(choices)` for many seeds, and for a tenth of them under a sanitizer, which takes ten times as long. Gives
/// what the first one that failed has to say, with its seed; TROUPE_TEST_SEED runs that one alone.
template <class Sequence>
std::string run_sequences(std::uint64_t count, Sequence sequence) {
#ifdef TROUPE_SANITIZED
  count = (count + 9) / 10;
#endif
  const auto* wanted = std::getenv("TROUPE_TEST_SEED"); // NOLINT(concurrency-mt-unsafe): before any thread
  const auto first = wanted ? std::strtoull(wanted, nullptr, 10) : 1;
  for (auto seed = first; seed < first + (wanted ? 1 : count); ++seed) {
    try {
      choices random{seed};
      sequence(random);
    } catch (const std::exception& error) {
      return "TROUPE_TEST_SEED=" + std::to_string(seed) + ": " + error.what();
    }
  }
  return {};
}

/// A point in a test's own time.
inline troupe::instant at(troupe::duration since_start) {
  return troupe::instant{} + std::chrono::hours{1} + since_start;
}

} // namespace troupe_test
