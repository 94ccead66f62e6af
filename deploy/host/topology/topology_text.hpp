#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <troupe/messages/settings/description.hpp>

namespace troupe::host {

using settings::text_form;

/// A collection of documents.
struct collection_name {
  std::string database;
  std::string collection;

  friend bool operator==(const collection_name&, const collection_name&) = default;
};

/// Reads DATABASE.COLLECTION.
std::optional<collection_name> parse_collection(std::string_view text);

/// Lower-case letters, digits and inner hyphens, at most 63 of them, beginning with a letter: an RFC 1035 label, as
/// Kubernetes wants the names of services.
bool is_service_name(std::string_view name) noexcept;

/// Letters, digits, ".", "_" and "-", at most 249 of them, and neither "." nor "..": what Kafka allows as the name of a
/// topic, and every other transport too.
bool is_channel_name(std::string_view name) noexcept;

/// A name or an address, without port and brackets, as a Host header has it.
bool is_host_name(std::string_view text) noexcept;

/// As a part of a URL has it: https://www.rfc-editor.org/rfc/rfc3986#section-2
std::string percent_encoded(std::string_view text);

/// A text of 1 to 1024 bytes in UTF-8 whose only words in braces are what a producer fills in: {n} and {hostname}.
bool is_message_text(std::string_view text) noexcept;

inline constexpr settings::spelled service_name{
  is_service_name, "a name of at most 63 lower-case letters, digits and inner hyphens that begins with a letter"};
inline constexpr settings::spelled channel_name{is_channel_name,
                                                R"(a name of at most 249 letters, digits, ".", "_" and "-")"};

} // namespace troupe::host

template <>
struct troupe::settings::text_form<troupe::host::collection_name> {
  static std::optional<host::collection_name> read(std::string_view text) { return host::parse_collection(text); }
  static std::string print(const host::collection_name& value) { return value.database + '.' + value.collection; }
  static constexpr std::string_view expected = R"(DATABASE.COLLECTION in letters, digits, "-" and "_")";
};
