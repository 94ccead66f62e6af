#pragma once

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe {

/// Keeps documents: SQLite, MongoDB, or the db_writer that groups writes in front of one of them.
///
/// - `write_documents` -> what became of each document, given only after the stored ones are durable. Idempotent by document
///   id. An error is transient and concerns all of them: some may have been stored, and writing them again is harmless.
using store_actor = caf::typed_actor<caf::result<written>(write_documents)>;

} // namespace troupe
