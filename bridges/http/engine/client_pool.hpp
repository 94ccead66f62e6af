#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include <troupe/bridges/http/client_target.hpp>
#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/http/engine/client_connection.hpp>
#include <troupe/bridges/http/engine/exchange.hpp>
#include <troupe/bridges/http/engine/name_watch.hpp>
#include <troupe/bridges/http/engine/tls_contexts.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::http {

/// What a pool is made with.
struct pool_options {
  client_target target;
  tls_files tls;
  client_limits bounds;
  client_timeouts patience;
  std::string name; ///< for logs
  observer_ptr watcher;
  gauge* connections = nullptr; ///< of the watcher
};

/// The connections of one client, and the exchanges that wait for one. Where the target's name has other addresses than
/// before, or several, each connection ends after the exchange that it serves, and new ones go where the name now leads. As
/// many connections are opened as exchanges wait, up to the bound; which exchange gets which is decided when a connection is
/// ready. For the I/O thread alone.
class client_pool {
public:
  client_pool(asio::io_context& io, pool_options options);
  ~client_pool();
  client_pool(const client_pool&) = delete;
  client_pool& operator=(const client_pool&) = delete;

  void submit(exchange_order order);

  // -- for its connections

  [[nodiscard]] asio::io_context& io() noexcept { return io_; }
  [[nodiscard]] const pool_options& options() const noexcept { return options_; }
  [[nodiscard]] expected<std::unique_ptr<wire>> make_wire();
  [[nodiscard]] std::size_t next_turn() noexcept { return turn_++; }

  void connected(client_connection& which);
  void not_connected(client_connection& which, const failure& why);
  /// It has served an exchange and may serve another.
  void released(client_connection& which);
  /// It has ended, whatever it was doing.
  void closed(client_connection& which);
  /// The connection had ended before anything of the exchange was written: it gets a new one.
  void put_back(const exchange_ptr& call);

private:
  void serve_waiting();
  void rest_or_serve(client_connection& which);
  void open();
  void remove(client_connection& which);
  void give_up(const exchange_ptr& call, failure why);
  void close_idle();
  void move_on();
  [[nodiscard]] client_connection* take_idle();
  [[nodiscard]] exchange_ptr take_waiting();
  [[nodiscard]] std::uint64_t generation();

  asio::io_context& io_;
  const pool_options options_;
  tls_contexts contexts_;
  std::string logged_trouble_;
  std::deque<exchange_ptr> waiting_;
  std::unordered_map<client_connection*, std::shared_ptr<client_connection>> all_;
  std::vector<client_connection*> idle_; // the last is the one that rested least
  std::size_t connecting_ = 0;
  std::size_t turn_ = 0;
  name_watch names_;
  std::uint64_t moves_ = 0; ///< how often connections were to move on
};

} // namespace troupe::http
