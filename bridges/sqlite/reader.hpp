#pragma once

#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/bridges/sqlite/job_queue.hpp>

namespace troupe::sqlite {

/// The one thread that reads, so that reads never wait behind a sync. A job sees everything that was committed before it was
/// submitted.
class reader {
public:
  reader(std::filesystem::path file, connection on, queue_bounds bounds);
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;
  /// Finishes the accepted jobs, then joins.
  ~reader();

  void submit(job_ptr added) { queue_.put(std::move(added)); }

  /// Accepts no more jobs.
  void close() { queue_.close(); }

  /// Whether the caller is the thread.
  [[nodiscard]] bool is_current() const noexcept { return thread_.get_id() == std::this_thread::get_id(); }

private:
  void work();
  expected<void> run(job& current);

  const std::filesystem::path file_;
  job_queue queue_;
  std::optional<connection> on_; ///< the thread's; none while the file cannot be opened again
  std::thread thread_;           // last: it uses everything above
};

} // namespace troupe::sqlite
