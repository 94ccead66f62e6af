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

/// The outcome of each document of a bulk.
struct bulk_outcome {
  std::vector<written_document> each;
  /// The duplicates for which the reply does not prove that the existing document has the same id: it names no key, or the
  /// collection compares ids otherwise than by their bytes.
  std::vector<std::size_t> unproven;
};

/// The outcomes in the reply to an unordered bulk of `count` inserts. A failure, which is transient, concerns all of them: a
/// part of the bulk was not done, or not acknowledged by enough servers, and may succeed later. Pure.
///
/// A document that violates another unique key than the id is refused; it is no duplicate.
expected<bulk_outcome> read_reply(const bson_t& reply, std::size_t count);

using id_of_document = std::function<std::string(std::size_t index)>;
/// The id of the existing document that the collection compares as equal to an id; none: there is no such document.
using id_lookup = std::function<expected<std::optional<std::string>>(const std::string& id)>;

/// Looks up the duplicates that are not proven: where the existing document has another id, or there is none, the document
/// is refused.
expected<std::vector<written_document>> prove(bulk_outcome outcomes, const id_of_document& id_of, const id_lookup& there);

/// Inserts documents into one collection in one bulk, with the outcomes of `read_reply`. Documents that the server or the
/// library refuses together are inserted singly, so that one does not block the others. Duplicates are proven.
expected<std::vector<written_document>> insert(mongoc_client_t& over, const std::string& database,
                                               const std::string& collection, std::span<const bson_document> documents);

} // namespace troupe::mongodb
