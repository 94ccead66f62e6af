#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <typeindex>
#include <unordered_map>

#include <troupe/bridges/sqlite/checkpointer.hpp>
#include <troupe/bridges/sqlite/file_health.hpp>
#include <troupe/bridges/sqlite/folder_lock.hpp>
#include <troupe/bridges/sqlite/job.hpp>
#include <troupe/bridges/sqlite/reader.hpp>
#include <troupe/bridges/sqlite/writer.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::sqlite {

struct options {
  std::filesystem::path folder; ///< created if missing; holds `troupe.sqlite` and `troupe.lock`
  wall_clock clock = system_now;
  observer_ptr watcher = silent_observer();
  queue_bounds bounds;
};

/// The connections of an open file, one for each of the database's threads.
struct opened_file {
  connection writing;
  connection reading;
  connection moving_log;
  std::int64_t incarnation;
  file_identity files;
};

/// The one file for all durable state of a process, so that related writes are synced together. Any thread. No job may own
/// it, directly or not: it must end on a thread that is not its own. Its end refuses further jobs, finishes those that it
/// has accepted, joins its threads and closes the file, in this order.
class database {
public:
  database(folder_lock lock, std::filesystem::path file, opened_file opened, options settings);

  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database() = default;

  /// Runs the job with the others that wait, in one transaction, on the writing connection.
  void submit(job_ptr added) { writer_.submit(std::move(added)); }

  /// Runs the job in a snapshot on the reading connection, which never waits for a write.
  void submit_read(job_ptr added) { reader_.submit(std::move(added)); }

  /// Runs `body(connection&)` as a write and waits for its commit. Not from an actor or from a job.
  expected<void> write_and_wait(std::function<expected<void>(connection&)> body);

  /// Runs `body(connection&)` as a read and waits. Not from an actor or from a job.
  expected<void> read_and_wait(std::function<expected<void>(connection&)> body);

  /// How often the file has been opened, this time included: rows of an earlier process have a lower number.
  [[nodiscard]] std::int64_t incarnation() const noexcept { return incarnation_; }

  [[nodiscard]] timestamp now() const { return settings_.clock(); }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

  /// The state of the file. It may outlive the database.
  [[nodiscard]] std::shared_ptr<const file_health> health() const noexcept { return health_; }

  /// The one `T` that all users of this database share; created on first use, kept as long as the database. It must not own
  /// the database.
  template <class T>
  std::shared_ptr<T> companion() {
    const std::lock_guard lock{companions_guard_};
    auto& found = companions_[typeid(T)];
    if (!found)
      found = std::make_shared<T>();
    return std::static_pointer_cast<T>(found);
  }

  /// Whether the caller is one of its threads.
  [[nodiscard]] bool on_own_thread() const noexcept { return writer_.is_current() || reader_.is_current(); }

private:
  const folder_lock lock_; // given back after the file is closed
  const std::filesystem::path file_;
  const options settings_;
  const std::int64_t incarnation_;
  std::mutex companions_guard_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> companions_;
  const std::shared_ptr<file_health> health_ = std::make_shared<file_health>();
  checkpointer log_;
  writer writer_;
  reader reader_; // ends first: its jobs may submit writes
};

using database_ptr = std::shared_ptr<database>;

/// Opens the file of a data folder. Fails with `locked` while another process has it, `newer_schema` for the file of a newer
/// program, `conflict` for another program's file, and `storage_failed` where the folder cannot be written or the file is
/// damaged. Every failure names the folder or the file.
expected<database_ptr> open(options settings);

} // namespace troupe::sqlite
