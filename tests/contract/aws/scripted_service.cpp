#include "scripted_service.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace aws_test {

namespace {

// Zero where there is none.
std::size_t length_told(std::string_view head) {
  constexpr std::string_view name = "\r\nContent-Length: ";
  std::size_t length = 0;
  if (const auto at = head.find(name); at != head.npos)
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return length;
}

} // namespace

scripted_service::scripted_service(script how) : how_(std::move(how)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* const address = static_cast<sockaddr*>(static_cast<void*>(&where));
  if (::bind(listener_, address, size) != 0 || ::listen(listener_, 64) != 0 || ::getsockname(listener_, address, &size) != 0)
    throw std::runtime_error("no listener on loopback");
  port_ = ntohs(where.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

scripted_service::~scripted_service() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  for (const auto each : held_)
    ::close(each);
}

std::vector<seen> scripted_service::requests() {
  const std::lock_guard lock{guard_};
  return requests_;
}

bool scripted_service::asked(std::size_t count) {
  std::unique_lock lock{guard_};
  return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return requests_.size() >= count; });
}

void scripted_service::serve() {
  for (;;) {
    const auto connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0)
      return;
    const timeval patience{20, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    answer(connection);
  }
}

void scripted_service::answer(int connection) {
  std::string input;
  std::size_t whole = input.npos;
  std::size_t body = 0;
  while (input.size() < whole) {
    std::array<char, 4096> piece;
    const auto count = ::recv(connection, piece.data(), piece.size(), 0);
    if (count <= 0) {
      ::close(connection);
      return;
    }
    input.append(piece.data(), static_cast<std::size_t>(count));
    if (const auto end = input.find("\r\n\r\n"); whole == input.npos && end != input.npos) {
      body = end + 4;
      whole = body + length_told(std::string_view{input}.substr(0, end));
    }
  }
  seen what{input.substr(0, body), input.substr(body)};
  std::size_t number = 0;
  {
    const std::lock_guard lock{guard_};
    number = requests_.size();
    requests_.push_back(what);
    changed_.notify_all();
  }
  const auto answer = how_(what, number);
  if (!answer) {
    held_.push_back(connection);
    return;
  }
  for (std::string_view rest = *answer; !rest.empty();) {
    const auto count = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count <= 0)
      break;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  ::close(connection);
}

std::string http(unsigned status, std::string_view body, std::string_view further_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " As Scripted\r\nContent-Length: " + std::to_string(body.size())
         + "\r\nConnection: close\r\n" + std::string{further_headers} + "\r\n" + std::string{body};
}

} // namespace aws_test
