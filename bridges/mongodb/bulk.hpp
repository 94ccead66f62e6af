#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <troupe/bridges/mongodb/handles.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe::mongodb {

/// What the reply to an unordered bulk of `count` inserts says of each. A failure, which is transient, speaks of all of
/// them: something of the bulk was not done, or not acknowledged by enough servers, and may be another time. Pure.
///
/// A duplicate of another unique key than the id is no duplicate: that document is not there, and is refused.
expected<std::vector<written_document>> read_reply(const bson_t& reply, std::size_t count);

/// Inserts documents into one collection in one bulk, and tells as `read_reply` does. Documents that the server or the
/// library refuses together are inserted singly, so that one does not keep the others out.
expected<std::vector<written_document>> insert(mongoc_client_t& over, const std::string& database,
                                               const std::string& collection, std::span<const bson_document> what);

} // namespace troupe::mongodb
