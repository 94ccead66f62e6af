#pragma once

#include <string>
#include <string_view>

#include <troupe/bridges/http/message.hpp>
#include <troupe/messages/values/administration.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::http {

/// Reads `?source=&after=&limit=`. The limit is 1 to 1000.
expected<list_dead_letters> decode_list(std::string_view query);

/// Reads the number that a path names.
expected<show_dead_letter> decode_show(std::string_view number);

/// Reads {"source":..., "number":..., "numbers":[...], "limit":...}, each of which may be left out. Numbers of letters may
/// be texts. A member of the wrong type or of another name is `invalid`, and so are more than 1000 numbers, or none in a
/// list.
expected<redrive_dead_letters> decode_redrive(std::string_view body);

/// One dead letter. Its number is a text, since many readers of JSON round large numbers. Its payload is text when it is
/// valid UTF-8, else base64 in `payload_base64`.
std::string to_json(const numbered_dead_letter& letter);

/// {"dead_letters":[...],"next":N}, where `next` is the `after` of the page that follows and stands only in a page that
/// holds some. Payloads above 8 KiB are left out here; `payload_bytes` is their size.
std::string to_json(const dead_letter_page& page);

/// {"redriven":N}
std::string to_json(const redriven& done);

/// RFC 4648, section 4.
std::string to_base64(std::string_view bytes);

} // namespace troupe::http
