#include <troupe/bridges/grpc/engine/listening.hpp>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe::grpc {

namespace {

using address_list = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

/// The addresses of a name or a literal, or what is wrong with it.
expected<address_list> bindable_addresses(const std::string& name, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const auto error = getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
    return failure{errc::invalid, gai_strerror(error)};
  return address_list{found, &freeaddrinfo};
}

/// An address with the port that the first socket got.
struct bindable {
  sockaddr_storage where{};
  socklen_t length = 0;

  explicit bindable(const addrinfo& address) : length(address.ai_addrlen) {
    std::memcpy(&where, address.ai_addr, address.ai_addrlen);
  }

  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&where); } // NOLINT: the system's form

  void set_port(std::uint16_t port) noexcept { this->port() = htons(port); }
  [[nodiscard]] std::uint16_t& port() noexcept {
    void* const any = &where;
    return where.ss_family == AF_INET6 ? static_cast<sockaddr_in6*>(any)->sin6_port
                                       : static_cast<sockaddr_in*>(any)->sin_port;
  }
};

void set(int socket, int level, int option, int value) {
  // None of them is needed to serve.
  static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

/// Listens, and sets the port. None: `errno` says why. Accepted sockets inherit that they do not wait to fill packets.
descriptor listen_at(bindable& at, bool both_families) {
  descriptor made{::socket(at.where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)};
  if (!made)
    return made;
  set(made.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  set(made.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (at.where.ss_family == AF_INET6)
    set(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1);
  if (::bind(made.get(), at.get(), at.length) == 0 && ::listen(made.get(), SOMAXCONN) == 0
      && ::getsockname(made.get(), at.get(), &at.length) == 0)
    return made;
  const int why = errno;
  made = descriptor{};
  errno = why;
  return made;
}

failure cannot_listen(const endpoint& where, errc code, const std::string& why) {
  return {code, "cannot listen on " + to_string(where) + ": " + why};
}

expected<listening> listen_on_all(const endpoint& where, const std::string& address, bool both_families) {
  const auto found = bindable_addresses(address, where.port);
  if (!found)
    return cannot_listen(where, found.error().code, found.error().reason);
  listening result{{}, where.port};
  for (const auto* each = found->get(); each != nullptr; each = each->ai_next) {
    bindable at{*each};
    at.set_port(result.port);
    auto made = listen_at(at, both_families);
    if (!made)
      return cannot_listen(where, errno == EADDRINUSE ? errc::locked : errc::invalid,
                           std::generic_category().message(errno));
    result.port = ntohs(at.port());
    result.sockets.push_back(std::move(made));
  }
  return result;
}

/// Whether the system has the family, which may be compiled in and turned off.
bool has_ipv6() {
  const descriptor tried{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto loopback = bindable_addresses("::1", 0);
  return tried && loopback && ::bind(tried.get(), (*loopback)->ai_addr, (*loopback)->ai_addrlen) == 0;
}

} // namespace

expected<listening> listen_on(const endpoint& where) {
  if (where.address != "0.0.0.0" && where.address != "::")
    return listen_on_all(where, where.address, false);
  return has_ipv6() ? listen_on_all(where, "::", true) : listen_on_all(where, "0.0.0.0", false);
}

} // namespace troupe::grpc
