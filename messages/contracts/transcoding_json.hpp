#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/messages/contracts/transcoding.hpp>

// Between JSON and messages, on protobuf's own mapping.

namespace troupe::contracts {

/// Whether a text is one JSON value (RFC 8259) of at most that depth. Protobuf's own parser takes more than JSON. Fails with
/// `invalid`, and with `rejected` for what is deeper.
expected<void> check_json(std::string_view text, std::size_t depth);

/// What becomes of a field that the message does not have, and of what has another shape than the mapping (json_shape.hpp).
enum class unknown_fields : std::uint8_t { refused, ignored };

/// Replaces a message by what a checked text says. Fails with `invalid`.
expected<void> json_to_message(std::string_view text, google::protobuf::Message& message,
                               unknown_fields others = unknown_fields::refused);

/// Fails with `internal`.
expected<std::string> message_to_json(const google::protobuf::Message& message, const json_form& form);

/// A field's name in JSON of that form.
const std::string& json_name_of(const google::protobuf::FieldDescriptor& field, const json_form& form);

/// The value of a member of an object that `message_to_json` wrote, as it stands there; empty where there is none.
std::string_view member_of(std::string_view object, std::string_view name);

} // namespace troupe::contracts
