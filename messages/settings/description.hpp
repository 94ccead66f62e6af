#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/messages/settings/text.hpp>

namespace troupe::settings {

// A described struct has its settings as members, with their defaults, and a function beside it that hands each of them to a
// visitor. This is the only place where a setting's key, range and reason stand:
//
//   struct window_config {
//     std::uint32_t calls = 100;
//     duration length = std::chrono::seconds{1};
//   };
//
//   template <class Visitor, settings::self_of<window_config> Self>
//   void describe(Visitor& v, Self& window) {
//     v.value("calls", window.calls, settings::between<std::uint32_t>{1, 10'000}, "a small service's capacity");
//     v.value("length", window.length, settings::any_wait);
//   }
//
// Its type is its unit: durations and sizes are written with theirs. A visitor has:
//   value(key, member, rule, reason = {})   a scalar, or a list of scalars, for each of which the rule holds
//   section(key, part)                      another described struct
// Readers, printers, checks and the test of the manual are visitors.

/// The struct or a constant one: a description is written once for those who read it and those who fill it.
template <class Self, class T>
concept self_of = std::same_as<std::remove_const_t<Self>, T>;

/// Everything that can be read is allowed.
struct anything {
  template <class T>
  [[nodiscard]] bool allows(const T&) const noexcept {
    return true;
  }
  [[nodiscard]] static std::string expected() { return {}; }
};

/// From `least` to `most`.
template <class T>
struct between {
  T least;
  T most;

  [[nodiscard]] bool allows(const T& value) const { return least <= value && value <= most; }
  [[nodiscard]] std::string expected() const { return text_form<T>::print(least) + " to " + text_form<T>::print(most); }
};

template <class T>
between(T, T) -> between<T>; // Clang 16 deduces nothing of an aggregate by itself

/// A number of bytes from `least` to `most`, written as a size.
struct in_bytes {
  std::uint64_t least;
  std::uint64_t most;

  template <std::integral T>
  [[nodiscard]] bool allows(T value) const noexcept {
    return std::cmp_less_equal(least, value) && std::cmp_less_equal(value, most);
  }
  [[nodiscard]] std::string expected() const { return print(least) + " to " + print(most); }
  [[nodiscard]] static std::optional<std::uint64_t> read(std::string_view text) {
    const auto size = text_form<byte_size>::read(text);
    return size ? std::optional{size->bytes} : std::nullopt;
  }
  template <std::integral T>
  [[nodiscard]] static std::string print(T value) {
    return text_form<byte_size>::print({static_cast<std::uint64_t>(value)});
  }
  static constexpr std::string_view form = text_form<byte_size>::expected;
};

/// A text of a certain kind.
struct spelled {
  bool (*is_one)(std::string_view) noexcept;
  std::string_view kind;

  [[nodiscard]] bool allows(const std::string& text) const { return is_one(text); }
  [[nodiscard]] std::string expected() const { return std::string{kind}; }
};

/// One of some words that are taken as they are.
template <std::size_t N>
struct one_of {
  std::array<std::string_view, N> names;

  template <class... Words>
  constexpr explicit one_of(Words... words) : names{words...} {}

  [[nodiscard]] bool allows(const std::string& text) const { return std::ranges::find(names, text) != names.end(); }
  [[nodiscard]] static std::string print(const std::string& text) { return text; }
  [[nodiscard]] std::string expected() const {
    std::string result;
    for (std::size_t i = 0; i < N; ++i)
      result += (i == 0 ? "" : i + 1 == N ? " or " : ", ") + std::string{names[i]};
    return result;
  }
};

template <class... Words>
one_of(Words...) -> one_of<sizeof...(Words)>;

/// Some of the values of a choice.
template <class Choice, std::size_t N>
struct among {
  std::array<Choice, N> values;

  template <class... Some>
  constexpr explicit among(Some... some) : values{some...} {}

  [[nodiscard]] bool allows(Choice value) const { return std::ranges::find(values, value) != values.end(); }
  [[nodiscard]] std::vector<std::string> words() const {
    std::vector<std::string> result;
    for (const auto value : values)
      result.push_back(text_form<Choice>::print(value));
    return result;
  }
  [[nodiscard]] std::string expected() const {
    std::string result;
    for (const auto& word : words())
      result += (result.empty() ? "" : " or ") + word;
    return result;
  }
};

template <class Choice, class... More>
among(Choice, More...) -> among<Choice, 1 + sizeof...(More)>;

/// A secret that is read before anything runs, and so from this machine alone.
struct kept_here {
  static constexpr std::string_view form = "env:NAME or file:/PATH";

