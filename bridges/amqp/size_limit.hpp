#pragma once

#include <cstddef>
#include <optional>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// The largest message that the broker accepts, learnt from its refusals: it closes the channel and does not name the
/// message. Forgotten after a minute, because an operator may have raised the limit. A value: one thread at a time.
class size_limit {
public:
  /// Takes the failure of a session. Any other failure than a refusal of a size is ignored.
  void learn(const failure& why, instant now);

  /// `rejected` with the broker's words for a payload of that many bytes, if it is too large.
  [[nodiscard]] std::optional<failure> refusal(std::size_t bytes, instant now) const;

private:
  std::optional<failure> refusal_;
  std::size_t most_ = 0;
  instant until_{};
};

} // namespace troupe::amqp
