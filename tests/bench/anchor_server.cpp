// What the whole chain is measured against: a bare Boost.Beast server on one I/O thread that answers every request with the
// same bytes, and does the platform's writes before it answers, or none.

#include <csignal>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "anchor_effects.hpp"
#include "figure.hpp"
#include "options.hpp"

namespace troupe::bench {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

// A greeting as the platform of 2019 stores it, with an id of its own.
written_greeting new_greeting(boost::uuids::random_generator_mt19937& random, const char* service) {
  auto id = to_string(random());
  auto body = R"({"id":")" + id + R"(","servicename":")" + service
              + R"(","message":"Konnichiwa, from a service!","createdat":{"$date":"2019-04-16T02:23:16.546749266Z"}})";
  return {std::move(id), std::move(body)};
}

class server {
public:
  server(std::string body, const std::optional<std::filesystem::path>& file) : body_(std::move(body)) {
    if (file)
      effects_.emplace(*file, [this](std::vector<anchor_effects::committed> done) {
        net::post(io_, [done = std::move(done)] {
          for (const auto& each : done)
            each();
        });
      });
    net::co_spawn(io_, accept(), net::detached);
    stop_.async_wait([this](const boost::system::error_code&, int) { io_.stop(); });
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void run() { io_.run(); }

private:
  net::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(net::use_awaitable);
      socket.set_option(tcp::no_delay{true});
      net::co_spawn(io_, serve(std::move(socket)), net::detached);
    }
  }

  net::awaitable<void> serve(tcp::socket socket) {
    try {
      boost::beast::flat_buffer buffer;
      for (bool open = true; open;) {
        http::request<http::string_body> asked;
        co_await http::async_read(socket, buffer, asked, net::use_awaitable);
        if (effects_)
          co_await keep();
        http::response<http::string_body> told{http::status::ok, asked.version()};
        told.set(http::field::content_type, "application/json; charset=utf-8");
        told.keep_alive(asked.keep_alive());
        told.body() = body_;
        told.prepare_payload();
        co_await http::async_write(socket, told, net::use_awaitable);
        open = told.keep_alive();
      }
    } catch (const boost::system::system_error&) {
      // The client has left.
    }
  }

  // Ends when the effects of a request are durable.
  net::awaitable<void> keep() {
    request_effects what{
      {new_greeting(random_, "Service-C"), new_greeting(random_, "Service-G"), new_greeting(random_, "Service-H")},
      new_greeting(random_, "Service-D")};
    co_await net::async_initiate<const net::use_awaitable_t<>&, void()>(
      [this, &what](auto handler) {
        // Shared only because a std::function is to be copyable.
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        effects_->submit(std::move(what), [resume] { std::move (*resume)(); });
      },
      net::use_awaitable);
  }

  net::io_context io_{1};
  tcp::acceptor acceptor_{io_, {net::ip::address_v4::loopback(), 0}};
  net::signal_set stop_{io_, SIGTERM, SIGINT};
  boost::uuids::random_generator_mt19937 random_;
  const std::string body_;
  std::optional<anchor_effects> effects_; // ends first: it tells io_
};

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    give_up("there is no answer to give in " + file.string());
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  std::filesystem::path body;
  std::filesystem::path effects;
  troupe::bench::options options{"Answers every request with the same bytes; prints its port first"};
  options.add("body", body, "a file: what it answers");
  options.add("--effects", effects, "a new SQLite file, to do the platform's writes in");
  options.parse(argc, argv);
  try {
    troupe::bench::server running{troupe::bench::contents_of(body), effects.empty() ? std::nullopt : std::optional{effects}};
    std::cout << running.port() << std::endl;
    running.run();
  } catch (const std::exception& problem) {
    troupe::bench::give_up(problem.what());
  }
}
