#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/embedded/partitions.hpp>
#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/message.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::embedded {

/// The reader: part of the key of every row that a subscription writes.
struct reader_name {
  std::string source;
  destination_kind kind = destination_kind::stream;
  std::string group;
  std::string service;
  std::uint64_t epoch = 0;
};

/// The position of a subscription in one partition, as written.
struct partition_record {
  stored_partition partition;
  std::int64_t committed = 0;     ///< of a stream: everything below is settled
  std::int64_t suspect_until = 0; ///< a delivery below may have ended the process
  std::map<std::int64_t, policies::attempt_count> attempts;
  std::set<std::int64_t> settled_ahead; ///< settled although something before it is not
};

/// Takes over every partition of the destination: from here on writes of an earlier epoch of the same group are refused. In
/// a write.
expected<std::vector<partition_record>> take_over(sqlite::connection& on, const destination& from,
                                                  const reader_name& reader);

/// A delivery to be set aside in `write_progress`.
struct set_aside {
  origin from;
  std::int64_t partition_id = 0;
  failure why;
  std::uint32_t attempts = 0;
  timestamp first_failure;
  timestamp last_failure;
};

/// A delivery's attempts.
struct attempts_at {
  std::int64_t offset = 0;
  policies::attempt_count count;
};

/// The changes in one partition since the last write.
struct partition_progress {
  std::int64_t partition_id = 0;
  std::int64_t committed = 0;  ///< of a stream
  std::int64_t handed_out = 0; ///< an unsettled delivery below may be with the handler
  std::int64_t suspect_until = 0;
  enum class mark : std::uint8_t { raise, set } handed_out_mark = mark::raise; ///< of a queue: `set` by its only reader
  std::vector<std::int64_t> done;                                              ///< of a queue: to be removed
  std::vector<attempts_at> attempts;
  std::vector<std::int64_t> attempts_to_forget;
  enum class ahead : std::uint8_t { unchanged, forget } settled_ahead = ahead::unchanged; ///< of a stream, below `committed`
};

struct progress {
  /// Settlements survive a power loss; marks and attempts only guard against the end of the process.
  sqlite::durability needs = sqlite::durability::unsynced;
  reader_name reader;
  std::vector<partition_progress> partitions;
  std::vector<set_aside> letters;
};

/// A message that was set aside, for its span.
struct kept_letter {
  set_aside why;
  std::string id;
  trace_context trace; ///< with which it came
};

/// Writes everything in the transaction at hand: a dead letter and its settlement together. Returns the dead letters whose
/// messages have a trace. Fails with `cancelled`, and changes nothing, when another subscription of the group has taken over
/// since. In a write.
expected<std::vector<kept_letter>> write_progress(sqlite::connection& on, const progress& all);

/// A message of a partition.
struct fetched_message {
  std::int64_t offset = 0;
  expected<message> content{failure{}}; ///< or why it cannot be read
};

struct fetched_messages {
  std::vector<fetched_message> messages;
  std::int64_t next = 0; ///< everything below has been read
};

/// Up to `at_most` messages from `from` on, in order, and no more than about `bytes` of them, but one at least. In a read.
expected<fetched_messages> fetch(sqlite::connection& on, std::int64_t partition_id, std::int64_t from, std::size_t at_most,
                                 std::size_t bytes);

/// The messages at these offsets, in order; those that are gone are left out. In a read.
expected<std::vector<fetched_message>> fetch_again(sqlite::connection& on, std::int64_t partition_id,
                                                   const std::vector<std::int64_t>& offsets);

} // namespace troupe::embedded
