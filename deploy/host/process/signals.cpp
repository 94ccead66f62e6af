#include <troupe/deploy/host/process/signals.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <troupe/deploy/host/process/last_words.hpp>

namespace troupe::host {

namespace {

// What a handler may touch.
std::atomic<int> times_asked{0};
std::atomic<int> wake_descriptor{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void write_to(int descriptor) noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(descriptor, &one, sizeof one));
}

extern "C" void on_ending_signal(int) {
  const auto error = errno;
  if (times_asked.fetch_add(1) > 0) {
    static constexpr std::string_view text = ": asked twice to end; what was unfinished stays unsettled\n";
    static_cast<void>(!::write(STDERR_FILENO, program_name().data(), program_name().size()));
    static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
    ::_exit(1);
  }
  write_to(wake_descriptor.load());
  errno = error;
}

} // namespace

signals::signals() : descriptor_(::eventfd(0, EFD_CLOEXEC)) {
  if (descriptor_ < 0)
    throw std::system_error{errno, std::generic_category(), "eventfd"};
  wake_descriptor.store(descriptor_);
  struct sigaction action {};
  action.sa_handler = on_ending_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  action.sa_handler = SIG_IGN;
  for (const auto harmless : {SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD})
    sigaction(harmless, &action, nullptr);
  // Those that had ended before; ignoring SIGCHLD is for later ones (POSIX, wait).
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

signals::~signals() {
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  ::close(descriptor_);
}

void signals::wait() const {
  std::uint64_t wakes = 0;
  while (::read(descriptor_, &wakes, sizeof wakes) < 0 && errno == EINTR) {
  }
}

void signals::wait(std::chrono::milliseconds at_most) const {
  pollfd woken{.fd = descriptor_, .events = POLLIN, .revents = 0};
  if (::poll(&woken, 1, static_cast<int>(at_most.count())) > 0) // a signal that interrupts it has written too
    wait();
}

bool signals::asked() noexcept {
  return times_asked.load() > 0;
}

void signals::wake() const noexcept {
  write_to(descriptor_);
}

} // namespace troupe::host
