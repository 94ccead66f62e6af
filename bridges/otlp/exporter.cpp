#include <troupe/bridges/otlp/exporter.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace troupe::otlp {

namespace {

counter& dropped(observer& watcher, std::string_view reason) {
  return watcher.make_counter("troupe_spans_dropped_total", "Spans that were not exported, by reason.",
                              {{"reason", reason}});
}

} // namespace

class exporter::work {
public:
  work(const config& to, make_sender_function make, observer_ptr watcher)
    : config_(to),
      address_(address_of(to)),
      make_(std::move(make)),
      watcher_(std::move(watcher)),
      exported_(watcher_->make_counter("troupe_spans_exported_total", "Spans that a collector has taken.", {})),
      queue_full_(dropped(*watcher_, "queue_full")),
      not_taken_(dropped(*watcher_, "not_taken")),
      ended_early_(dropped(*watcher_, "shutting_down")) {}

  void take(const span_record_ptr& ended) noexcept {
    const std::scoped_lock lock{guard_};
    if (ending_ || queue_.size() >= config_.queue)
      return (ending_ ? ended_early_ : queue_full_).add();
    try {
      queue_.push_back(ended);
    } catch (const std::bad_alloc&) {
      return queue_full_.add();
    }
    waiting_.store(queue_.size(), std::memory_order_relaxed);
    if (queue_.size() == enough_)
      wake_.notify_one();
  }

  [[nodiscard]] bool has_room() const noexcept { return waiting_.load(std::memory_order_relaxed) < room_for_traces_; }

  void run() noexcept {
    try {
      const auto to = make_();
      if (config_.by == protocol::http) // over gRPC it may begin threads that serve others too
        yield_to_others();
      std::unique_lock lock{guard_};
      while (!ending_) {
        const auto full = [this] { return ending_ || (!failing_ && queue_.size() >= enough_); };
        wake_.wait_for(lock, config_.every, full);
        if (!ending_)
          send_all(*to, lock);
      }
      send_all(*to, lock);
    } catch (const std::exception& problem) {
      watcher_->log(severity::error, {"otlp", address_}, std::string{"spans are not exported any more: "} + problem.what());
    }
    const std::scoped_lock lock{guard_};
    ending_ = true;
    ended_early_.add(static_cast<double>(queue_.size()));
    queue_.clear();
    over_ = true;
    done_.notify_all();
  }

  bool end(duration at_most) {
    std::unique_lock lock{guard_};
    ending_ = true;
    give_up_at_ = steady_now() + at_most;
    wake_.notify_all();
    return done_.wait_for(lock, at_most, [this] { return over_; });
  }

private:
  // Leaves the processors to the threads that do the work; what this thread starts does so too.
  static void yield_to_others() noexcept {
    constexpr int least = 19; // nice(2)
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), least);
  }

  // Until nothing is left, or a batch was not taken.
  void send_all(sender& to, std::unique_lock<std::mutex>& lock) {
    failing_ = false;
    while (!queue_.empty() && !failing_ && !(ending_ && steady_now() >= give_up_at_)) {
      const auto count = std::min(queue_.size(), config_.batch);
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
      const std::vector<span_record_ptr> batch{std::make_move_iterator(queue_.begin()), std::make_move_iterator(end)};
      queue_.erase(queue_.begin(), end);
      waiting_.store(queue_.size(), std::memory_order_relaxed);
      lock.unlock();
      const auto outcome = to.send(batch);
      (outcome ? exported_ : not_taken_).add(static_cast<double>(count));
      report(outcome);
      lock.lock();
      failing_ = outcome.has_error();
    }
  }

  // Once for each outage.
  void report(const expected<void>& outcome) {
    if (outcome.has_error() == away_)
      return;
    away_ = outcome.has_error();
    if (away_)
      watcher_->log(severity::warning, {"otlp", address_},
                    "spans cannot be exported to " + address_ + " and are dropped: " + outcome.error().reason);
    else
      watcher_->log(severity::info, {"otlp", address_}, "spans are exported to " + address_ + " again");
  }

  const config config_;
  const std::string address_;
  const std::size_t room_for_traces_ = (config_.queue + 1) / 2;          ///< the rest is for spans of traces that have begun
  const std::size_t enough_ = std::min(config_.batch, room_for_traces_); ///< spans that are sent without waiting for more
  const make_sender_function make_;
  const observer_ptr watcher_; // owns the counters
  counter& exported_;
  counter& queue_full_;
  counter& not_taken_;
  counter& ended_early_;
  std::mutex guard_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<span_record_ptr> queue_;
  std::atomic<std::size_t> waiting_{0}; ///< its size, for who begins a trace
  bool ending_ = false;
  bool failing_ = false;
  bool over_ = false;
  instant give_up_at_ = instant::max();
  bool away_ = false; ///< of the thread alone
};

exporter::exporter(const config& to, make_sender_function make, observer_ptr watcher)
  : work_(std::make_shared<work>(to, std::move(make), std::move(watcher))) {
  std::thread{[work = work_] { work->run(); }}.detach(); // it shares all that it uses
}

exporter::~exporter() {
  work_->end(duration::zero());
}

void exporter::take(const span_record_ptr& ended) noexcept {
  work_->take(ended);
}

bool exporter::has_room() const noexcept {
  return work_->has_room();
}

bool exporter::stop(duration at_most) {
  return work_->end(at_most);
}

} // namespace troupe::otlp
