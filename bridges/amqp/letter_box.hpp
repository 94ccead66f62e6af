#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/lifeline.hpp>
#include <troupe/bridges/amqp/session.hpp>

namespace troupe::amqp {

/// The dead letters of one queue, while somebody looks at them: what was looked at and not taken away goes back at the end.
/// Each call blocks its thread. One thread at a time.
class letter_box {
public:
  /// A letter with the tag by which it can be sent back.
  struct found {
    std::uint64_t tag = 0;
    dead_letter letter;
  };

  /// Fails as the access does, or as the broker refuses. No box: nothing was ever set aside of that queue.
  static expected<std::unique_ptr<letter_box>> open(const connection& to, const std::string& queue);
  letter_box(const letter_box&) = delete;
  letter_box& operator=(const letter_box&) = delete;
  ~letter_box();

  /// What to do after a letter.
  enum class next : std::uint8_t { go_on, stop };

  /// Shows every letter that is there, oldest first.
  expected<void> look(instant until, const std::function<next(found)>& show);

  /// Publishes these to their queue, and takes each away when it is confirmed. How many went; an error only where none did.
  expected<std::uint32_t> send_back(const std::vector<found>& letters, instant until);

private:
  letter_box(session made, std::string queue, std::unique_ptr<lifeline> line);

  expected<session_event> wait(instant until);

  std::unique_ptr<lifeline> line_; ///< outlives the session
  session session_;
  std::string queue_;
};

} // namespace troupe::amqp
