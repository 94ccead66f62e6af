#pragma once

#include <cstddef>

#include <troupe/bridges/mongodb/handles.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe::mongodb {

/// The document as MongoDB keeps it: its id as `_id`, then the members of its body in their order. Pure.
///
/// The body is JSON in MongoDB's extended form, relaxed or canonical: `$date` (finer than a millisecond: cut off, as a BSON
/// date holds no more), `$oid`, `$numberInt`, `$numberLong`, `$numberDouble`, `$numberDecimal` and `$binary` become what
/// they name.
///
/// Fails with `rejected`, which says where, for what MongoDB can never keep under that id: an id that is not UTF-8, which
/// drivers would read as another one, no JSON object, more than `largest` bytes, nested deeper than 100, a name with a NUL,
/// its own `_id`, a value of the extended form that is spelled wrong or of another kind than those above, a name of a
/// database or a collection that is none.
expected<bson_document> encode(const document& source, std::size_t largest);

} // namespace troupe::mongodb
