#include <troupe/bridges/sqlite/checkpointer.hpp>

#include <chrono>
#include <string>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/sqlite/lock_holders.hpp>

namespace troupe::sqlite {

namespace {

constexpr auto check_every = std::chrono::seconds{1};
constexpr std::int64_t mebibyte = std::int64_t{1} << 20U;

// It reads the file, so that the connection knows of the log; while it is open, no other one is the last to be closed, which
// would remove the log.
std::int64_t page_bytes_of(connection& on) {
  const auto found = on.number("SELECT page_size FROM pragma_page_size, process", 0);
  return found.has_value() ? *found : 0; // which a file that cannot be read has not
}

} // namespace

checkpointer::checkpointer(std::filesystem::path file, connection on, file_identity files,
                           std::shared_ptr<file_health> health, observer_ptr watcher)
  : file_(std::move(file)),
    on_(std::move(on)),
    files_(std::move(files)),
    health_(std::move(health)),
    watcher_(std::move(watcher)),
    log_bytes_(watcher_->make_gauge("troupe_sqlite_log_bytes",
                                    "The log of the data file, while it is not in the file as a whole.", {})),
    page_bytes_(page_bytes_of(on_)),
    thread_([this] { work(); }) {}

checkpointer::~checkpointer() {
  {
    const std::lock_guard lock{guard_};
    closed_ = true;
  }
  called_.notify_one();
  thread_.join();
}

bool checkpointer::committed(int pages) {
  const std::lock_guard lock{guard_};
  log_.committed(pages);
  if (log_.due())
    called_.notify_one();
  return log_.take_finish();
}

void checkpointer::finished(const log_progress& found) {
  const std::lock_guard lock{guard_};
  log_.moved(found);
}

void checkpointer::work() {
  pthread_setname_np(pthread_self(), "troupe-db-log");
  std::unique_lock lock{guard_};
  while (wait(lock)) {
    const bool moving = log_.due() || log_.due_again();
    lock.unlock();
    if (moving)
      move();
    look_at_log();
    look_at_files();
    lock.lock();
  }
}

// Returns whether to go on; at the latest after a second.
bool checkpointer::wait(std::unique_lock<std::mutex>& lock) {
  called_.wait_for(lock, check_every, [this] { return closed_ || log_.due(); });
  return !closed_;
}

void checkpointer::move() {
  const auto found = on_.checkpoint(connection::checkpoint_mode::passive);
  if (found.has_error()) // nothing is lost: the log still holds everything
    return;
  const std::lock_guard lock{guard_};
  log_.moved(*found);
}

void checkpointer::look_at_log() {
  std::unique_lock lock{guard_};
  const auto bytes = log_.pages() * page_bytes_;
  const bool is_long = log_.is_long();
  const bool held_up = log_.held_up();
  lock.unlock();
  log_bytes_.set(static_cast<double>(bytes));
  if (!is_long) {
    health_->log.works();
    if (of_log_.over())
      say(severity::info, "the log of " + file_.string() + " is in the file again");
    return;
  }
  const auto why = why_long(bytes, held_up);
  health_->log.fails({errc::unavailable, why});
  if (of_log_.due(steady_now()))
    say(severity::warning, why);
}

void checkpointer::look_at_files() {
  const auto found = files_.verify();
  if (found.has_error()) {
    health_->files.fails(found.error());
    if (of_files_.due(steady_now()))
      say(severity::error, found.error().reason);
    return;
  }
  health_->files.works();
  if (of_files_.over())
    say(severity::info, file_.string() + " and its log are in their places again");
}

std::string checkpointer::why_long(std::int64_t bytes, bool held_up) const {
  const auto begin = "the log of " + file_.string() + " has " + std::to_string(bytes / mebibyte) + " MiB and grows, ";
  if (!held_up)
    return begin + "because more is written than the disk can move into the file";
  const auto readers = others_at(file_, access_kind::reading);
  if (readers.empty())
    return begin + "because a program reads the file in one long transaction: find it (fuser -v " + file_.string()
           + ") and end it";
  return begin + "because of a long read transaction in " + readers + ": end that process or its transaction";
}

void checkpointer::say(severity level, const std::string& text) const {
  watcher_->log(level, {"troupe", "data"}, text);
}

} // namespace troupe::sqlite
