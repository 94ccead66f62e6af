#define CAF_SUITE otlp_sender

#include <troupe_test/suite.hpp>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <troupe/bridges/otlp/sender.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/trace_context.hpp>

using namespace troupe;
using namespace troupe::otlp;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

namespace {

/// The body of the one request that comes, which is answered with an empty message.
std::string body_of_a_request(tcp::acceptor& at) {
  auto client = at.accept();
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::read(client, buffer, request);
  http::response<http::empty_body> answer{http::status::ok, 11};
  answer.prepare_payload();
  http::write(client, answer);
  return request.body();
}

} // namespace

CAF_TEST(bytes that are no text are replaced so that a collector takes the whole request) {
  boost::asio::io_context io;
  tcp::acceptor at{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  auto body = std::async(std::launch::async, [&at] { return body_of_a_request(at); });
  config to;
  to.endpoint = "http://127.0.0.1:" + std::to_string(at.local_endpoint().port());
  const auto sender =
    make_sender(to, {}, {.program = "test", .process = "test", .version = "1", .host = "here", .names = {}});
  auto span = std::make_shared<span_record>();
  span->name = "name\xff";
  span->context = new_trace(system_random());
  span->attributes.push_back({"messaging.message.id", std::string{"id\xc3("}});
  span->outcome = {errc::rejected, "reason\xfe"};
  const std::vector<span_record_ptr> batch{span};
  const auto outcome = sender->send(batch);
  if (!outcome)
    tcp::socket{io}.connect(at.local_endpoint()); // so that nobody waits for a request any more
  CAF_REQUIRE(outcome);
  const auto sent = body.get();
  for (const std::string text : {"name\xEF\xBF\xBD", "id\xEF\xBF\xBD(", "reason\xEF\xBF\xBD"})
    CAF_CHECK(sent.find(text) != std::string::npos);
}
