#include <troupe/bridges/http/client.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <troupe/bridges/http/engine/asio.hpp>

namespace troupe::http {

namespace {

std::string render_request(const endpoint& where, method verb, std::string_view target, std::string_view body,
                           const secret& token) {
  std::string out{to_string(verb)};
  out.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(to_string(where)).append("\r\nConnection: close\r\n");
  if (!token.empty())
    out.append("Authorization: Bearer ").append(token.reveal()).append("\r\n");
  if (!body.empty())
    out.append("Content-Type: application/json\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
  return out.append("\r\n").append(body);
}

// One exchange, driven by its own context until it ends or its time does.
class single_exchange {
public:
  single_exchange(asio::io_context& io, std::string request) : socket_(io), request_(std::move(request)) {}

  void begin(const asio::ip::tcp::resolver::results_type& candidates) {
    asio::async_connect(socket_, candidates, [this](error_code error, const asio::ip::tcp::endpoint& /*peer*/) {
      if (error)
        return end(errc::not_sent, error);
      sent_ = true;
      asio::async_write(socket_, asio::buffer(request_), [this](error_code failed, std::size_t /*count*/) {
        // A server may answer and close before it has read everything: what it said counts.
        static_cast<void>(failed);
        read();
      });
    });
  }

  expected<http_answer> result() const {
    if (why_.code != errc::none)
      return why_;
    if (!done_)
      return failure{errc::deadline_exceeded, sent_ ? "no answer came in time" : "no connection was established in time"};
    return parse_answer(answer_);
  }

private:
  void read() {
    constexpr std::size_t most = 64 * mebibyte;
    asio::async_read(socket_, asio::dynamic_buffer(answer_, most), [this](error_code error, std::size_t /*count*/) {
      if ((error && error != asio::error::eof && answer_.empty()) || answer_.empty())
        return end(errc::outcome_unknown, error);
      done_ = true;
    });
  }

  void end(errc code, const error_code& error) { why_ = {code, error.message()}; }

  tcp_socket socket_;
  std::string request_;
  std::string answer_;
  failure why_{errc::none, {}};
  bool sent_ = false;
  bool done_ = false;
};

} // namespace

expected<http_answer> call(const endpoint& where, method verb, std::string_view target, std::string_view body,
                           duration timeout, const secret& token) {
  asio::io_context io{1};
  asio::ip::tcp::resolver resolver{io};
  error_code error;
  const auto candidates = resolver.resolve(where.address, std::to_string(where.port), error);
  if (error)
    return failure{errc::not_sent, to_string(where) + ": " + error.message()};
  single_exchange one{io, render_request(where, verb, target, body, token)};
  one.begin(candidates);
  io.run_for(timeout);
  auto result = one.result();
  if (!result)
    return failure{result.error().code, to_string(where) + ": " + result.error().reason};
  return result;
}

} // namespace troupe::http
