#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <troupe/bridges/embedded/publishing.hpp>
#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/administration.hpp>

namespace troupe::embedded {

/// A page of dead letters, oldest first; cut short where their bytes grow large. In a read.
expected<dead_letter_page> list(sqlite::connection& on, const list_dead_letters& which);

/// One of them, or `not_found`. In a read.
expected<numbered_dead_letter> show(sqlite::connection& on, std::int64_t number);

/// What a redrive did: how many went back, and how far the lanes of each source reach now.
struct redrive_outcome {
  std::uint32_t count = 0;
  std::map<std::string, lane_ends> ends;
};

/// Moves dead letters to the end of their queue, or of the stream's partition of their key (without a key: the one they came
/// from), under their own id. `not_found` for a number that is none. In a write.
expected<redrive_outcome> redrive(sqlite::connection& on, const redrive_dead_letters& which, timestamp now);

} // namespace troupe::embedded
