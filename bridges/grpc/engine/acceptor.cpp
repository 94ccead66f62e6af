#include <troupe/bridges/grpc/engine/acceptor.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace troupe::grpc {

namespace {

// Each closed connection is found within this time; a look at each costs less than a microsecond.
constexpr auto between_looks = std::chrono::milliseconds{20};
// While the system refuses to accept, which it may stop to do any moment.
constexpr auto between_attempts = std::chrono::milliseconds{100};

std::optional<ino_t> serial_of(int socket) noexcept {
  struct stat found {};
  if (::fstat(socket, &found) != 0 || !S_ISSOCK(found.st_mode))
    return std::nullopt;
  return found.st_ino;
}

/// Signals are the program's business: the thread that is made meanwhile takes none.
class without_signals {
public:
  without_signals() noexcept {
    sigset_t all{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~without_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  without_signals(const without_signals&) = delete;
  without_signals& operator=(const without_signals&) = delete;

private:
  sigset_t before_{};
};

counter& refusals(const acceptor_options& options, std::string_view reason) {
  return options.watcher->make_counter("troupe_grpc_connections_refused_total",
                                       "Connections that were not served, by reason.",
                                       {{"service", options.service}, {"reason", reason}});
}

} // namespace

// -- given_connections

bool given_connections::has_room(instant now) {
  if (given_.size() < bound_)
    return true;
  if (now < look_again_)
    return false;
  look_again_ = now + between_looks;
  std::erase_if(given_, [](const one& each) { return serial_of(each.socket) != each.serial; });
  return given_.size() < bound_;
}

void given_connections::add(int socket) {
  if (const auto serial = serial_of(socket))
    given_.push_back({socket, *serial});
}

// -- acceptor

acceptor::acceptor(listening where, acceptor_options options, receiver to)
  : options_(std::move(options)),
    to_(std::move(to)),
    refused_by_bound_(refusals(options_, "connection_bound")),
    refused_by_system_(refusals(options_, "system")),
    given_(options_.connections),
    sockets_(std::move(where.sockets)) {}

expected<void> acceptor::start() {
  const auto none_left = [](const std::string& why) {
    return failure{errc::unavailable, "connections cannot be accepted: " + why};
  };
  stop_ = descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!stop_)
    return none_left(std::generic_category().message(errno));
  const without_signals quiet;
  try {
    thread_ = std::thread{[this] { run(); }};
  } catch (const std::system_error& why) {
    return none_left(why.code().message());
  }
  return {};
}

void acceptor::stop() {
  const std::scoped_lock lock{guard_};
  if (thread_.joinable()) {
    static_cast<void>(::eventfd_write(stop_.get(), 1));
    thread_.join();
  }
  sockets_.clear();
}

void acceptor::run() {
  while (!stopped_within(std::nullopt, true)) {
    bool refused = false;
    for (const auto& each : sockets_)
      refused = accept_all(each.get()) == next_step::wait || refused;
    if (refused && stopped_within(between_attempts, false))
      return;
  }
}

/// Waits for the end, for connections too where wanted, and for `time` at most. Returns whether it is the end.
bool acceptor::stopped_within(std::optional<duration> time, bool sockets_too) {
  std::vector<pollfd> all{{stop_.get(), POLLIN, 0}};
  if (sockets_too)
    for (const auto& each : sockets_)
      all.push_back({each.get(), POLLIN, 0});
  const auto most = time ? static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*time).count()) : -1;
  if (::poll(all.data(), all.size(), most) < 0 && errno != EINTR)
    log_trouble(errno);
  return (all.front().revents & POLLIN) != 0;
}

acceptor::next_step acceptor::accept_all(int socket) {
  for (;;) {
    descriptor connection{::accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (connection) {
      take(std::move(connection));
      continue;
    }
    switch (const int why = errno) {
      case EINTR:
      case ECONNABORTED: // the client has left the backlog; Linux reports the fate of others in the same way
      case EPROTO:
      case EPERM:
      case ENETDOWN:
      case ENETUNREACH:
      case EHOSTDOWN:
      case EHOSTUNREACH:
        continue;
      case EAGAIN:
        return next_step::accept;
      default: // no descriptor or no memory: what is open is still served, and what waits is accepted when something closes
        refused_by_system_.add();
        log_trouble(why);
        return next_step::wait;
    }
  }
}

void acceptor::take(descriptor connection) {
  const bool reserved = options_.first_reserved > 0 && connection.get() >= options_.first_reserved;
  if (reserved || !given_.has_room(steady_now())) {
    refused_by_bound_.add();
    return;
  }
  given_.add(connection.get());
  to_(connection.release());
}

void acceptor::log_trouble(int why) {
  const auto now = steady_now();
  if (logged_ && now < *logged_ + std::chrono::minutes{1})
    return;
  logged_ = now;
  options_.watcher->log(severity::warning, {"grpc", options_.service},
                        "a connection could not be accepted: " + std::generic_category().message(why)
                          + "; it waits until others close, or more descriptors are allowed (ulimit -n)");
}

} // namespace troupe::grpc
