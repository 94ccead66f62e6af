#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/document.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/supervision_tree.hpp>

namespace troupe {

/// The HTTP reference platforms' answer: a bare array, compact, keys in the order id, service, message, created, hostname,
/// empty ones omitted, RFC 3339 times, a trailing newline.
std::string greetings_to_json(const std::vector<greeting>& greetings);

/// The gateway's answer: {"greeting":[...]} with the same members and no trailing newline.
std::string gateway_to_json(const std::vector<greeting>& greetings);

/// The families of reference platforms, by what they write.
enum class document_form : std::uint8_t {
  http, ///< documents of id, servicename, message, createdat (a date), hostname when there is one; RFC 3339 in messages
  grpc, ///< documents of id, service, message, created (text), hostname when there is one; Go's form of times in both
};

/// One greeting, compact, without a newline: the queue's body.
std::string to_json(const greeting& value, document_form form = document_form::http);

/// Reads one greeting. Unknown members are ignored; a member of the wrong type, invalid UTF-8, nesting deeper than 16 and
/// anything after the value are `undecodable`, as is a greeting without an id or a time; the failure names the place.
expected<greeting> greeting_from_json(std::string_view text);

/// Reads the array form and the gateway form, which leaves an empty list out.
expected<std::vector<greeting>> greetings_from_json(std::string_view text);

/// The greeting as a document with the greeting's id.
document to_document(const greeting& value, std::string database, std::string collection, document_form form);

/// The live tree, for the administration listener.
std::string to_json(const supervision_tree& tree);

/// `text` with quotes, escaped as JSON wants it, and so is what would not be seen on a terminal (visible_text.hpp); invalid
/// UTF-8 is replaced by U+FFFD.
void append_json_string(std::string& out, std::string_view text);

} // namespace troupe
