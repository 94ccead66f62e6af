#include "beast_server.hpp"

#include <csignal>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>

namespace troupe::bench {

namespace net = boost::asio;
namespace http = boost::beast::http;

beast_server::beast_server(answering answer) : answer_(std::move(answer)) {
  stop_.add(SIGTERM);
  stop_.add(SIGINT);
  stop_.async_wait([this](const boost::system::error_code&, int) { io_.stop(); });
  net::co_spawn(io_, accept(), net::detached);
}

net::awaitable<void> beast_server::accept() {
  for (;;) {
    auto socket = co_await acceptor_.async_accept(net::use_awaitable);
    socket.set_option(tcp::no_delay{true});
    net::co_spawn(io_, serve(std::move(socket)), net::detached);
  }
}

net::awaitable<void> beast_server::serve(tcp::socket socket) {
  try {
    boost::beast::flat_buffer buffer;
    for (bool open = true; open;) {
      request asked;
      co_await http::async_read(socket, buffer, asked, net::use_awaitable);
      http::response<http::string_body> reply{http::status::ok, asked.version()};
      reply.set(http::field::content_type, "application/json; charset=utf-8");
      reply.keep_alive(asked.keep_alive());
      reply.body() = co_await answer_(asked);
      reply.prepare_payload();
      co_await http::async_write(socket, reply, net::use_awaitable);
      open = reply.keep_alive();
    }
  } catch (const boost::system::system_error&) {
    // The client has left.
  }
}

} // namespace troupe::bench
