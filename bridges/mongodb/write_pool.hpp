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
  std::function<void(expected<written>)> done; ///< called once, by one of the write_pool's threads; not after its end
};

/// The threads that make writes, each one at a time, and that look after the servers while these cannot be reached.
///
/// The library cannot be interrupted: what is under way at the end is given its time, and a thread that is still in the
/// library then is left to itself, with all that it needs.
class write_pool : public std::enable_shared_from_this<write_pool> {
public:
  write_pool(config settings, std::shared_ptr<link_watch> link, std::uint64_t seed);

  /// Starts the threads and returns after their end, or after `close_within` from `stop` on. Called once, on a thread that
  /// may be blocked.
  void run();

  /// Takes a write. The caller bounds how many there are. Any thread.
  void take(order work);

  /// Drops what was not begun, and what is under way once it is done. Any thread.
  void stop();

private:
  void work() noexcept;
  /// Whether there is an order, nothing: a look at the servers is due. False once it is to stop.
  [[nodiscard]] bool next(std::optional<order>& work);
  void look();

  const config config_;
  const std::shared_ptr<link_watch> link_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::condition_variable ended_;
  session session_;
  std::deque<order> waiting_; // below guard_, as what follows
  std::size_t working_ = 0;   ///< threads
  bool looking_ = false;
  bool stopping_ = false;
  policies::backoff look_backoff_;
  instant look_at_;
};

} // namespace troupe::mongodb
