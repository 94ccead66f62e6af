#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <troupe/bridges/sqlite/checkpointer.hpp>
#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/bridges/sqlite/job_queue.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::sqlite {

/// The one thread that writes. Jobs that wait together commit together; one that fails is undone alone.
class writer {
public:
  /// `log` outlives it.
  writer(std::filesystem::path file, connection on, file_identity files, std::shared_ptr<file_health> health,
         checkpointer& log, queue_bounds bounds, observer& watcher);
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  /// Finishes the accepted jobs, then joins.
  ~writer();

  void submit(job_ptr added) { queue_.put(std::move(added)); }

  /// Accepts no more jobs.
  void close() { queue_.close(); }

  /// Whether the caller is the thread.
  [[nodiscard]] bool is_current() const noexcept { return thread_.get_id() == std::this_thread::get_id(); }

private:
  void work();
  void commit(std::vector<job_ptr> group);
  expected<void> commit_group(const std::vector<job_ptr>& group, std::vector<expected<void>>& outcomes);
  expected<void> begin(const std::vector<job_ptr>& group);
  expected<void> run_alone(job& current);
  void recover();
  expected<void> reopen();
  void tend_log();
  expected<void> still_there();
  void report(const failure& why);

  const std::filesystem::path file_;
  const file_identity files_;
  const std::shared_ptr<file_health> health_;
  checkpointer& log_;
  observer& watcher_;
  job_queue queue_;
  std::optional<connection> on_; ///< the thread's; none while the file cannot be opened again
  reminder failing_;
  counter& commits_;
  counter& failed_commits_;
  counter& committed_jobs_;
  histogram& commit_duration_;
  std::thread thread_; // last: it uses everything above
};

/// Applies the settings of a writing connection.
expected<void> prepare_writing(connection& on);

} // namespace troupe::sqlite
