#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/values/delivery.hpp>
#include <troupe/policies/crash_suspicion.hpp>

namespace troupe::memory {

struct destination {
  std::string name;
  enum class kind : std::uint8_t {
    stream, ///< each group receives every message; its members share the partitions
    queue,  ///< each message goes to one of the subscribers
  } is = kind::stream;
  std::int32_t partitions = 1; ///< a queue has one
};

/// What a group knows about one message.
struct progress_note {
  policies::attempt_count count;
  bool handed_out = false; ///< it may be with a handler, or was when the process ended
  bool settled = false;
};

struct leased_message {
  std::int64_t number = 0;
  message content;
  progress_note known;
};

class membership;

/// Streams and queues that outlive the actor systems that use them. Nothing is removed. Any thread; members are woken on the
/// thread that makes a change.
class broker : public std::enable_shared_from_this<broker> {
public:
  void publish(const destination& to, const std::vector<message>& batch);
  /// Adds a member to a group, or a subscription to a queue, which lasts until the result is destroyed.
  std::unique_ptr<membership> join(const destination& from, const std::string& group, std::function<void()> wake);

private:
  friend class membership;
  class change;

  struct group_partition {
    std::map<std::int64_t, progress_note> notes;  ///< by the message's number
    std::map<std::int64_t, std::uint64_t> leased; ///< the member that holds the lease, by the message's number
  };
  struct group_state {
    std::map<std::uint64_t, std::function<void()>> members; ///< by id; wakes the member
    std::map<std::int32_t, group_partition> partitions;
  };
  struct log {
    std::map<std::int32_t, std::vector<message>> partitions;
    std::map<std::string, group_state> groups;
  };

  std::mutex guard_;
  std::map<std::string, log> logs_;
  std::uint64_t last_number_ = 0; ///< of members, and of messages without a key
};

/// One member of a group. One thread at a time.
class membership {
public:
  membership(std::shared_ptr<broker> at, destination from, broker::group_state& group, std::uint64_t id)
    : at_(std::move(at)), from_(std::move(from)), group_(group), id_(id) {}
  ~membership();

  /// Leases at most `most` unsettled messages from `from` on that no member holds. Of a stream, the result is empty while
  /// another member holds leases on the partition, and none if the partition belongs to another member.
  [[nodiscard]] std::optional<std::vector<leased_message>> lease(std::int32_t partition, std::int64_t from,
                                                                 std::size_t most);
  void note(std::int32_t partition, std::int64_t number, const progress_note& known);
  void give_back(std::int32_t partition);

private:
  const std::shared_ptr<broker> at_;
  const destination from_;
  broker::group_state& group_;
  const std::uint64_t id_;
};

} // namespace troupe::memory
