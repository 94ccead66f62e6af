#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/messages/values/secret_reading.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::node {

// How values are written, in files, variables and options alike. `text_form<T>` has, for each type a setting may have:
//   read(text)   the value, or none when the text is not one
//   print(value) the text that reads as the value again
//   expected     what a mistake tells to write instead
//   names()      the valid words, for a type that is a choice of words

template <class T>
struct text_form;

/// A number of bytes.
struct byte_size {
  std::uint64_t bytes = 0;

  friend bool operator==(byte_size, byte_size) = default;
  friend bool operator<=(byte_size left, byte_size right) noexcept { return left.bytes <= right.bytes; }
};

/// Where something listens. Port 0 asks the system for a free one.
struct endpoint {
  std::string address; ///< an IPv4 address, or an IPv6 address without brackets
  std::uint16_t port = 0;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Stands for every address of the machine, IPv4 and IPv6.
inline constexpr std::string_view every_address = "::";

/// Whether only this machine can reach it.
bool is_loopback(const endpoint& listener);

/// A collection of documents.
struct collection_name {
  std::string database;
  std::string collection;

  friend bool operator==(const collection_name&, const collection_name&) = default;
};

template <>
struct text_form<std::string> {
  static std::optional<std::string> read(std::string_view text) { return std::string{text}; }
  static std::string print(const std::string& value);
  static constexpr std::string_view expected = "a text";
};

template <>
struct text_form<std::uint32_t> {
  static std::optional<std::uint32_t> read(std::string_view text);
  static std::string print(std::uint32_t value) { return std::to_string(value); }
  static constexpr std::string_view expected = "a whole number";
};

template <>
struct text_form<double> {
  static std::optional<double> read(std::string_view text);
  static std::string print(double value);
  static constexpr std::string_view expected = "a number such as 0.2";
};

template <>
struct text_form<duration> {
  static std::optional<duration> read(std::string_view text);
  static std::string print(duration value);
  static constexpr std::string_view expected = "a whole number with ms, s, min, h or d, such as 200ms, 5s or 5min";
};

template <>
struct text_form<byte_size> {
  static std::optional<byte_size> read(std::string_view text);
  static std::string print(byte_size value);
  static constexpr std::string_view expected = "a whole number with B, KiB, MiB, GiB or TiB, such as 64MiB";
};

template <>
struct text_form<endpoint> {
  /// An address may be left out (":8080"): every address of the machine, as with "[::]". "localhost" is 127.0.0.1.
  static std::optional<endpoint> read(std::string_view text);
  static std::string print(const endpoint& value);
  static constexpr std::string_view expected = "ADDRESS:PORT with a numeric address, such as 127.0.0.1:8080 or [::1]:8080";
};

template <>
struct text_form<collection_name> {
  static std::optional<collection_name> read(std::string_view text);
  static std::string print(const collection_name& value) { return value.database + '.' + value.collection; }
  static constexpr std::string_view expected = R"(DATABASE.COLLECTION in letters, digits, "-" and "_")";
};

/// Where a secret is to be read. The secret itself never stands in a topology.
template <>
struct text_form<secret_reference> {
  static std::optional<secret_reference> read(std::string_view text);
  static std::string print(const secret_reference& value);
  static constexpr std::string_view expected =
    "env:NAME, file:/PATH, aws-secretsmanager:NAME or aws-ssm:NAME, where the secret is to be read";
};

/// A value that may be left out; it is then written as `none`.
template <class T>
struct text_form<std::optional<T>> {
  static std::optional<std::optional<T>> read(std::string_view text) {
    if (text == "none")
      return std::optional<std::optional<T>>{std::in_place, std::nullopt};
    auto value = text_form<T>::read(text);
    if (!value)
      return std::nullopt;
    return std::optional<std::optional<T>>{std::in_place, std::move(value)};
  }
  static std::string print(const std::optional<T>& value) { return value ? text_form<T>::print(*value) : "none"; }
  static constexpr std::string_view expected = text_form<T>::expected;
};

/// The words of a choice; a specialisation has `static constexpr std::array words{std::pair{"word"sv, value}, ...}`.
template <class Choice>
struct choice_words;

template <class Choice>
concept choice = requires {
  choice_words<Choice>::words;
};

template <choice Choice>
struct text_form<Choice> {
  static std::optional<Choice> read(std::string_view text) {
    for (const auto& [word, value] : choice_words<Choice>::words)
      if (word == text)
        return value;
    return std::nullopt;
  }
  static std::string print(Choice chosen) {
    for (const auto& [word, value] : choice_words<Choice>::words)
      if (value == chosen)
        return std::string{word};
    return {};
  }
  static std::vector<std::string> names() {
    std::vector<std::string> result;
    result.reserve(choice_words<Choice>::words.size());
    for (const auto& [word, value] : choice_words<Choice>::words)
      result.emplace_back(word);
    return result;
  }
};

/// Lower-case letters, digits and inner hyphens, at most 63 of them, beginning with a letter: an RFC 1035 label, as
/// Kubernetes wants the names of services.
bool is_service_name(std::string_view name) noexcept;

/// Letters, digits, ".", "_" and "-", at most 249 of them, and neither "." nor "..": what Kafka allows as the name of a
/// topic, which every other transport bears too.
bool is_channel_name(std::string_view name) noexcept;

/// HOST:PORT, with a name, an IPv4 address or an IPv6 address in brackets; or where a list of these is kept, as a secret is.
bool is_broker(std::string_view text) noexcept;

/// A name or an address, without port and brackets, as a Host header may bear it.
bool is_host_name(std::string_view text) noexcept;

/// NAME=VALUE, as librdkafka's properties are written.
bool is_property(std::string_view text) noexcept;

/// A text of 1 to 1024 bytes in UTF-8: what greetings and messages carry, and what gRPC takes.
bool is_short_text(std::string_view text) noexcept;

/// Such a text in which braces stand only around what a producer fills in: {n} and {hostname}.
bool is_message_text(std::string_view text) noexcept;

} // namespace troupe::node
