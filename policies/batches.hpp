#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/messages/values/delivery.hpp>
#include <troupe/messages/values/stall.hpp>
#include <troupe/policies/hold_gate.hpp>

namespace troupe::policies {

/// Which other batches may be at the handler at the same time.
enum class company : std::uint8_t {
  any,
  alone, ///< none: if the process ends, the possible cause is known
};

/// The batches that a source's ledgers hold as in flight, under rising numbers, and with them the handler's pauses. A batch
/// is formed, prepared in steps that the bridge defines, handed out, and gone with its answer. `Stage` names the steps: an
/// enum with `ready` and `handled`, whose first value is where a new batch stands. A value: one thread at a time; `now`
/// never goes back.
template <class Item, class Stage>
class batches {
public:
  struct batch {
    std::vector<Item> items;
    Stage at{};
    company wants = company::any;
  };

  // Forming.

  /// Sets the time.
  void wake(instant now) noexcept { gate_.wake(now); }
  /// Whether another one may be formed where `limit` may be on their way at once.
  [[nodiscard]] bool room(std::size_t limit) const noexcept {
    return by_number_.size() < limit && std::none_of(by_number_.begin(), by_number_.end(), [](const auto& each) {
             return each.second.wants == company::alone;
           });
  }
  /// How many items the next one may have where `wanted` would fit: fewer while the handler pauses.
  [[nodiscard]] std::size_t credit(std::size_t wanted) const noexcept { return gate_.admits(wanted); }
  /// Of no items none is formed.
  void form(std::vector<Item> items, company wants) {
    if (items.empty())
      return;
    ++latest_;
    for (std::size_t i = 0; i < items.size(); ++i)
      gate_.handed_out(latest_);
    by_number_.emplace(latest_, batch{std::move(items), Stage{}, wants});
  }

  // On the way. References hold until that batch is gone.

  [[nodiscard]] bool empty() const noexcept { return by_number_.empty(); }
  [[nodiscard]] auto begin() noexcept { return by_number_.begin(); } ///< by rising numbers
  [[nodiscard]] auto end() noexcept { return by_number_.end(); }
  [[nodiscard]] auto begin() const noexcept { return by_number_.begin(); }
  [[nodiscard]] auto end() const noexcept { return by_number_.end(); }
  [[nodiscard]] batch* find(std::uint64_t number) noexcept {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? nullptr : &found->second;
  }
  void erase(std::uint64_t number) { by_number_.erase(number); }

  /// The next one that may go, which is handled from here on. Nothing goes beside one that must be alone.
  std::optional<std::pair<std::uint64_t, batch&>> hand_out() {
    for (auto& [number, each] : by_number_)
      if (each.at == Stage::ready && may_go(each.wants)) {
        each.at = Stage::handled;
        return std::pair<std::uint64_t, batch&>{number, each};
      }
    return std::nullopt;
  }

  // Back again.

  enum class fit : std::uint8_t {
    complete,
    unknown,    ///< there is no such batch, or not any more
    mismatched, ///< it has another number of items: nothing is known of any
  };
  [[nodiscard]] fit fits(std::uint64_t number, const replies& answers) const noexcept {
    const auto found = by_number_.find(number);
    if (found == by_number_.end())
      return fit::unknown;
    return found->second.items.size() == answers.each.size() ? fit::complete : fit::mismatched;
  }
  /// One of its items is no longer in flight, with any outcome. Call `done` after it when the item is done.
  void came_back(std::uint64_t number) noexcept { gate_.came_back(number); }
  void done(std::uint64_t number) noexcept {
    gate_.done(number);
    paused_.reset();
  }
  /// The items of a batch that is gone; none where there is no such batch.
  std::vector<Item> take(std::uint64_t number) {
    auto node = by_number_.extract(number);
    return node ? std::move(node.mapped().items) : std::vector<Item>{};
  }
  /// Takes back, with `give_back(number, item)`, the items for which `theirs` is true of batches that are not handled.
  template <class Theirs, class GiveBack>
  void take_back(const Theirs& theirs, const GiveBack& give_back) {
    for (auto& [number, each] : by_number_)
      if (each.at != Stage::handled) {
        for (const auto& one : each.items)
          if (theirs(one))
            give_back(number, one);
        std::erase_if(each.items, theirs);
      }
    std::erase_if(by_number_, [](const auto& each) { return each.second.items.empty(); });
  }

  // Pauses.

  /// Begins the pause that an answer asks for, if any. What is formed and not handled yet must not reach the handler during
  /// it: it is taken back, with `give_back(number, item)`.
  template <class GiveBack>
  void hold(instant now, const replies& answers, const GiveBack& give_back) {
    if (!answers.pause)
      return;
    gate_.hold(now + answers.pause->pause, answers.pause->probe, latest_);
    if (!paused_)
      paused_ = stall{stall_reason::handler, {errc::breaker_open, "its handler pauses"}, now};
    for (const auto& each : answers.each)
      if (each.verdict == verdict::retry)
        paused_->why = each.why;
    take_back([](const Item&) { return true; }, give_back);
  }
  /// The pauses of a handler that has done nothing since.
  [[nodiscard]] const std::optional<stall>& paused() const noexcept { return paused_; }
  /// When the pause ends, until `wake` has been called with that time.
  [[nodiscard]] std::optional<instant> due() const noexcept { return gate_.due(); }

private:
  [[nodiscard]] bool may_go(company wants) const noexcept {
    return std::none_of(by_number_.begin(), by_number_.end(), [wants](const auto& other) {
      return other.second.at == Stage::handled && (wants == company::alone || other.second.wants == company::alone);
    });
  }

  std::map<std::uint64_t, batch> by_number_;
  std::uint64_t latest_ = 0;
  hold_gate gate_;
  std::optional<stall> paused_;
};

} // namespace troupe::policies
