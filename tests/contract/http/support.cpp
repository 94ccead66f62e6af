#include "support.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/http/trial_routes.hpp>

namespace http_test {

greeting_answer two_greetings() {
  const timestamp at{std::chrono::seconds{1555381396}};
  greeting_answer result;
  result.tree.own.push_back({"id-a", "Service-A", "Hello", at, ""});
  greeting_tree below;
  below.own.push_back({"id-b", "Service-B", "Namaste", at, ""});
  result.tree.downstream.push_back(std::move(below));
  return result;
}

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string{what} + ": " + std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
}

} // namespace

// -- client

client::client(const http::endpoint& where)
  : socket_(::socket(where.address == "::1" ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0)
    fail("socket");
  const timeval longest{20, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (where.address == "::1") {
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(where.port);
    at.sin6_addr = in6addr_loopback;
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
      fail("connect");
    return;
  }
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(where.port);
  inet_pton(AF_INET, where.address.c_str(), &at.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    fail("connect");
}

client::~client() {
  close();
}

client::client(client&& other) noexcept : socket_(std::exchange(other.socket_, -1)), input_(std::move(other.input_)) {}

void client::send(std::string_view bytes) {
  if (!try_send(bytes))
    fail("send");
}

bool client::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool client::fill() {
  std::array<char, 16 * 1024> room{};
  const auto count = ::recv(socket_, room.data(), room.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    fail("nothing came from the server");
  if (count <= 0)
    return false;
  input_.append(room.data(), static_cast<std::size_t>(count));
  return true;
}

bool client::readable_within(std::chrono::milliseconds span) {
  pollfd what{socket_, POLLIN, 0};
  return !input_.empty() || ::poll(&what, 1, static_cast<int>(span.count())) > 0;
}

client::answer client::read(bool with_body) {
  answer result;
  auto end = input_.find("\r\n\r\n");
  for (; end == std::string::npos; end = input_.find("\r\n\r\n"))
    if (!fill())
      return result;
  result.head = input_.substr(0, end + 2);
  input_.erase(0, end + 4);
  result.status = static_cast<unsigned>(std::stoul(result.head.substr(9, 3)));
  const auto declared = result.header("content-length");
  const auto length = declared == "(none)" || !with_body ? 0 : std::stoul(declared);
  while (input_.size() < length)
    if (!fill())
      throw std::runtime_error("the connection ended in the body of an answer");
  result.body = input_.substr(0, length);
  input_.erase(0, length);
  return result;
}

std::string client::answer::header(const std::string& name) const {
  for (std::size_t at = head.find("\r\n"); at != std::string::npos && at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(": ");
    if (colon != std::string::npos && same_header_name(line.substr(0, colon), name))
      return line.substr(colon + 2);
  }
  return "(none)";
}

std::string client::read_until(std::string_view text) {
  auto at = input_.find(text);
  for (; at == std::string::npos; at = input_.find(text))
    if (!fill())
      return std::exchange(input_, {});
  auto result = input_.substr(0, at + text.size());
  input_.erase(0, at + text.size());
  return result;
}

std::string client::read_all() {
  while (fill()) {
  }
  return std::exchange(input_, {});
}

bool client::closed() {
  return input_.empty() && !fill();
}

void client::end_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void client::reset() {
  const linger hard{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

void client::close() {
  if (socket_ >= 0)
    ::close(std::exchange(socket_, -1));
}

std::string get(std::string_view target, std::string_view further_headers) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{further_headers} + "\r\n";
}

std::string request(std::string_view verb, std::string_view target, std::string_view body,
                    std::string_view further_headers) {
  return std::string{verb} + " " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n" + std::string{further_headers} + "\r\n" + std::string{body};
}

// -- fixture

edge_fixture::edge_fixture() {
  greeter = contract::spawn_scripted_service(system, greeter_script, two_greetings());
  greeter_script->answer_by([](const greet&) { return two_greetings(); });
  config.listen = {"127.0.0.1", 0};
  ports.greeter = greeter;
  ports.metrics = [] { return std::string{"up 1\n"}; };
  ports.liveness = ports.readiness = [] { return http::health_report{}; };
  ports.watcher = watcher;
}

edge_fixture::~edge_fixture() {
  served.reset();
  ask_to_end(greeter, caf::exit_reason::user_shutdown);
}

void edge_fixture::listen() {
  std::ranges::move(http::trial_routes(), std::back_inserter(ports.routes));
  auto made = http::edge::listen(config, ports);
  if (!made)
    throw std::runtime_error(to_string(made.error()));
  served = std::move(*made);
}

client::answer edge_fixture::ask(const std::string& what) {
  auto one = connect();
  one.send(what);
  return one.read();
}

void edge_fixture::release() {
  contract::release_held(greeter);
}

} // namespace http_test
