#include <troupe/bridges/mongodb/write_pool.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

namespace troupe::mongodb {

namespace {

using clock = std::chrono::steady_clock;

// A check of servers that are away waits for them itself; this is between checks that fail at once, and writes wait for it.
constexpr policies::backoff_config check_again{std::chrono::milliseconds{100}, std::chrono::seconds{2}, 0.2};
constexpr auto longest_rest = std::chrono::seconds{1}; // until it is checked whether the link still works

} // namespace

write_pool::write_pool(config settings, std::shared_ptr<link_watch> link, std::uint64_t seed)
  : config_(std::move(settings)),
    link_(std::move(link)),
    session_(config_, link_, seed),
    check_backoff_(check_again, seed),
    check_at_(clock::now()) {}

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
    link_->say(severity::warning, "a write is still under way at the end; its outcome is known when it is repeated");
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
  std::deque<order> dropped; // its functions may own objects that take the lock
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
      check();
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
  if (working_ == 1) { // the last one ends the connections, which may take long too
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
    if (!checking_ && !link_->connected() && now >= check_at_) {
      checking_ = true;
      return true;
    }
    changed_.wait_for(lock,
                      link_->connected() || checking_ ? longest_rest : std::min<duration>(longest_rest, check_at_ - now));
  }
}

// Readiness waits for the servers to be reachable again, so that this is not left to the next write.
void write_pool::check() {
  try {
    session_.check();
  } catch (const std::exception& thrown) {
    link_->link_fails({errc::unavailable, thrown.what()});
  }
  const std::lock_guard lock{guard_};
  checking_ = false;
  const auto now = clock::now();
  if (link_->connected())
    check_backoff_.reset();
  check_at_ = now + check_backoff_.next(now);
}

} // namespace troupe::mongodb
