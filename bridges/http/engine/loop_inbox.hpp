#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <troupe/bridges/http/engine/asio.hpp>
#include <troupe/bridges/http/pending_answer.hpp>

namespace troupe::http {

class loop;

/// The only way for other threads to reach an I/O thread. Bounded by the requests in flight. Outlives its loop: once closed
/// it drops what comes.
class loop_inbox final : public answer_sink, public std::enable_shared_from_this<loop_inbox> {
public:
  explicit loop_inbox(loop& owner) : owner_(&owner) {}

  void put(ticket whose, response&& answer) noexcept override;

  /// On the I/O thread, after its last connection.
  void close() noexcept;

private:
  void deliver();

  std::mutex guard_;
  loop* owner_; // null: closed
  std::vector<std::pair<ticket, response>> ready_;
  std::vector<std::pair<ticket, response>> delivering_; // of the I/O thread alone
};

} // namespace troupe::http
