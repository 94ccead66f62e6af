#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/actors/runtime/thread_link.hpp>
#include <troupe/messages/values/message.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::outbound {

/// The destination of the messages of one request, if it is not the sender's own.
struct redirection {
  std::string address; ///< such as a routing key
  header_list added;   ///< headers that the bridge adds
};

/// One `publish` in flight: its messages, and the outcomes so far. One thread at a time.
class publish_request {
public:
  publish_request(std::uint64_t number, std::vector<message> messages, instant given_up_at,
                  std::optional<redirection> elsewhere = {})
    : number_(number),
      given_up_at_(given_up_at),
      messages_(std::move(messages)),
      elsewhere_(std::move(elsewhere)),
      settled_(messages_.size(), false),
      left_(messages_.size()) {
    answer_.outcomes.resize(left_, {errc::none, {}});
  }
  publish_request(const publish_request&) = delete;
  publish_request& operator=(const publish_request&) = delete;

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  /// By this time every message has an outcome.
  [[nodiscard]] instant given_up_at() const noexcept { return given_up_at_; }
  [[nodiscard]] const std::vector<message>& messages() const noexcept { return messages_; }
  [[nodiscard]] const std::optional<redirection>& elsewhere() const noexcept { return elsewhere_; }

  /// Sets the outcome of one message, unless it has one.
  void settle(std::size_t index, failure outcome) {
    if (settled_[index])
      return;
    settled_[index] = true;
    answer_.outcomes[index] = std::move(outcome);
    --left_;
  }
  /// Sets the outcome of all messages that have none.
  void settle_rest(const failure& outcome) {
    for (std::size_t index = 0; index < messages_.size(); ++index)
      settle(index, outcome);
  }
  [[nodiscard]] bool settled(std::size_t index) const noexcept { return settled_[index]; }
  [[nodiscard]] bool complete() const noexcept { return left_ == 0; }

  [[nodiscard]] published take_answer() { return std::move(answer_); }

private:
  const std::uint64_t number_;
  const instant given_up_at_;
  const std::vector<message> messages_;
  const std::optional<redirection> elsewhere_;
  std::vector<bool> settled_;
  published answer_;
  std::size_t left_;
};

using publish_request_ptr = std::shared_ptr<publish_request>;

/// What a sender's thread reports: a complete request, or its own failure.
using sender_report = std::variant<publish_request_ptr, thread_failed>;
using sender_link = thread_link<publish_request_ptr, sender_report>;

} // namespace troupe::outbound
