#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/messages/values/error.hpp>

namespace troupe::contracts {

/// What becomes of an escaped slash: it is one, or it stays `%2F`, since in a text of several segments it separates nothing.
enum class escaped_slash : std::uint8_t { resolved, kept };

/// A part of a path with its percent escapes resolved (google/api/http.proto, on the decoding of variables). Fails with
/// `invalid` for a malformed escape.
expected<std::string> decode_path_text(std::string_view text, escaped_slash slash);

/// A name or a value of a query, in which `+` is a space (the URL standard, application/x-www-form-urlencoded). Fails
/// likewise.
expected<std::string> decode_query_text(std::string_view text);

/// One segment, with all but `[-_.~0-9a-zA-Z]` percent-encoded.
std::string encode_path_text(std::string_view text);

} // namespace troupe::contracts
