#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace troupe {

/// Random 64-bit words; injected, so that tests and simulations own them. One source belongs to one thread.
using random_source = std::function<std::uint64_t()>;

/// A random source seeded from the operating system. Each call of the source is independent of every other source.
random_source system_random();

/// The same source for many threads, of which one at a time draws.
random_source one_at_a_time(random_source source);

/// A random UUID (RFC 9562 version 4) in its lower-case text form.
std::string random_uuid(const random_source& random);

/// The UUID (RFC 9562 version 5) of `name` within the call or message `scope`: the same scope and name always give the
/// same id, so that a repeated call derives the ids of the first one and its effects happen once. `scope` may be any text.
std::string derived_uuid(std::string_view scope, std::string_view name);

/// The id of a message, which may be any bytes, where text is wanted: in documents, whose ids are UTF-8. Different ids have
/// different texts. An id that is UTF-8 is its own text, save that one which begins with `bytes:` is escaped as others are:
/// `bytes:` and the id, in which each byte that is not UTF-8 is `\xHH` (lower-case hexadecimal) and each `\` is doubled.
///
/// The maker of a document from a message applies it, once; a store takes a document's id as it is.
std::string id_text(std::string_view id);

} // namespace troupe
