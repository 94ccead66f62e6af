#include <troupe/deploy/host/process/rehearsal.hpp>

#include <latch>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <sys/mman.h>

namespace troupe::host {

namespace {

// Actors' clock, metrics, log, file, two listeners, a rendering of each, and the watch of the end.
constexpr std::size_t own_threads = 11;
constexpr std::size_t grpc_threads = 6;
constexpr std::size_t grpc_threads_of_processor = 2;
constexpr std::size_t start_bytes = 64U << 20U;

// Threads that exist until it is destroyed.
class crowd {
public:
  explicit crowd(std::size_t size) { members_.reserve(size); }
  ~crowd() {
    dismissed_.count_down();
    for (auto& each : members_)
      each.join();
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  /// Whether there is one more.
  bool grow() {
    try {
      members_.emplace_back([this] { dismissed_.wait(); });
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

private:
  std::latch dismissed_{1};
  std::vector<std::thread> members_;
};

bool can_map(std::size_t bytes) noexcept {
  auto* const room = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return room != MAP_FAILED && ::munmap(room, bytes) == 0;
}

} // namespace

resident_needs resident_needs_of(const process_plan& plan, unsigned processors) noexcept {
  const auto of_grpc = plan.serves_grpc || !plan.peers.empty() ? grpc_threads + grpc_threads_of_processor * processors : 0;
  return {.threads = own_threads + processors + of_grpc, .bytes = start_bytes};
}

expected<void> rehearse(const resident_needs& needs) {
  crowd all{needs.threads};
  for (std::size_t count = 0; count < needs.threads; ++count)
    if (!all.grow())
      return failure{errc::invalid, "the system gives " + std::to_string(count) + " threads, and "
                                      + std::to_string(needs.threads)
                                      + " are needed: see pids.max, RLIMIT_NPROC and RLIMIT_AS"};
  if (!can_map(needs.bytes))
    return failure{errc::invalid, "the system gives less than the " + std::to_string(needs.bytes >> 20U)
                                    + " MiB of memory that a start needs: see RLIMIT_AS"};
  return {};
}

} // namespace troupe::host
