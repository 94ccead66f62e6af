#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <troupe/bridges/aws/credential_keeper.hpp>
#include <troupe/bridges/aws/transport.hpp>

namespace troupe::aws {

/// Why the latest attempt failed, for callers that cannot wait for the end of a read. Any thread.
class last_word {
public:
  void say(failure why) {
    const std::lock_guard lock{guard_};
    said_ = std::move(why);
  }
  [[nodiscard]] std::optional<failure> heard() const {
    const std::lock_guard lock{guard_};
    return said_;
  }

private:
  mutable std::mutex guard_;
  std::optional<failure> said_;
};

/// A secret to be fetched.
struct secret_fetch {
  secret_reference reference;
  instant until; ///< no attempt begins later
  std::shared_ptr<last_word> word;
  std::function<void(expected<secret_value>)> done; ///< called once, by the worker's thread
};

/// The bridge's one thread. It makes one attempt at a time, and while one read waits for its next attempt others have
/// theirs.
class worker {
public:
  /// Throws `std::runtime_error` as `transport` does. Log lines are `service`'s.
  worker(config settings, observer_ptr watcher, std::string service, std::string actor, std::uint64_t seed);

  /// Breaks off what is under way and ends all reads with `shutting_down`.
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Takes a read. The caller bounds how many there are. Any thread.
  void take(secret_fetch order);

private:
  struct waiting {
    secret_fetch order;
    policies::backoff backoff;
    instant due;
    bool renewed = false; ///< credentials were refused once already
  };

  // The outcome of an attempt: the end of its read, or when the next one is due.
  struct attempt {
    expected<secret_value> outcome;
    duration retry_after{};
  };

  void run();
  [[nodiscard]] std::optional<waiting> next();
  void serve(waiting queued);
  attempt try_once(const secret_fetch& order);
  void put_back(waiting queued);
  static void end(waiting& queued, expected<secret_value> outcome);

  const config config_;
  const std::string service_;
  const std::string actor_;
  observer_ptr watcher_;
  counter& attempts_;
  counter& retries_;
  transport transport_;
  credential_keeper keeper_;
  std::uint64_t seed_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<waiting> waiting_; // below guard_, as what follows
  bool stopping_ = false;
  std::thread thread_; // last: it uses all of it
};

} // namespace troupe::aws
