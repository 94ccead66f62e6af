#pragma once

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/administration.hpp>

namespace troupe {

/// Keeps dead letters.
///
/// - `list_dead_letters` -> a page of them, oldest first.
/// - `show_dead_letter` -> one of them, or `not_found`.
/// - `redrive_dead_letters` -> how many went back to their source. Each moves in one durable step: an interruption loses
/// none.
using dead_letters_actor =
  caf::typed_actor<caf::result<dead_letter_page>(list_dead_letters), caf::result<numbered_dead_letter>(show_dead_letter),
                   caf::result<redriven>(redrive_dead_letters)>;

} // namespace troupe
