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
    stream, ///< each group gets everything, its members by partition
    queue,  ///< each message goes to one of those who subscribe
  } is = kind::stream;
  std::int32_t partitions = 1; ///< a queue has one
};

/// What those who subscribe together know of one message.
struct progress_note {
  policies::attempt_count count;
  bool handed_out = false; ///< it may be with a handler, or was when its process ended
  bool settled = false;
};

struct claimed_message {
  std::int64_t number = 0;
  message content;
  progress_note known;
};

class membership;

/// Streams and queues, which outlast every actor system that uses them. Nothing is removed. Any thread; members are woken in
/// the thread that changes something.
class broker : public std::enable_shared_from_this<broker> {
public:
  void publish(const destination& to, const std::vector<message>& batch);
  /// A further member of a group, or a further subscription to a queue, until it is destroyed.
  std::unique_ptr<membership> join(const destination& from, const std::string& group, std::function<void()> wake);

private:
  friend class membership;
  class change;

  struct group_partition {
    std::map<std::int64_t, progress_note> notes;   ///< by the message's number
    std::map<std::int64_t, std::uint64_t> claimed; ///< what is in hand, and of which member
  };
  struct group_state {
    std::map<std::uint64_t, std::function<void()>> members; ///< how each is woken
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

  /// Unsettled messages from `from` on that nobody has in hand, at most `most`; of a stream none while another one has some
  /// of it in hand, and nothing where the partition is to be another member's.
  [[nodiscard]] std::optional<std::vector<claimed_message>> claim(std::int32_t partition, std::int64_t from,
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
