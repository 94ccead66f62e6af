#include <troupe/bridges/otlp/exporter.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <new>
#include <span>
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
    if (ending_ || waiting_.load(std::memory_order_relaxed) >= config_.queue)
      return (ending_ ? ended_early_ : queue_full_).add();
    try {
      queue_.push_back(ended);
    } catch (const std::bad_alloc&) {
      return queue_full_.add();
    }
    waiting_.fetch_add(1, std::memory_order_relaxed);
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
    ended_early_.add(static_cast<double>(waiting_.exchange(0, std::memory_order_relaxed)));
    queue_.clear();
    taken_.clear();
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

  // Until nothing is left, or a batch was not taken. What waits is swapped out: this thread may have to wait for a processor
  // for long, and so does next to nothing under the lock, for which others would wait then.
  void send_all(sender& to, std::unique_lock<std::mutex>& lock) {
    failing_ = false;
    while (!failing_ && !(ending_ && steady_now() >= give_up_at_)) {
      if (taken_.empty())
        taken_.swap(queue_);
      if (taken_.empty())
        return;
      lock.unlock();
      const bool sent = send_batch(to);
      lock.lock();
      failing_ = !sent;
    }
  }

  bool send_batch(sender& to) {
    const auto count = std::min(taken_.size() - sent_, config_.batch);
    const auto batch = std::span{taken_}.subspan(sent_, count);
    waiting_.fetch_sub(count, std::memory_order_relaxed);
    const auto outcome = to.send(batch);
    (outcome ? exported_ : not_taken_).add(static_cast<double>(count));
    report(outcome);
    std::ranges::fill(batch, nullptr);
    sent_ += count;
    if (sent_ == taken_.size()) {
      taken_.clear();
      sent_ = 0;
    }
    return outcome.has_value();
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
  std::atomic<std::size_t> waiting_{0}; ///< spans that are not under way: of the queue, and of what is taken from it
  std::vector<span_record_ptr> taken_;  ///< of the thread alone, as is `sent_`
  std::size_t sent_ = 0;                ///< of them
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
