#define CAF_SUITE grpc_limits

#include <array>
#include <cerrno>
#include <optional>

#include <troupe_test/suite.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peers.hpp"

namespace troupe::grpc_test {

namespace {

/// A client that connects and says nothing.
class silent_client {
public:
  explicit silent_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CAF_REQUIRE_EQUAL(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0); // NOLINT: the system's form
  }
  ~silent_client() { ::close(socket_); }
  silent_client(const silent_client&) = delete;
  silent_client& operator=(const silent_client&) = delete;

  /// Whether the server says something, as it does to whom it serves, before it closes the connection.
  bool served() { return receive() > 0; }

  /// Whether the server closes the connection in time.
  bool closed() {
    for (;;)
      if (const auto count = receive(); count <= 0)
        return count == 0 || errno == ECONNRESET;
  }

private:
  ssize_t receive() {
    pollfd one{socket_, POLLIN, 0};
    std::array<char, 256> bytes{};
    errno = 0;
    return ::poll(&one, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) == 1
             ? ::recv(socket_, bytes.data(), bytes.size(), 0)
             : -1;
  }

  int socket_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_limits_tests, fixture)

CAF_TEST(beyond the bound of calls in flight a caller is asked to wait a moment) {
  config.in_flight = 2;
  lines->hold();
  listen();
  const auto client = connect();
  auto first = begin(client, limited(patience));
  auto second = begin(client, limited(patience));
  lines->call(2);
  bare_client other{to_server().target};
  const auto refused = other.call();
  CAF_CHECK_EQUAL(refused.status.error_code(), ::grpc::StatusCode::RESOURCE_EXHAUSTED);
  CAF_CHECK_EQUAL(refused.trailer("retry-after"), "1");
  CAF_CHECK_EQUAL(to_string(code_of(ask(client))), "throttled");
  CAF_CHECK_EQUAL(watcher->value("troupe_grpc_refused_total", "reason=in_flight_bound"), 2);
  CAF_CHECK_EQUAL(watcher->value("grpc_server_handled_total", "grpc_code=ResourceExhausted"), 2);
  release();
  CAF_CHECK(first.get());
  CAF_CHECK(second.get());
  CAF_CHECK(watcher->becomes("troupe_grpc_server_in_flight", "", 0));
  lines->answer_by([](const greet&) { return two_greetings(); });
  CAF_CHECK(other.call().status.ok());
}

CAF_TEST(a caller that left keeps its place until the work for it has ended) {
  config.in_flight = 1;
  lines->hold();
  listen();
  const auto client = connect();
  std::stop_source leaving;
  auto call = limited(patience);
  call.abandoned = leaving.get_token();
  auto left = begin(client, call);
  lines->call(1);
  leaving.request_stop();
  CAF_CHECK_EQUAL(to_string(code_of(left.get())), "cancelled");
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "grpc_code=Canceled", 1));
  CAF_CHECK_EQUAL(to_string(code_of(ask(client))), "throttled");
  release();
  CAF_CHECK(watcher->becomes("troupe_grpc_server_in_flight", "", 0));
  lines->answer_by([](const greet&) { return two_greetings(); });
  CAF_CHECK(ask(client));
}

CAF_TEST(connections beyond the bound are closed at once and room comes back with each that ends) {
  config.connections = 2;
  listen();
  const auto port = served->local().port;
  std::optional<silent_client> first{std::in_place, port};
  CAF_CHECK(first->served());
  silent_client second{port};
  CAF_CHECK(second.served());
  CAF_CHECK(silent_client{port}.closed());
  CAF_CHECK_EQUAL(watcher->value("troupe_grpc_connections_refused_total", "reason=connection_bound"), 1);
  first.reset();
  CAF_CHECK(ask_until_answered(connect()));
}

CAF_TEST(no connection is given the descriptors that are reserved) {
  config.reserved_descriptors = std::size_t{1} << 30U;
  listen();
  CAF_CHECK(silent_client{served->local().port}.closed());
  CAF_CHECK_EQUAL(watcher->value("troupe_grpc_connections_refused_total", "reason=connection_bound"), 1);
}

CAF_TEST(a connection that says nothing is closed) {
  config.handshake = 300ms;
  listen();
  CAF_CHECK(silent_client{served->local().port}.closed());
}

CAF_TEST(every address means both families) {
  config.listen = {"0.0.0.0", 0};
  listen();
  for (const auto* const host : {"127.0.0.1:", "[::1]:"})
    CAF_CHECK(bare_client{host + std::to_string(served->local().port)}.call().status.ok());
}

CAF_TEST(a client has a bound of its own) {
  lines->hold();
  listen();
  auto how = to_server();
  how.in_flight = 1;
  const auto client = connect(how);
  auto first = begin(client, limited(patience));
  lines->call(1);
  CAF_CHECK_EQUAL(to_string(code_of(ask(client))), "overloaded");
  release();
  CAF_CHECK(first.get());
}

CAF_TEST(a request that is too large is refused and the others stay served) {
  config.receive_bytes = 64 * 1024;
  listen();
  auto how = to_server();
  how.contract = grpc::package::greeting_v3;
  const auto client = connect(how);
  auto call = limited(patience);
  call.caller = greeting{};
  call.caller->message.assign(128 * 1024, 'x');
  CAF_CHECK_EQUAL(to_string(code_of(ask(client, call))), "rejected");
  CAF_CHECK(ask(client));
  CAF_CHECK_EQUAL(lines->calls(), 1U);
}

CAF_TEST(an answer that is too large is refused and the client goes on) {
  listen();
  auto how = to_server();
  how.receive_bytes = 64 * 1024;
  const auto client = connect(how);
  lines->answer_by([](const greet&) {
    auto answer = two_greetings();
    answer.tree.own.front().message.assign(128 * 1024, 'x');
    return answer;
  });
  CAF_CHECK_EQUAL(to_string(code_of(ask(client))), "rejected");
  lines->answer_by([](const greet&) { return two_greetings(); });
  CAF_CHECK(ask(client));
}

CAF_TEST(headers of ours that are ill formed are refused in words) {
  listen();
  bare_client other{to_server().target};
  const auto with = [&](const char* name, const char* value) {
    return other.call([&](::grpc::ClientContext& context) { context.AddMetadata(name, value); }).status;
  };
  const auto order = with("troupe-greeting-order", "sideways");
  CAF_CHECK_EQUAL(order.error_code(), ::grpc::StatusCode::INVALID_ARGUMENT);
  CAF_CHECK_EQUAL(order.error_message(), "troupe-greeting-order is neither pre nor post");
  CAF_CHECK_EQUAL(with("troupe-call-id", "seven").error_code(), ::grpc::StatusCode::INVALID_ARGUMENT);
  ::greeting::v3::GreetingRequest request;
  request.mutable_greeting()->set_created("yesterday");
  CAF_CHECK_EQUAL(other.call_v3(request).status.error_code(), ::grpc::StatusCode::INVALID_ARGUMENT);
  CAF_CHECK_EQUAL(lines->calls(), 0U);
  CAF_CHECK(watcher->becomes("troupe_grpc_server_in_flight", "", 0));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
