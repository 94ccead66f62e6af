#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/messages/values/dead_letter.hpp>

namespace troupe {

/// Which dead letters to list.
struct list_dead_letters {
  std::string source;     ///< of one topic, stream or queue; empty: of all
  std::int64_t after = 0; ///< only numbers above this one: the last of the page before
  std::uint32_t limit = 100;
};

/// One dead letter with the number under which it can be shown and sent back.
struct numbered_dead_letter {
  std::int64_t number = 0;
  dead_letter letter;
};

/// Dead letters, oldest first.
struct dead_letter_page {
  std::vector<numbered_dead_letter> letters;
  /// Whether there may be others above the last of these. A page may end before the limit that was asked for.
  bool more = false;
};

struct show_dead_letter {
  std::int64_t number = 0;
};

/// Sends dead letters back to where they came from, under their own message id and with no attempts counted.
struct redrive_dead_letters {
  std::string source;                ///< as in `list_dead_letters`; ignored with `numbers`
  std::vector<std::int64_t> numbers; ///< those of these that are there, at most 1000; empty: the oldest `limit`
  std::uint32_t limit = 100;
};

/// How many went back. Each was made durable at its source in the step that removed it from the dead letters. Of the oldest,
/// a failure after some have gone back is not reported: a repetition finds it. Of named ones it is, with their count.
struct redriven {
  std::uint32_t count = 0;
};

/// The failure of a redrive of which some have gone back.
inline failure after_redriving(failure why, redriven done) {
  if (done.count > 0)
    why.reason += "; " + std::to_string(done.count) + " went back";
  return why;
}

} // namespace troupe
