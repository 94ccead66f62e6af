#pragma once

#include <string>
#include <string_view>

#include <troupe/messages/values/message.hpp>

namespace miniature {

/// A message as a line of text: `ID KEY PAYLOAD` and a line feed. Only the payload may hold spaces, and none holds a line
/// feed. Fails with `invalid` for a message that no line can carry; `-` stands for no key.
troupe::expected<std::string> encode(const troupe::message& sent);

/// Reads a line, without its line feed. Fails with `undecodable`, which names what is missing.
troupe::expected<troupe::message> decode(std::string_view line);

} // namespace miniature
