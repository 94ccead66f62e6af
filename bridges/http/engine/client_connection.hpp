#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/bridges/http/engine/exchange.hpp>
#include <troupe/bridges/http/engine/wire.hpp>

namespace troupe::http {

class client_pool;

/// One connection of a pool: comes about, serves one exchange after the other, waits between them. A read is always under
/// way, so that a server that closes is noticed. Lives as long as its handlers, which hold it; after `closed` it no longer
/// calls its pool. For the I/O thread alone.
class client_connection : public std::enable_shared_from_this<client_connection> {
public:
  client_connection(client_pool& owner, std::uint64_t generation);

  /// Looks the target up and tries its addresses, one after the other. Ends in the pool's `connected` or `not_connected`.
  void connect();

  /// Sends the request and reads its answer. The connection is idle.
  void serve(exchange_ptr call);

  /// Waits for the next exchange.
  void rest();

  /// Closes whatever is under way, without a word to the pool.
  void close();

  /// Whether it may serve another exchange, as far as can be seen without writing.
  [[nodiscard]] bool usable(std::uint64_t generation);

  [[nodiscard]] bool serving() const noexcept { return current_ != nullptr; }

private:
  void look_up();
  void try_next_address();
  void connected_to_address(error_code error);
  void shook_hands(error_code error);
  void read_more();
  void take_bytes(error_code error, std::size_t count);
  void take_end(error_code error);
  void wrote(error_code error, std::size_t count);
  void complete();
  void lose(const std::string& why);
  void fail(failure why);
  void arm(duration span, void (client_connection::*then)());
  void give_up_address();
  void rested_long();
  void drop();

  client_pool* owner_;
  const std::uint64_t generation_;
  std::unique_ptr<wire> wire_;
  asio::ip::tcp::resolver resolver_;
  std::vector<asio::ip::tcp::endpoint> addresses_;
  std::size_t next_address_ = 0;
  failure last_error_{errc::not_sent, {}};
  io_timer timer_;
  std::uint64_t timer_turn_ = 0;

  exchange_ptr current_;
  answer_reader reader_;
  std::string output_;
  std::array<char, 16 * kibibyte> input_;
  bool reading_ = false;
  bool writing_ = false;
  bool written_any_ = false;
  bool used_ = false; ///< has served an exchange before
  bool closed_ = false;
};

} // namespace troupe::http
