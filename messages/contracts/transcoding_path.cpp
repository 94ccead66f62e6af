#include <troupe/messages/contracts/transcoding_path.hpp>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <troupe/messages/contracts/transcoding_escapes.hpp>
#include <troupe/messages/contracts/transcoding_texts.hpp>

namespace troupe::contracts {

using google::protobuf::Message;

namespace {

/// The message that holds the last field of a path; an unset one on the way has its defaults.
const Message& holder_of(const Message& message, const field_path& path) {
  const auto* held = &message;
  for (const auto* const field : std::span{path}.first(path.size() - 1))
    held = &held->GetReflection()->GetMessage(*held, field);
  return *held;
}

std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> result;
  while (true) {
    const auto slash = text.find('/');
    result.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos)
      return result;
    text.remove_prefix(slash + 1);
  }
}

bool matches(std::span<const path_segment> segments, std::span<const std::string_view> pieces) {
  for (const auto& segment : segments) {
    if (segment.is == path_segment::form::rest)
      return true; // the last one
    if (pieces.empty()
        || (segment.is == path_segment::form::literal ? pieces.front() != segment.text : pieces.front().empty()))
      return false;
    pieces = pieces.subspan(1);
  }
  return pieces.empty();
}

expected<std::string> encode_variable(const message_path& path, const path_variable& variable, const Message& message) {
  const auto& field = path.captured[static_cast<std::size_t>(&variable - path.variables.data())];
  const auto refused = [&](const std::string& reason) {
    return failure{errc::invalid, "the path variable " + variable.field_path + ' ' + reason};
  };
  const auto texts = field_texts(holder_of(message, field), *field.back());
  if (!texts)
    return refused(texts.error().reason);
  const auto& text = texts->front();
  const auto segments = std::span{path.segments}.subspan(variable.first, variable.count);
  auto pieces = path.takes_several(variable) ? pieces_of(text) : std::vector<std::string_view>{text};
  if (text.empty() && segments.front().is == path_segment::form::rest)
    pieces.clear();
  if (!matches(segments, pieces))
    return refused(text.empty() ? "is empty" : "does not match " + path.text);
  std::string result;
  for (const auto& piece : pieces) {
    if (piece == "." || piece == "..")
      return refused("would be a step in the path");
    result += '/' + encode_path_text(piece);
  }
  return result;
}

} // namespace

expected<std::string> encode_path(const message_path& path, const Message& message) {
  std::string result;
  for (std::size_t at = 0; at < path.segments.size();) {
    const auto& segment = path.segments[at];
    const auto* const variable = path.variable_at(at);
    if (variable == nullptr) {
      // A wildcard of no variable may be anything.
      if (segment.is != path_segment::form::rest)
        result += '/' + encode_path_text(segment.is == path_segment::form::literal ? segment.text : "-");
      ++at;
      continue;
    }
    auto text = encode_variable(path, *variable, message);
    if (!text)
      return text;
    result += *text;
    at += variable->count;
  }
  if (result.empty())
    result = "/";
  if (!path.verb.empty())
    result += ':' + encode_path_text(path.verb);
  return result;
}

} // namespace troupe::contracts
