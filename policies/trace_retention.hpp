#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// What is kept of the last traces.
struct trace_retention_config {
  std::size_t traces = 200;                ///< zero: none
  std::size_t bytes = 4U << 20U;           ///< of all their spans together
  duration slow = std::chrono::seconds{1}; ///< from which on a trace is slow
};

/// How much a trace is worth; what is worth more is kept longer.
enum class trace_worth : std::uint8_t { ordinary, slow, failed, restarted };

using trace_key = std::array<std::uint8_t, 16>;

/// Decides which traces make room for others: the oldest of those that are worth least, but none of the newest quarter, so
/// that what has just happened is there whatever happened before. No trace alone takes more than an eighth of the bytes. A
/// value: one thread at a time.
class trace_retention {
public:
  explicit trace_retention(const trace_retention_config& config) noexcept : config_(config) {}

  /// Whether another span of that size has room in its trace.
  [[nodiscard]] bool has_room(const trace_key& trace, std::size_t bytes) const noexcept;

  /// A span was added to a trace, which may be new. Its worth never falls. Returns the traces that are to be dropped.
  [[nodiscard]] std::vector<trace_key> added(const trace_key& trace, std::size_t bytes, trace_worth worth);

  [[nodiscard]] std::size_t traces() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  struct entry {
    std::uint64_t number = 0; ///< in the order in which they began
    std::size_t bytes = 0;
    trace_worth worth = trace_worth::ordinary;
  };
  using place = std::tuple<trace_worth, std::uint64_t, trace_key>;

  [[nodiscard]] trace_key next_to_go() const noexcept;

  trace_retention_config config_;
  std::map<trace_key, entry> entries_;
  std::set<place> order_;                        ///< what goes first stands first
  std::map<std::uint64_t, trace_key> by_number_; ///< oldest first
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
};

} // namespace troupe::policies
