#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/messages/values/delivery.hpp>
#include <troupe/policies/retry.hpp>

namespace troupe::actors {

/// One batch in a consumer, from its first attempt to its last reply: which deliveries the next attempt holds, and what the
/// attempts so far came to. Pure.
class batch_work {
public:
  explicit batch_work(std::vector<delivery> batch);

  /// What the next attempt hands to the handler.
  [[nodiscard]] deliveries next_attempt() const;

  /// The handler answered the attempt. A wrong number of replies counts as `failed` with `actor_failed`. Returns what the
  /// answer says of the dependency behind the handler: a failure when nothing was done because of it, else `errc::none`.
  errc answered(replies answers);

  /// The attempt has no answer. After `actor_failed` the deliveries of a batch are run again singly; one that failed singly
  /// is answered `retry` at once.
  void failed(const failure& why);

  /// Whether every delivery has its reply.
  [[nodiscard]] bool finished() const noexcept { return open_.empty(); }

  /// How long to wait before the next attempt: zero for the next of a single run, nothing when no attempt is left.
  [[nodiscard]] std::optional<duration> next_pause(const policies::retry_config& config);

  /// No attempt is left: what failed is answered `retry`, what waits behind it `untouched`.
  void give_up();

  /// Not attempted any more, at no cost: all that is open is answered `untouched`.
  void release();

  /// The replies, once finished, with the pause that the handler asked for, if it did.
  [[nodiscard]] replies take_replies() { return {std::move(replies_), pause_}; }

private:
  [[nodiscard]] std::size_t attempt_size() const noexcept { return singly_ ? 1 : open_.size(); }
  [[nodiscard]] bool behind_open(std::size_t position) const;
  void close_behind(std::size_t position);

  std::vector<delivery> batch_;
  std::vector<reply> replies_;    // final, or of the last attempt for those still open
  std::vector<std::size_t> open_; // positions without a final reply, in order
  std::optional<hold> pause_;
  errc last_ = errc::none; // why the last attempt is to be repeated
  unsigned retries_ = 0;
  bool singly_ = false;
};

} // namespace troupe::actors
