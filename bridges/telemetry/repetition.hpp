#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/source_location.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::telemetry {

/// Error lines that one speaker would have written from one source line, had it not written too many before.
struct omission {
  source_location where;
  std::string service;
  std::string actor;
  std::string last_text;
  std::uint64_t count = 0;
};

/// Keeps a speaker that fails in a loop from drowning everybody else: of what it says from one source line, a number of
/// lines a second is written, and the rest counted. What the lines say does not matter, because those of a loop differ by an
/// offset or an id. Remembers at most 1,024 pairs of speaker and source line; further ones are not limited. Any thread.
class repetition {
public:
  static constexpr std::size_t most_pairs = 1024;

  enum class decision : std::uint8_t { write, omit };

  explicit repetition(std::uint32_t lines_a_second) : lines_a_second_(lines_a_second) {}

  decision admit(const speaker& who, std::string_view text, const source_location& where, instant now);

  /// What was omitted and has been waiting for a second to be reported. Each omission is reported once.
  std::vector<omission> due(instant now);

  /// Everything that was omitted and not reported.
  std::vector<omission> rest();

  /// Whether there is something to be reported, now or later.
  bool unreported();

private:
  struct record {
    instant window_begin;
    std::uint32_t written = 0;
    instant first_omitted;
    omission unreported;
  };

  void forget_idle(instant now);

  const std::uint32_t lines_a_second_;
  std::mutex mutex_;
  std::unordered_map<std::string, record> records_;
};

} // namespace troupe::telemetry
