#include <troupe/bridges/sqlite/job_queue.hpp>

#include <iterator>
#include <utility>

namespace troupe::sqlite {

void job_queue::put(job_ptr added) {
  const auto weight = added->weight();
  failure refused{errc::none, {}};
  {
    const std::lock_guard lock{guard_};
    if (closed_) {
      refused = {errc::shutting_down, "the database is closing"};
    } else if (waiting_.size() >= bounds_.jobs || (bytes_ + weight > bounds_.bytes && !waiting_.empty())) {
      refused = {errc::overloaded, "too many writes or reads wait for the database"};
    } else {
      bytes_ += weight;
      waiting_.push_back(std::move(added));
      // Under the lock: once the job can be taken, it may drop the last owner of this queue.
      filled_.notify_one();
      return;
    }
  }
  added->completed(refused);
}

std::vector<job_ptr> job_queue::take(std::size_t at_most) {
  std::unique_lock lock{guard_};
  filled_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
  if (waiting_.size() <= at_most) {
    bytes_ = 0;
    return std::exchange(waiting_, {});
  }
  const auto end = std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(at_most));
  std::vector<job_ptr> taken{std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end)};
  waiting_.erase(waiting_.begin(), end);
  for (const auto& each : taken)
    bytes_ -= each->weight();
  return taken;
}

void job_queue::close() {
  {
    const std::lock_guard lock{guard_};
    closed_ = true;
  }
  filled_.notify_one();
}

} // namespace troupe::sqlite
