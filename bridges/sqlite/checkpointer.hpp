#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/bridges/sqlite/file_health.hpp>
#include <troupe/bridges/sqlite/file_identity.hpp>
#include <troupe/bridges/sqlite/log_length.hpp>
#include <troupe/bridges/sqlite/reminder.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::sqlite {

/// The one thread that moves the log into the file, beside the writer. It never waits for a lock. Every second it checks
/// whether the log is too long, and why, and whether the files are still there; it logs both at once and then every minute.
class checkpointer {
public:
  checkpointer(std::filesystem::path file, connection on, file_identity files, std::shared_ptr<file_health> health,
               observer_ptr watcher);
  checkpointer(const checkpointer&) = delete;
  checkpointer& operator=(const checkpointer&) = delete;
  ~checkpointer();

  /// The log has so many pages after a commit. Returns whether the writer is to move the few pages that are left.
  [[nodiscard]] bool committed(int pages);

  /// The progress of the writer with that.
  void finished(const log_progress& found);

private:
  void work();
  bool wait(std::unique_lock<std::mutex>& lock);
  void move();
  void look_at_log();
  void look_at_files();
  [[nodiscard]] std::string why_long(std::int64_t bytes, bool held_up) const;
  void say(severity level, const std::string& text) const;

  const std::filesystem::path file_;
  connection on_; ///< the thread's
  const file_identity files_;
  const std::shared_ptr<file_health> health_;
  const observer_ptr watcher_; ///< keeps the gauge
  gauge& log_bytes_;
  std::int64_t page_bytes_ = 0;
  reminder of_log_;
  reminder of_files_;
  std::mutex guard_;
  std::condition_variable called_;
  log_length log_; // below guard_, as all that follows
  bool closed_ = false;
  std::thread thread_; // last: it uses everything above
};

} // namespace troupe::sqlite
