#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/source_location.hpp>

namespace troupe {

/// A setting of a service's code, whatever its type.
struct declared_setting {
  std::string name;
  std::string standard; ///< its default, as it is written
  std::string allowed;  ///< its range, or the form of its text
  std::string reason;   ///< for its default
  source_location where;
  bool standard_allowed = true;
  /// A text's value as it is printed; none: it is not allowed.
  std::function<std::optional<std::string>(const std::string& text)> read;
  /// What would be, instead of a text that is not allowed.
  std::function<std::string(const std::string& text)> expected;
  std::vector<std::string> words; ///< of which it is one; empty: it has no list of words

  enum class need : std::uint8_t { none, optional, required };
  need of_secret = need::none; ///< whether it is a secret, whose text is where the secret is kept
};

namespace settings {

// What an author's settings may be beside what the host's are.

template <std::signed_integral T>
struct text_form<T> {
  static std::optional<T> read(std::string_view text) {
    const bool negative = text.starts_with('-');
    const auto size = text_form<std::uint64_t>::read(negative ? text.substr(1) : text);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    if (!size || *size > most)
      return std::nullopt;
    return static_cast<T>(negative ? -static_cast<T>(*size) : static_cast<T>(*size));
  }
  static std::string print(T value) { return std::to_string(value); }
  static constexpr std::string_view expected = text_form<std::uint64_t>::expected;
};

template <>
struct text_form<bool> {
  static std::optional<bool> read(std::string_view text) {
    if (text != "true" && text != "false")
      return std::nullopt;
    return text == "true";
  }
  static std::string print(bool value) { return value ? "true" : "false"; }
  static constexpr std::string_view expected = "true or false";
};

/// As what a default is kept: a literal is a text, and any duration a `troupe::duration`.
template <class T>
struct kept_as {
  using type = T;
};
template <std::convertible_to<std::string_view> T>
struct kept_as<T> {
  using type = std::string;
};
template <class Rep, class Period>
struct kept_as<std::chrono::duration<Rep, Period>> {
  using type = duration;
};

template <class T>
using kept = typename kept_as<std::decay_t<T>>::type;

/// All but the words for what is allowed.
template <class T, class Rule>
declared_setting declare_value(std::string_view name, const T& standard, const Rule& rule, std::string_view reason,
                               source_location where) {
  declared_setting result;
  result.name = name;
  result.standard = print(rule, standard);
  result.standard_allowed = allows(rule, standard);
  result.reason = reason;
  result.where = where;
  result.read = [rule](const std::string& text) -> std::optional<std::string> {
    const auto value = settings::read<T>(rule, text);
    return value && allows(rule, *value) ? std::optional{print(rule, *value)} : std::nullopt;
  };
  return result;
}

template <class T, class Rule>
declared_setting declare(std::string_view name, const T& standard, const Rule& rule, std::string_view reason,
                         source_location where) {
  auto result = declare_value(name, standard, rule, reason, where);
  const auto form = std::string{text_form<T>::expected};
  const auto range = rule.expected();
  result.allowed = range.empty() ? form : range;
  result.expected = [rule, form, range](const std::string& text) {
    return !range.empty() && (settings::read<T>(rule, text) || std::is_same_v<T, std::string>) ? range : form;
  };
  if constexpr (requires { rule.names; })
    result.words.assign(rule.names.begin(), rule.names.end());
  return result;
}

/// A choice of words is any of them.
template <choice T, class Rule>
declared_setting declare(std::string_view name, const T& standard, const Rule& rule, std::string_view reason,
                         source_location where) {
  const auto names = text_form<T>::names();
  std::string listed;
  for (std::size_t i = 0; i != names.size(); ++i)
    listed += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  auto result = declare_value(name, standard, rule, reason, where);
  result.allowed = listed;
  result.expected = [listed](const std::string& /*text*/) { return listed; };
  result.words = names;
  return result;
}

/// A secret that is read before any actor runs, and so from this machine.
declared_setting declare_secret(std::string_view name, declared_setting::need of_secret, std::string_view reason,
                                source_location where);

} // namespace settings

} // namespace troupe
