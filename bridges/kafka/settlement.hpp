#pragma once

#include <cstdint>
#include <vector>

#include <troupe/bridges/kafka/commit_note.hpp>

namespace troupe::kafka {

/// How a member makes its settlements durable: by commits or by transactions.
class settlement {
public:
  settlement() = default;
  settlement(const settlement&) = delete;
  settlement& operator=(const settlement&) = delete;
  virtual ~settlement() = default;

  /// Publishes the dead letters and retries that are due.
  virtual void publish() = 0;
  /// Commits; the work learns the outcome now or later.
  virtual void commit(const std::vector<commit_entry>& entries) = 0;
  /// Commits the last offsets of partitions that leave, and waits for the outcome.
  virtual void commit_last(const std::vector<commit_entry>& entries) = 0;
  /// The member has given up a partition.
  virtual void given_up(std::int32_t /*partition*/) {}
};

} // namespace troupe::kafka
