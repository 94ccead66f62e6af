#include <troupe/policies/trace_retention.hpp>

#include <iterator>

namespace troupe::policies {

bool trace_retention::has_room(const trace_key& trace, std::size_t bytes) const noexcept {
  const auto known = entries_.find(trace);
  return config_.traces > 0 && (known == entries_.end() ? 0 : known->second.bytes) + bytes <= config_.bytes / 8;
}

std::vector<trace_key> trace_retention::added(const trace_key& trace, std::size_t bytes, trace_worth worth) {
  const auto [at, is_new] = entries_.try_emplace(trace);
  auto& one = at->second;
  if (is_new) {
    one.number = ++last_;
    by_number_.emplace(one.number, trace);
  }
  if (is_new || worth > one.worth) {
    order_.erase({one.worth, one.number, trace});
    one.worth = worth;
    order_.emplace(worth, one.number, trace);
  }
  one.bytes += bytes;
  bytes_ += bytes;
  std::vector<trace_key> gone;
  while (entries_.size() > config_.traces || (bytes_ > config_.bytes && entries_.size() > 1)) {
    const auto next = next_to_go();
    const auto leaving = entries_.extract(next);
    order_.erase({leaving.mapped().worth, leaving.mapped().number, next});
    by_number_.erase(leaving.mapped().number);
    bytes_ -= leaving.mapped().bytes;
    gone.push_back(next);
  }
  return gone;
}

// Of those before the newest quarter.
trace_key trace_retention::next_to_go() const noexcept {
  const auto protects = static_cast<std::ptrdiff_t>((entries_.size() - 1) / 4);
  const auto newest_free = std::prev(by_number_.end(), protects + 1)->first;
  for (const auto& [worth, number, trace] : order_)
    if (number <= newest_free)
      return trace;
  return by_number_.begin()->second; // never reached: the oldest is free
}

} // namespace troupe::policies
