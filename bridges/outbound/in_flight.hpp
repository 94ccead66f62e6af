#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::outbound {

/// The requests of one actor that wait for their outcome, within bounds. Used only by that actor.
template <class Answer>
class in_flight {
public:
  struct request {
    caf::typed_response_promise<Answer> promise;
    std::size_t items = 0; ///< messages or documents
    std::size_t bytes = 0;
    instant since;
  };

  in_flight(std::size_t most_items, std::size_t most_bytes, gauge& items)
    : most_items_(most_items), most_bytes_(most_bytes), gauge_(items) {}

  /// Whether the bounds leave room. With nothing in flight there is room for any size: the peer itself must refuse what is
  /// too large for it, and the refusal is permanent.
  [[nodiscard]] bool admits(std::size_t items, std::size_t bytes) const noexcept {
    return items_ == 0 || (items_ + items <= most_items_ && bytes_ + bytes <= most_bytes_);
  }

  /// Returns the number to pass to `take`.
  std::uint64_t add(request one) {
    count(one.items, one.bytes);
    waiting_.emplace(++last_, std::move(one));
    return last_;
  }

  request take(std::uint64_t number) {
    auto node = waiting_.extract(number);
    count(-node.mapped().items, -node.mapped().bytes);
    return std::move(node.mapped());
  }

private:
  void count(std::size_t items, std::size_t bytes) {
    items_ += items;
    bytes_ += bytes;
    gauge_.set(static_cast<double>(items_));
  }

  const std::size_t most_items_;
  const std::size_t most_bytes_;
  gauge& gauge_;
  std::unordered_map<std::uint64_t, request> waiting_;
  std::uint64_t last_ = 0;
  std::size_t items_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace troupe::outbound
