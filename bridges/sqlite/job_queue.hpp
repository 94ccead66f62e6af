#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include <troupe/bridges/sqlite/job.hpp>

namespace troupe::sqlite {

/// The bounds of the jobs that wait for a thread of the database.
struct queue_bounds {
  std::size_t jobs = 4096;
  std::size_t bytes = std::size_t{64} << 20U;
};

/// Jobs on their way to one thread, in order. Any thread puts, one thread takes.
class job_queue {
public:
  explicit job_queue(queue_bounds bounds) : bounds_(bounds) {}

  /// Accepts the job, or completes it at once with `overloaded` or `shutting_down`.
  void put(job_ptr added);

  /// Waits for jobs and takes up to `at_most` of them; none once the queue is closed and empty.
  std::vector<job_ptr> take(std::size_t at_most);

  /// Accepts no more jobs. Those that wait can still be taken.
  void close();

private:
  const queue_bounds bounds_;
  std::mutex guard_;
  std::condition_variable filled_;
  std::vector<job_ptr> waiting_; // below guard_, as all that follows
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

} // namespace troupe::sqlite
