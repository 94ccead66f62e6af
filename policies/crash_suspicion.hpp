#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace troupe::policies {

/// How often a delivery was handed out, as far as it counts.
struct attempt_count {
  std::uint32_t attempts = 0; ///< all of them
  std::uint32_t answered = 0; ///< those of them that were answered with `retry` or `reject`

  /// Those that ended with the process or, handed out alone, with their handler.
  [[nodiscard]] constexpr std::uint32_t unanswered() const noexcept { return attempts > answered ? attempts - answered : 0; }

  friend bool operator==(const attempt_count&, const attempt_count&) = default;
};

/// What to write beside a commit, so that attempts survive the process.
struct attempted {
  std::int64_t offset = 0;
  attempt_count count;

  friend bool operator==(const attempted&, const attempted&) = default;
};

/// Which delivery ends the process, or its handler. What an earlier process may have had in its hands when it ended without
/// a drain, and what was handed out without an answer, is suspect: it goes to the handler alone, so that only the one that
/// does it gathers attempts. An answer clears a delivery; `ending_attempts` attempts without one condemn it (0: never). Each
/// operation costs O(log n) in the deliveries that are suspect or have attempts, and nothing where there are none. A value:
/// one thread at a time.
class crash_suspicion {
public:
  explicit crash_suspicion(std::uint32_t ending_attempts) noexcept : ending_attempts_(ending_attempts) {}

  /// What arrives from now on below `end` is suspect.
  void suspect_until(std::int64_t end) noexcept { suspect_end_ = end; }

  /// A delivery has arrived, with its attempts in earlier lives of the process.
  void arrived(std::int64_t offset, const attempt_count& before);

  [[nodiscard]] bool suspects(std::int64_t offset) const noexcept;
  /// Whether it must not be handed out again.
  [[nodiscard]] bool condemns(std::int64_t offset) const noexcept;
  /// Whether it may go to the handler beside `in_flight` others.
  [[nodiscard]] bool may_go(std::int64_t offset, std::size_t in_flight) const noexcept {
    return in_flight == 0 || !suspects(offset);
  }
  /// Whether a suspect is in flight: nothing may go beside it.
  [[nodiscard]] bool suspect_in_flight() const noexcept { return suspects_in_flight_ > 0; }

  void handed_out(std::int64_t offset) noexcept;
  void came_back(std::int64_t offset) noexcept; ///< whatever became of it

  /// It was answered with `retry` or `reject`.
  void answered(std::int64_t offset);
  /// Its handler ended before it answered: it is suspect, and where it was in flight alone, an attempt is counted.
  enum class company : std::uint8_t { alone, with_others };
  void handler_ended(std::int64_t offset, company with);
  void settled(std::int64_t offset);

  [[nodiscard]] attempt_count count_of(std::int64_t offset) const noexcept;

  /// The deliveries with attempts, and the suspect in flight as if it had ended the process. At most `limit`, those without
  /// an answer first, by offset.
  [[nodiscard]] std::vector<attempted> to_record(std::size_t limit) const;

private:
  struct charge {
    attempt_count count;
    bool suspect = false;
    bool in_flight = false;
  };

  [[nodiscard]] const charge* find(std::int64_t offset) const noexcept;
  [[nodiscard]] charge* find(std::int64_t offset) noexcept;

  std::uint32_t ending_attempts_;
  std::int64_t suspect_end_ = std::numeric_limits<std::int64_t>::min();
  std::map<std::int64_t, charge> charges_; ///< of those that are suspect or have attempts
  std::size_t suspects_in_flight_ = 0;
};

/// The attempts that were recorded by an earlier life of the process, of deliveries that have not arrived yet. A value.
class earlier_attempts {
public:
  earlier_attempts() = default;
  explicit earlier_attempts(std::map<std::int64_t, attempt_count> recorded) : recorded_(std::move(recorded)) {}

  /// Those of a delivery that arrives: they are its own from now on.
  attempt_count take(std::int64_t offset);
  /// What stood below is settled, or was removed.
  void forget_before(std::int64_t offset) { recorded_.erase(recorded_.begin(), recorded_.lower_bound(offset)); }
  [[nodiscard]] bool contains(std::int64_t offset) const noexcept { return recorded_.contains(offset); }
  /// Adds them behind `others`, which end before the first that is added, up to `limit` in all.
  void append_to(std::vector<attempted>& others, std::size_t limit) const;

private:
  std::map<std::int64_t, attempt_count> recorded_;
};

} // namespace troupe::policies
