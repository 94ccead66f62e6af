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
#include <troupe/bridges/amqp/socket_interrupter.hpp>
#include <troupe/messages/values/dead_letter.hpp>

namespace troupe::amqp {

/// The dead letters of one queue, while somebody looks at them: what was looked at and not taken away goes back at the end,
/// to its place. Where they lie in a queue that counts deliveries, one that was counted is put back as a copy, which begins
/// at nought: such a queue drops what was delivered too often. Each call blocks its thread. One thread at a time.
class dead_letter_reader {
public:
  /// A letter with the tag by which it can be sent back.
  struct found {
    std::uint64_t tag = 0;
    dead_letter letter;
  };

  /// Fails as the access does, or as the broker refuses. No box: nothing was ever set aside of that queue.
  static expected<std::unique_ptr<dead_letter_reader>> open(const connection& to, const std::string& queue);
  dead_letter_reader(const dead_letter_reader&) = delete;
  dead_letter_reader& operator=(const dead_letter_reader&) = delete;
  ~dead_letter_reader();

  /// What to do after a letter.
  enum class next : std::uint8_t { go_on, stop };

  /// Shows every letter that is there, oldest first.
  expected<void> look(instant until, const std::function<next(found)>& show);

  /// Publishes these to their queue, and takes each away when it is confirmed. How many went; an error only where none did.
  expected<std::uint32_t> send_back(const std::vector<found>& letters, instant until);

private:
  static constexpr std::size_t moved_together = 25;

  /// A message in hand that shall be somewhere else.
  struct move {
    std::uint64_t tag = 0;
    const message* what = nullptr;
  };

  dead_letter_reader(session made, std::string queue, std::unique_ptr<socket_interrupter> line);

  expected<session_event> wait(instant until);
  expected<std::uint32_t> move_all(const std::vector<move>& what, const std::string& to, publication as, instant until);
  expected<std::uint32_t> move_some(std::span<const move> what, const std::string& to, publication as, instant until);
  void put_back_counted();

  std::unique_ptr<socket_interrupter> line_; ///< outlives the session
  session session_;
  std::string queue_;
  std::uint64_t published_ = 0;              ///< the broker's number of what was published last
  std::map<std::uint64_t, message> counted_; ///< in hand by tag: their queue counts, and has counted them
};

} // namespace troupe::amqp
