#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/messages/values/call.hpp>

namespace troupe {

/// The call that a handler of a contract is answering. Lives until the handler has ended; used on its actor's thread alone.
class call {
public:
  explicit call(call_context received) : received_(std::move(received)) {}
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  /// Names the call over all its attempts: an effect that stands under an id derived from it happens once.
  [[nodiscard]] const std::string& id() const noexcept { return received_.id; }
  [[nodiscard]] const trace_context& trace() const noexcept { return received_.trace; }
  /// By when the caller wants the answer.
  [[nodiscard]] deadline answer_by() const noexcept { return received_.answer_by; }
  /// Whether the caller has left.
  [[nodiscard]] bool is_abandoned() const noexcept { return received_.abandoned.stop_requested(); }
  /// The caller's metadata.
  [[nodiscard]] const header_list& metadata() const noexcept { return received_.metadata; }

  /// Adds metadata to the answer, which follows the response (gRPC's trailing metadata). Lost where the call fails.
  /// More than the 7 KiB that a caller reads by default make it fail with `internal`.
  void answer_with(std::string_view name, std::string value) { answered_.push_back({lower_case(name), std::move(value)}); }
  /// Takes what `answer_with` has added.
  [[nodiscard]] header_list take_answered() noexcept { return std::exchange(answered_, {}); }

  /// The context of a call that this one makes of `method` ("shop.Stock/Reserve"): of the same trace, deadline and caller.
  /// Its id is derived, so that a repetition of this call repeats those that it makes, as long as it makes them in the same
  /// order.
  [[nodiscard]] call_context next(std::string_view method);

private:
  const call_context received_;
  header_list answered_;
  std::map<std::string, std::size_t, std::less<>> made_; // how many calls of each method
};

} // namespace troupe
