#include <troupe/bridges/sqlite/reader.hpp>

#include <exception>
#include <utility>

#include <pthread.h>

namespace troupe::sqlite {

namespace {

constexpr std::size_t largest_group = 64;

expected<void> run_in_snapshot(connection& on, job& current) {
  if (auto begun = on.run("BEGIN"); begun.has_error())
    return begun;
  expected<void> done;
  try {
    done = current.run(on);
  } catch (const std::exception& thrown) {
    done = failure{errc::internal, thrown.what()};
  }
  auto ended = on.run("COMMIT");
  return done.has_error() ? done : ended;
}

} // namespace

reader::reader(std::filesystem::path file, connection on, queue_bounds bounds)
  : file_(std::move(file)), queue_(bounds), on_(std::move(on)), thread_([this] { work(); }) {}

reader::~reader() {
  close();
  thread_.join();
}

void reader::work() {
  pthread_setname_np(pthread_self(), "troupe-db-read");
  for (auto group = queue_.take(largest_group); !group.empty(); group = queue_.take(largest_group))
    for (auto& each : group)
      each->completed(run(*each));
}

expected<void> reader::run(job& current) {
  if (!on_) {
    auto opened = connection::open(file_, access::read);
    if (opened.has_error())
      return opened.error();
    on_.emplace(std::move(*opened));
  }
  auto done = run_in_snapshot(*on_, current);
  if (on_->doubted() || on_->in_transaction())
    on_.reset();
  return done;
}

} // namespace troupe::sqlite
