#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/bridges/http/client_codec.hpp>
#include <troupe/bridges/http/engine/asio.hpp>
#include <troupe/messages/values/deadline.hpp>

namespace troupe::http {

/// The one outcome that an exchange owes its caller. Dropped without one, it says that the process stops.
class owed_outcome {
public:
  using receiver = std::function<void(expected<http_answer>&&)>;

  explicit owed_outcome(receiver to) : to_(std::move(to)) {}
  owed_outcome(owed_outcome&& other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
  owed_outcome& operator=(owed_outcome&&) = delete;
  ~owed_outcome() { give(failure{errc::shutting_down, "the clients of this process have stopped"}); }

  /// Only the first one counts.
  void give(expected<http_answer>&& outcome) {
    if (const auto to = std::exchange(to_, nullptr))
      to(std::move(outcome));
  }

private:
  receiver to_;
};

/// One request on its way to the I/O thread.
struct exchange_order {
  outgoing_request request;
  deadline answer_by;
  std::stop_token abandoned;
  owed_outcome owed;
};

class client_connection;

/// One request under way, for the I/O thread alone. Ends once: by its answer, by an error, by its deadline or by its caller.
class exchange : public std::enable_shared_from_this<exchange> {
public:
  /// What its deadline or its caller's leaving calls; the exchange still has to be ended then.
  using given_up = std::function<void(const std::shared_ptr<exchange>&, failure)>;

  exchange(asio::io_context& io, exchange_order order) : io_(io), order_(std::move(order)), timer_(io) {}

  /// Begins to watch its time and its caller.
  void watch(given_up how);

  void end(expected<http_answer>&& outcome);

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] const outgoing_request& request() const noexcept { return order_.request; }
  [[nodiscard]] duration remaining(instant now) const noexcept { return order_.answer_by.remaining(now); }

  client_connection* on = nullptr; ///< that serves it
  bool put_back = false;           ///< once already, because its connection had ended before it was used again

private:
  void give_up(failure why);

  asio::io_context& io_;
  exchange_order order_;
  io_timer timer_;
  given_up how_;
  std::optional<std::stop_callback<std::function<void()>>> leaving_;
  bool ended_ = false;
};

using exchange_ptr = std::shared_ptr<exchange>;

} // namespace troupe::http
