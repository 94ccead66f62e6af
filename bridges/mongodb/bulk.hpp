#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <troupe/bridges/mongodb/handles.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe::mongodb {

/// What became of each document of a bulk.
struct bulk_outcome {
  std::vector<written_document> each;
  /// The duplicates of which the server does not say for certain that the document that is there has the same id: it names
  /// no key, or the collection compares ids otherwise than by their bytes.
  std::vector<std::size_t> unproven;
};

/// What the reply to an unordered bulk of `count` inserts says of each. A failure, which is transient, concerns all of
/// them: a part of the bulk was not done, or not acknowledged by enough servers, and may succeed later. Pure.
///
/// A duplicate of another unique key than the id is no duplicate: that document is not there, and is refused.
expected<bulk_outcome> read_reply(const bson_t& reply, std::size_t count);

using id_of_document = std::function<std::string(std::size_t index)>;
/// The id of the document that is there under an id as the collection compares them; nothing: there is none.
using id_lookup = std::function<expected<std::optional<std::string>>(const std::string& id)>;

/// Looks at the duplicates that are not proven: where the document that is there has another id, or none is there under this
/// one, it is refused.
expected<std::vector<written_document>> prove(bulk_outcome outcomes, const id_of_document& id_of, const id_lookup& there);

/// Inserts documents into one collection in one bulk, with the outcomes of `read_reply`. Documents that the server or the
/// library refuses together are inserted singly, so that one does not keep the others out. Duplicates are proven.
expected<std::vector<written_document>> insert(mongoc_client_t& over, const std::string& database,
                                               const std::string& collection, std::span<const bson_document> documents);

} // namespace troupe::mongodb
