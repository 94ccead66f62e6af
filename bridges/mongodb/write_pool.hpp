#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <troupe/bridges/mongodb/session.hpp>
#include <troupe/messages/values/document.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::mongodb {

/// A write to be made.
struct order {
  std::vector<document> documents;
  std::function<void(expected<written>)> done; ///< called once, by one of the pool's threads; not after its end
};

/// The threads that write, each one write at a time, and that check the servers while these cannot be reached.
///
/// The library cannot be interrupted: writes under way at the end are given `close_within`, and a thread that is in the
/// library after that is detached; it owns all that it uses.
class write_pool : public std::enable_shared_from_this<write_pool> {
public:
  write_pool(config settings, std::shared_ptr<link_watch> link, std::uint64_t seed);

  /// Starts the threads and returns after their end, or after `close_within` from `stop` on. Called once, on a thread that
  /// may be blocked.
  void run();

  /// Accepts a write. The caller bounds their number. Any thread.
  void take(order work);

  /// Drops the writes that have not begun, and the outcomes of those under way. Any thread.
  void stop();

private:
  void work() noexcept;
  /// Waits for an order; none: a check of the servers is due. Returns false once it is to stop.
  [[nodiscard]] bool next(std::optional<order>& work);
  void check();

  const config config_;
  const std::shared_ptr<link_watch> link_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::condition_variable ended_;
  session session_;
  std::deque<order> waiting_; // below guard_, as what follows
  std::size_t working_ = 0;   ///< threads
  bool checking_ = false;
  bool stopping_ = false;
  policies::backoff check_backoff_;
  instant check_at_;
};

} // namespace troupe::mongodb
