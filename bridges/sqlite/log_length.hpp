#pragma once

#include <algorithm>

namespace troupe::sqlite {

/// How far the log reaches, and how much of it is in the file.
struct log_progress {
  int pages = 0;
  int moved = 0; ///< of its beginning
};

/// Decides when a log is moved into its file. A value.
///
/// The log is moved beside the writes, without waiting, up to the oldest snapshot that is still read. So it is rarely moved
/// to its end, and only then does it start over. A reader is usually gone when as much again was written. Therefore the
/// writer itself moves the last pages: few, or a quarter where much is written at a time, or the rest of a log that is
/// written faster than it is moved.
class log_length {
public:
  static constexpr int enough_to_move = 1000;    ///< pages: 4 MB, as SQLite's own default
  static constexpr int few = 128;                ///< moved in no more time than a commit takes
  static constexpr int enough_for_writer = 4000; ///< 16 MB: the log is written faster than it is moved
  static constexpr int long_already = 16'384;    ///< 64 MiB: reported to the operator

  /// The log has so many pages after a commit.
  void committed(int pages) noexcept {
    if (pages < tried_ || pages < seen_.moved)
      seen_.moved = tried_ = 0; // it has begun again
    seen_.pages = pages;
  }

  /// The progress after the log was moved, beside the writer or by the writer.
  void moved(const log_progress& found) noexcept {
    seen_.moved = found.moved;
    tried_ = found.pages;
    held_up_ = found.moved < found.pages;
    may_finish_ = !held_up_;
  }

  /// Whether enough was written since the last time.
  [[nodiscard]] bool due() const noexcept { return seen_.pages - std::max(tried_, seen_.moved) >= enough_to_move; }

  /// Whether to try again with time, because a reader held the log up.
  [[nodiscard]] bool due_again() const noexcept { return held_up_ && seen_.pages > seen_.moved; }

  /// Whether the writer may move the rest. True once for each time that the log was moved.
  [[nodiscard]] bool take_finish() noexcept {
    const int left = seen_.pages - seen_.moved;
    const bool little = seen_.pages >= enough_to_move && left <= std::max(few, seen_.pages / 4);
    const bool wanted = may_finish_ && (little || seen_.pages >= enough_for_writer);
    may_finish_ = may_finish_ && !wanted;
    return wanted;
  }

  /// Whether a reader kept the log from being moved to its end the last time.
  [[nodiscard]] bool held_up() const noexcept { return held_up_; }
  [[nodiscard]] bool is_long() const noexcept { return pages() >= long_already; }
  /// Of a log that is not in the file as a whole. One that is begins again with the next write.
  [[nodiscard]] int pages() const noexcept { return seen_.moved < seen_.pages ? seen_.pages : 0; }

private:
  log_progress seen_;
  int tried_ = 0; ///< the pages at the last time that the log was moved
  bool held_up_ = false;
  bool may_finish_ = false;
};

} // namespace troupe::sqlite
