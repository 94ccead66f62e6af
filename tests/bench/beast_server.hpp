#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace troupe::bench {

/// A bare Boost.Beast server on one I/O thread and a free port of loopback, which answers with JSON.
class beast_server {
public:
  using request = boost::beast::http::request<boost::beast::http::string_body>;
  /// The body of the answer. Runs on the I/O thread.
  using answering = std::function<boost::asio::awaitable<std::string>(const request&)>;

  explicit beast_server(answering answer);

  [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  /// Serves until the process is asked to end.
  void run() { io_.run(); }

private:
  using tcp = boost::asio::ip::tcp;

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> serve(tcp::socket socket);

  const answering answer_; // lives longer than the coroutines, which end with io_
  boost::asio::io_context io_{1};
  tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  boost::asio::signal_set stop_{io_};
};

/// Waits until what `start` is given has been called, once and on the I/O thread; it may be copied.
template <class Start>
boost::asio::awaitable<void> called_back(Start start) {
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
    [&start](auto handler) {
      // Shared only because a std::function is to be copyable.
      auto resume = std::make_shared<decltype(handler)>(std::move(handler));
      start([resume] { std::move (*resume)(); });
    },
    boost::asio::use_awaitable);
}

} // namespace troupe::bench
