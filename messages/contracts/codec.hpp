#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include <google/protobuf/message.h>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe {

/// The bytes of a value, with their media type.
struct encoded_value {
  std::string media_type;
  std::string payload;
};

namespace contracts {

inline constexpr std::string_view protobuf_media_type = "application/protobuf";
inline constexpr std::string_view json_media_type = "application/json";

/// Writes a message in protobuf's binary form, or in its JSON mapping where `media_type` is JSON's. Fails with `unsupported`
/// for another media type, and with `rejected` for a message that has no such form: of 2 GiB, or of a `google.protobuf.Any`
/// whose type is not linked.
expected<encoded_value> encode(const google::protobuf::Message& value, std::string_view media_type);

/// Reads a message of the media type that it says: `application/protobuf` (or `application/x-protobuf`), or
/// `application/json`, with any parameters. Where it says none, it is JSON if it begins with a brace, which no message of
/// proto3 does. Fails with `undecodable`: also for JSON with a field that the message does not have.
expected<void> decode(const message& received, google::protobuf::Message& into);

} // namespace contracts

/// Between the values of a type and the bytes of messages. An author's own type gets a codec by a specialisation with these
/// members:
///
///     static std::string name();  // of the type, the same in every program
///     static expected<encoded_value> encode(const T& value, std::string_view media_type);
///     static expected<T> decode(const message& received);
///
/// `media_type` is what the channel asks for; empty: the codec chooses. `decode` fails with `undecodable`. Any thread.
template <class T>
struct codec;

template <std::derived_from<google::protobuf::Message> T>
struct codec<T> {
  static std::string name() { return T::descriptor()->full_name(); }

  static expected<encoded_value> encode(const T& value, std::string_view media_type) {
    return contracts::encode(value, media_type.empty() ? contracts::protobuf_media_type : media_type);
  }

  static expected<T> decode(const message& received) {
    T result;
    if (auto read = contracts::decode(received, result); read.has_error())
      return std::move(read).error();
    return result;
  }
};

} // namespace troupe
