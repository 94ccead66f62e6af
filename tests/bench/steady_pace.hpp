#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

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

} // namespace troupe::bench
