#include <troupe/bridges/grpc/engine/name_watch.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace troupe::grpc {

std::vector<std::string> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &first) != 0)
    return {};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{first, &freeaddrinfo};
  std::vector<std::string> result;
  for (const auto* each = first; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      result.emplace_back(text.data());
  }
  std::ranges::sort(result);
  return result;
}

bool is_literal_address(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* first = nullptr;
  const bool literal = getaddrinfo(host.c_str(), nullptr, &hints, &first) == 0;
  if (literal)
    freeaddrinfo(first);
  return literal;
}

struct name_watch::shared {
  lookup how;
  duration every;
  change_handler changed;
  std::mutex guard;
  std::condition_variable stopping;
  bool stopped = false;
};

bool name_watch::start(lookup how, duration every, change_handler changed) {
  shared_ = std::make_shared<shared>();
  shared_->how = std::move(how);
  shared_->every = every;
  shared_->changed = std::move(changed);
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all); // signals are the program's business: the thread takes none
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    // Let go of, because a lookup may block for longer than the end can wait.
    std::thread{[state = shared_] { run(state); }}.detach();
  } catch (const std::system_error&) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

name_watch::~name_watch() {
  if (!shared_)
    return;
  const std::scoped_lock lock{shared_->guard};
  shared_->stopped = true;
  shared_->stopping.notify_all();
}

void name_watch::run(const std::shared_ptr<shared>& state) {
  std::vector<std::string> known;
  for (;;) {
    auto now = state->how();
    std::unique_lock lock{state->guard};
    if (state->stopped)
      return;
    if (!now.empty() && now != known && !std::exchange(known, std::move(now)).empty())
      state->changed();
    if (state->stopping.wait_for(lock, state->every, [&state] { return state->stopped; }))
      return;
  }
}

} // namespace troupe::grpc
