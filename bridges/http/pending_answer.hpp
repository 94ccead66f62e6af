#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <utility>

#include <troupe/bridges/http/message.hpp>
#include <troupe/bridges/http/problem.hpp>

namespace troupe::http {

/// Names one request under way at a listener. Never used twice, so that a late answer meets nobody.
struct ticket {
  std::uint32_t slot = 0;
  std::uint64_t serial = 0;
};

/// Where answers go that are given on other threads.
class answer_sink {
public:
  virtual ~answer_sink() = default;

  /// Any thread. Wakes the listener once for all answers that are ready together.
  virtual void put(ticket whose, response&& answer) noexcept = 0;
};

/// The one answer that a request still waits for. Dropped without one, it answers the client with an error at once. Any
/// thread, one at a time. Outlives its listener safely.
class pending_answer {
public:
  pending_answer(std::shared_ptr<answer_sink> sink, ticket whose, std::stop_token abandoned = {})
    : sink_(std::move(sink)), whose_(whose), abandoned_(std::move(abandoned)) {}
  pending_answer(pending_answer&&) noexcept = default;
  pending_answer& operator=(pending_answer&&) = delete;
  ~pending_answer() {
    if (sink_)
      give(problem({errc::actor_failed, "the request was dropped by the actor that held it"}, {}));
  }

  /// Answers. Only the first answer counts.
  void give(response&& answer) noexcept {
    if (const auto sink = std::exchange(sink_, nullptr))
      sink->put(whose_, std::move(answer));
  }

  /// Asked to stop when the client leaves before it is answered, on an I/O thread.
  [[nodiscard]] const std::stop_token& abandoned() const noexcept { return abandoned_; }

  [[nodiscard]] bool given() const noexcept { return sink_ == nullptr; }

private:
  std::shared_ptr<answer_sink> sink_;
  ticket whose_;
  std::stop_token abandoned_;
};

} // namespace troupe::http
