#include <troupe/messages/contracts/codec.hpp>

#include <algorithm>
#include <cctype>

#include <troupe/messages/contracts/transcoding_json.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::contracts {

namespace {

constexpr std::size_t deepest = 100; // protobuf's own bound of nested messages

/// "Application/JSON; charset=utf-8" -> "application/json".
std::string essence(std::string_view media_type) {
  std::string result;
  for (const char each : media_type.substr(0, media_type.find(';')))
    if (each != ' ' && each != '\t')
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  return result;
}

bool is_protobuf(std::string_view type) noexcept {
  return type == protobuf_media_type || type == "application/x-protobuf";
}

failure undecodable(const google::protobuf::Message& into, const std::string& reason) {
  return {errc::undecodable, "this is no " + into.GetDescriptor()->full_name() + ": " + reason};
}

expected<void> decode_json(const std::string& payload, google::protobuf::Message& into) {
  if (const auto checked = check_json(payload, deepest); checked.has_error())
    return undecodable(into, checked.error().reason);
  if (const auto read = json_to_message(payload, into); read.has_error())
    return undecodable(into, read.error().reason);
  return {};
}

} // namespace

expected<encoded_value> encode(const google::protobuf::Message& value, std::string_view media_type) {
  const auto type = essence(media_type);
  if (type == json_media_type) {
    auto text = message_to_json(value, {});
    if (text.has_error())
      return failure{errc::rejected, std::move(text).error().reason};
    return encoded_value{std::string{json_media_type}, std::move(*text)};
  }
  if (!is_protobuf(type))
    return failure{errc::unsupported, "a protobuf message is not written as " + visible(media_type)};
  encoded_value result{std::string{protobuf_media_type}, {}};
  if (!value.SerializeToString(&result.payload))
    return failure{errc::rejected, value.GetDescriptor()->full_name() + " is larger than protobuf writes"};
  return result;
}

expected<void> decode(const message& received, google::protobuf::Message& into) {
  const auto type = essence(received.content_type);
  if (type == json_media_type || (type.empty() && received.payload.starts_with('{')))
    return decode_json(received.payload, into);
  if (!type.empty() && !is_protobuf(type))
    return undecodable(into, "its media type is " + visible(received.content_type));
  if (!into.ParseFromString(received.payload))
    return undecodable(into, "its bytes are not those of protobuf's binary form");
  return {};
}

} // namespace troupe::contracts
