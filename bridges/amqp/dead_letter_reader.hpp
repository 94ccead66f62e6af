#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/session.hpp>
#include <troupe/messages/values/dead_letter.hpp>

namespace troupe::amqp {

/// Reads the dead letters of one queue. At the end, letters that were read and not removed return to their position. In a
/// queue that counts deliveries, a letter that was counted is replaced by a copy, whose count begins at 0, because such a
/// queue drops what was delivered too often. Each call blocks its thread. One thread at a time.
class dead_letter_reader {
public:
  /// A letter with the tag for `send_back`.
  struct found {
    std::uint64_t tag = 0;
    dead_letter letter;
  };

  /// Fails with the access or the broker's refusal. Null: the queue has no dead-letter queue.
  static expected<std::unique_ptr<dead_letter_reader>> open(const connection& to, const std::string& queue);
  dead_letter_reader(const dead_letter_reader&) = delete;
  dead_letter_reader& operator=(const dead_letter_reader&) = delete;
  ~dead_letter_reader();

  /// How to continue after a letter.
  enum class next : std::uint8_t { go_on, stop };

  /// Passes every letter to `show`, oldest first.
  expected<void> look(instant until, const std::function<next(found)>& show);

  /// Publishes the letters to their queue and removes each after its confirm. Returns how many; fails only if none was.
  expected<std::uint32_t> send_back(const std::vector<found>& letters, instant until);

private:
  static constexpr std::size_t moved_together = 25;

  /// An unsettled message to publish elsewhere.
  struct move {
    std::uint64_t tag = 0;
    const message* content = nullptr;
  };

  dead_letter_reader(session made, std::string queue);

  expected<session_event> wait(instant until);
  expected<std::uint32_t> move_all(const std::vector<move>& moves, const std::string& to, publication as, instant until);
  expected<std::uint32_t> move_some(std::span<const move> moves, const std::string& to, publication as, instant until);
  void put_back_counted();

  session session_;
  std::string queue_;
  std::uint64_t published_ = 0;              ///< the broker's number of the latest message
  std::map<std::uint64_t, message> counted_; ///< unsettled, by tag: those that their queue has counted
};

} // namespace troupe::amqp
