#include <troupe/deploy/host/process/last_words.hpp>

#include <atomic>
#include <csignal>
#include <cstring>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace troupe::host {

namespace {

constexpr std::string_view any_limit = "a library gave up, or the system gave no more threads, memory or files: see "
                                       "pids.max, RLIMIT_NPROC, RLIMIT_AS, RLIMIT_NOFILE";
std::atomic_flag said;
std::string own_name = "troupe"; // NOLINT(cert-err58-cpp): set before there is a second thread

// A second caller waits for the end that the first one brings. Nothing here needs memory.
[[noreturn]] void end_with(std::string_view why) noexcept {
  if (said.test_and_set())
    while (true)
      ::pause();
  for (const std::string_view part :
       {std::string_view{own_name}, std::string_view{": cannot go on: "}, why, std::string_view{"\n"}})
    static_cast<void>(!::write(STDERR_FILENO, part.data(), part.size()));
  ::_exit(1);
}

[[noreturn]] void on_terminate() noexcept {
  try {
    if (const auto problem = std::current_exception())
      std::rethrow_exception(problem);
  } catch (const std::bad_alloc&) {
    end_with("there is no more memory");
  } catch (const std::exception& problem) {
    end_with(words_of(problem));
  } catch (...) {
  }
  end_with(any_limit);
}

extern "C" void on_abort(int) {
  end_with(any_limit);
}

} // namespace

std::string words_of(const std::exception& problem) {
  if (dynamic_cast<const std::bad_alloc*>(&problem) != nullptr)
    return "there is no more memory: see RLIMIT_AS and the limit of the container";
  const auto* const of_system = dynamic_cast<const std::system_error*>(&problem);
  if (of_system == nullptr)
    return problem.what();
  if (of_system->code() == std::errc::resource_unavailable_try_again)
    return "the system gives no more threads: see pids.max, RLIMIT_NPROC and RLIMIT_AS";
  if (of_system->code() == std::errc::too_many_files_open)
    return "the system allows no more open files: see RLIMIT_NOFILE";
  return problem.what();
}

const std::string& program_name() noexcept {
  return own_name;
}

void end_with_one_line(std::string program) noexcept {
  own_name = std::move(program);
  std::set_terminate(on_terminate);
  struct sigaction action {};
  action.sa_handler = on_abort;
  sigaction(SIGABRT, &action, nullptr);
}

} // namespace troupe::host