  [[nodiscard]] static bool allows(const secret_reference& kept) noexcept {
    return kept.keeper == secret_keeper::environment || kept.keeper == secret_keeper::file;
  }
  [[nodiscard]] static std::string expected() { return std::string{form}; }
};

inline constexpr spelled short_text{is_short_text, "a text of 1 to 1024 bytes in UTF-8"};

/// A text that may be left out: written as `none`, it is empty.
struct text_or_none {
  [[nodiscard]] static bool allows(const std::string& text) { return text.empty() || is_short_text(text); }
  [[nodiscard]] static std::string expected() { return short_text.expected(); }
  [[nodiscard]] static std::optional<std::string> read(std::string_view text) {
    if (text == "none")
      return std::string{};
    return text.empty() ? std::nullopt : std::optional{std::string{text}};
  }
  [[nodiscard]] static std::string print(const std::string& text) {
    return text.empty() ? "none" : text_form<std::string>::print(text);
  }
};

inline constexpr between<duration> any_wait{std::chrono::milliseconds{1}, std::chrono::hours{24}};
inline constexpr between<duration> any_wait_or_none{duration::zero(), std::chrono::hours{24}};
inline constexpr between<double> a_share{0, 1};

/// Whether the rule allows a value: what may be left out may, and of a list it holds for each.
template <class T, class Rule>
bool allows(const Rule& rule, const T& value) {
  return rule.allows(value);
}
template <class T, class Rule>
bool allows(const Rule& rule, const std::optional<T>& value) {
  return !value || rule.allows(*value);
}
template <class T, class Rule>
bool allows(const Rule& rule, const std::vector<T>& values) {
  return std::ranges::all_of(values, [&rule](const T& one) { return rule.allows(one); });
}

/// Whether a value may be left out, which is then written as `none`.
template <class T>
inline constexpr bool may_be_left_out = false;
template <class T>
inline constexpr bool may_be_left_out<std::optional<T>> = true;

/// A value as it is written under the rule.
template <class T, class Rule>
std::string print(const Rule& rule, const T& value) {
  if constexpr (requires { rule.print(value); })
    return rule.print(value);
  else if constexpr (may_be_left_out<T>)
    return value ? print(rule, *value) : "none";
  else
    return text_form<T>::print(value);
}

/// The value that is written so; none where the text is not one, whether or not the rule allows it.
template <class T, class Rule>
std::optional<T> read(const Rule& rule, std::string_view text) {
  if constexpr (may_be_left_out<T>) {
    if (text == "none")
      return std::optional<T>{std::in_place};
    auto value = read<typename T::value_type>(rule, text);
    return value ? std::optional<T>{std::in_place, std::move(value)} : std::nullopt;
  } else if constexpr (requires { rule.read(text); }) {
    auto value = rule.read(text);
    return value ? std::optional{static_cast<T>(*value)} : std::nullopt;
  } else {
    return text_form<T>::read(text);
  }
}

/// A visitor that collects what the rules do not allow.
class checker {
public:
  explicit checker(std::vector<std::string>& mistakes, std::string prefix = {})
    : mistakes_(mistakes), prefix_(std::move(prefix)) {}

  template <class T, class Rule>
  void value(std::string_view key, const T& value, const Rule& rule, std::string_view /*reason*/ = {}) {
    if (!allows(rule, value))
      mistakes_.push_back(prefix_ + std::string{key} + " is " + print(rule, value) + "; expected " + rule.expected());
  }

  template <class Part>
  void section(std::string_view key, const Part& part) {
    checker inner{mistakes_, prefix_ + std::string{key} + '.'};
    describe(inner, part);
  }

private:
  std::vector<std::string>& mistakes_;
  std::string prefix_;
};

/// Each setting of a described struct that is outside its range, in words: `in-flight is 0; expected 1 to 1000000`.
template <class Part>
std::vector<std::string> mistakes_of(const Part& part) {
  std::vector<std::string> mistakes;
  checker all{mistakes};
  describe(all, part);
  return mistakes;
}

} // namespace troupe::settings
