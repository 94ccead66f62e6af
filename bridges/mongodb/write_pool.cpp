#include <troupe/bridges/mongodb/write_pool.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

namespace troupe::mongodb {

namespace {

using clock = std::chrono::steady_clock;

// A look at servers that are away waits for them by itself; this is between looks that fail at once, and writes wait for it.
constexpr policies::backoff_config look_again{std::chrono::milliseconds{100}, std::chrono::seconds{2}, 0.2};
constexpr auto longest_rest = std::chrono::seconds{1}; // until a look at whether the link still works

} // namespace

write_pool::write_pool(config settings, std::shared_ptr<link_watch> link, std::uint64_t seed)
  : config_(std::move(settings)),
    link_(std::move(link)),
    session_(config_, link_, seed),
    look_backoff_(look_again, seed),
    look_at_(clock::now()) {}

void write_pool::run() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock{guard_};
    for (; working_ < config_.connections; ++working_)
      threads.emplace_back([me = shared_from_this()] {
        pthread_setname_np(pthread_self(), "troupe-mongodb");
        me->work();
      });
  }
  bool all = false;
  {
    std::unique_lock lock{guard_};
    ended_.wait(lock, [this] { return stopping_; });
    all = ended_.wait_for(lock, config_.close_within, [this] { return working_ == 0; });
  }
  if (!all)
    link_->say(severity::warning, "a write is still under way at the end; whether it is done is seen when it comes again");
  for (auto& each : threads)
    if (all)
      each.join();
    else
      each.detach();
}

void write_pool::take(order work) {
  const std::lock_guard lock{guard_};
  waiting_.push_back(std::move(work));
  changed_.notify_one();
}

void write_pool::stop() {
  std::deque<order> dropped; // its functions may own what wants our lock
  const std::lock_guard lock{guard_};
  stopping_ = true;
  dropped.swap(waiting_);
  changed_.notify_all();
  ended_.notify_all();
}

void write_pool::work() noexcept {
  std::optional<order> work;
  while (next(work)) {
    if (!work) {
      look();
      continue;
    }
    auto outcome = [&]() -> expected<written> {
      try {
        return session_.write(work->documents);
      } catch (const std::exception& thrown) { // no memory, as a rule
        return failure{errc::unavailable, thrown.what()};
      }
    }();
    work->done(std::move(outcome));
    work.reset();
  }
  std::unique_lock lock{guard_};
  if (working_ == 1) { // the last one ends the connections, which may take its time too
    lock.unlock();
    session_.close();
    lock.lock();
  }
  --working_;
  ended_.notify_all();
}

bool write_pool::next(std::optional<order>& work) {
  std::unique_lock lock{guard_};
  for (;;) {
    if (stopping_)
      return false;
    if (!waiting_.empty()) {
      work = std::move(waiting_.front());
      waiting_.pop_front();
      return true;
    }
    const auto now = clock::now();
    if (!looking_ && !link_->connected() && now >= look_at_) {
      looking_ = true;
      return true;
    }
    changed_.wait_for(lock,
                      link_->connected() || looking_ ? longest_rest : std::min<duration>(longest_rest, look_at_ - now));
  }
}

// Whether the servers can be reached again is not left to the next write: readiness waits for it.
void write_pool::look() {
  try {
    session_.check();
  } catch (const std::exception& thrown) {
    link_->link_fails({errc::unavailable, thrown.what()});
  }
  const std::lock_guard lock{guard_};
  looking_ = false;
  const auto now = clock::now();
  if (link_->connected())
    look_backoff_.reset();
  look_at_ = now + look_backoff_.next(now);
}

} // namespace troupe::mongodb
