#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/bridges/http/message.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::http {

/// The parts of a request-target (RFC 9112, section 3.2), as they were sent. An asterisk's path is "*".
struct request_target {
  std::string_view authority; ///< of the absolute form; else empty
  std::string_view path;
  std::string_view query; ///< without the question mark
};

/// Splits a request-target. Fails with `invalid` for a fragment, for bytes outside visible ASCII, for the asterisk form
/// with another method than OPTIONS, for a scheme other than http and https, and for the authority form.
expected<request_target> split_target(std::string_view text, method verb);

/// A path with its percent escapes resolved; an escaped slash stays escaped, because it separates nothing. Fails with
/// `invalid` for a malformed escape and for an escaped control character.
expected<std::string> decode_path(std::string_view path);

/// The decoded value (`+` is a space) of the first parameter of that name. None when there is none, `invalid` when it is
/// ill formed.
expected<std::optional<std::string>> query_value(std::string_view query, std::string_view name);

/// A code that `/api/status/{code}` may reply: three digits, 200 to 599.
expected<unsigned> parse_status(std::string_view text);

/// A decimal number of digits alone, up to `at_most`.
expected<std::int64_t> parse_number(std::string_view text, std::int64_t at_most);

/// The host of an authority without its port and without the brackets of an IPv6 address. Fails with `invalid` for user
/// information, for an empty host and for a port that is no number.
expected<std::string_view> host_of(std::string_view authority);

/// Whether the text is a UUID's 36 characters.
bool is_uuid(std::string_view text) noexcept;

/// Whether a client's own request id may be repeated in headers and logs: visible ASCII, at most 128 characters.
bool is_repeatable_id(std::string_view text) noexcept;

} // namespace troupe::http
