#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "figure.hpp"
#include "measured_system.hpp"
#include "quantiles.hpp"

namespace troupe::bench {

/// A payload that begins with the time at which it was to leave: one that leaves late has waited.
inline std::string stamped(std::chrono::steady_clock::time_point due) {
  auto payload = std::to_string(due.time_since_epoch().count());
  payload.resize(payload_size, ' ');
  return payload;
}

/// How long ago that was, in milliseconds.
inline double age_of(std::string_view payload) {
  std::chrono::steady_clock::rep due = 0;
  std::from_chars(payload.data(), payload.data() + payload.size(), due);
  return milliseconds(std::chrono::steady_clock::now().time_since_epoch() - std::chrono::steady_clock::duration{due});
}

/// One message alone, so that everything on its way stands; then all others at their pace. `send` is given their numbers.
template <class Send>
void send_at_pace(std::uint64_t messages, std::chrono::steady_clock::duration pace, const std::latch& first_arrived,
                  Send send) {
  send(0, stamped(std::chrono::steady_clock::now()));
  first_arrived.wait();
  auto due = std::chrono::steady_clock::now();
  for (std::uint64_t i = 1; i <= messages; ++i) {
    due += pace;
    std::this_thread::sleep_until(due);
    send(i, stamped(due));
  }
}

/// What arrives, on one thread at a time; the first does not count.
class arrivals {
public:
  explicit arrivals(std::uint64_t messages) : messages_(messages) { took_.reserve(messages); }

  void arrived(std::string_view payload) {
    if (first_) {
      first_ = false;
      first_arrived.count_down();
      return;
    }
    took_.push_back(age_of(payload));
    if (took_.size() == messages_)
      all_arrived.count_down();
  }

  [[nodiscard]] const std::vector<double>& took() const noexcept { return took_; }

  std::latch first_arrived{1};
  std::latch all_arrived{1};

private:
  const std::uint64_t messages_;
  bool first_ = true;
  std::vector<double> took_;
};

/// Measures raw clients and ours in turn, each over a topic or queue of its own, and reports p50 and p99 of both.
template <class Raw, class Ours>
void tell_latencies(const std::string& what, unsigned rounds, Raw measure_raw, Ours measure_ours) {
  quantiles raw;
  quantiles ours;
  for (unsigned round = 0; round < rounds; ++round) {
    const auto number = std::to_string(round);
    raw.add(measure_raw("raw-latency-" + number));
    ours.add(measure_ours("our-latency-" + number));
  }
  const auto p50 = what + ", p50";
  const auto p99 = what + ", p99";
  report({p50, "ms", raw.p50, ours.p50, ""});
  report({p99, "ms", raw.p99, ours.p99, ""});
}

} // namespace troupe::bench
