#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/messages/values/endpoint.hpp>
#include <troupe/messages/values/secret_reading.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::settings {

// How values are written, in files, variables and options alike. `text_form<T>` has, for each type a setting may have:
//   read(text)   the value, or none when the text is not one
//   print(value) the text that reads as the value again
//   expected     the form of such a text, for error messages

template <class T>
struct text_form;

/// A number of bytes.
struct byte_size {
  std::uint64_t bytes = 0;

  friend bool operator==(byte_size, byte_size) = default;
  friend bool operator<=(byte_size left, byte_size right) noexcept { return left.bytes <= right.bytes; }
};

template <>
struct text_form<std::string> {
  static std::optional<std::string> read(std::string_view text) { return std::string{text}; }
  static std::string print(const std::string& value);
  static constexpr std::string_view expected = "a text";
};

template <>
struct text_form<std::uint64_t> {
  static std::optional<std::uint64_t> read(std::string_view text);
  static std::string print(std::uint64_t value) { return std::to_string(value); }
  static constexpr std::string_view expected = "a whole number";
};

template <std::unsigned_integral T>
struct text_form<T> {
  static std::optional<T> read(std::string_view text) {
    const auto value = text_form<std::uint64_t>::read(text);
    return value && *value <= std::numeric_limits<T>::max() ? std::optional{static_cast<T>(*value)} : std::nullopt;
  }
  static std::string print(T value) { return std::to_string(value); }
  static constexpr std::string_view expected = text_form<std::uint64_t>::expected;
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
  static std::string print(const endpoint& value) { return to_string(value); }
  static constexpr std::string_view expected = "ADDRESS:PORT with a numeric address, such as 127.0.0.1:8080 or [::1]:8080";
};

/// Where a secret is to be read. The secret itself never stands in a topology.
template <>
struct text_form<secret_reference> {
  static std::optional<secret_reference> read(std::string_view text);
  static std::string print(const secret_reference& value) { return to_string(value); }
  static constexpr std::string_view expected =
    "env:NAME, file:/PATH, aws-secretsmanager:NAME or aws-ssm:NAME, where the secret is to be read";
};

/// The values of a list, as `check` shows them.
template <class T>
struct text_form<std::vector<T>> {
  static std::string print(const std::vector<T>& values) {
    std::string result;
    for (const auto& one : values)
      result += (result.empty() ? "[" : ", ") + text_form<T>::print(one);
    return result.empty() ? "none" : result + ']';
  }
};

/// The words of a choice, the first of a value being the one that is printed.
template <class Choice, std::size_t N>
using word_list = std::array<std::pair<std::string_view, Choice>, N>;

/// A choice of words is an enum with a function beside it:
/// `constexpr auto words_of(colour) { return words<colour>({{"red", colour::red}, {"blue", colour::blue}}); }`
template <class Choice, std::size_t N>
constexpr word_list<Choice, N> words(const std::pair<std::string_view, Choice> (&all)[N]) {
  return std::to_array(all);
}

template <class T>
concept choice = requires(T value) {
  words_of(value);
};

template <choice Choice>
struct text_form<Choice> {
  static constexpr auto all = words_of(Choice{});

  static std::optional<Choice> read(std::string_view text) {
    for (const auto& [word, value] : all)
      if (word == text)
        return value;
    return std::nullopt;
  }
  static std::string print(Choice chosen) {
    for (const auto& [word, value] : all)
      if (value == chosen)
        return std::string{word};
    return {};
  }
  static std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const auto& [word, value] : all)
      result.emplace_back(word);
    return result;
  }
};

/// A text of 1 to 1024 bytes in UTF-8: what greetings and messages carry, and what gRPC takes.
bool is_short_text(std::string_view text) noexcept;

} // namespace troupe::settings
