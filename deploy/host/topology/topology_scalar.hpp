#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/topology_schema.hpp>

namespace troupe::host {

/// Why a text is not the value of a setting: the parts of a mistake.
struct misreading {
  std::string problem;
  std::string expected;
  std::string nearest;
};

/// What may be written for a setting of type `T` under a rule.
template <class T, class Rule>
std::string expectation(const Rule& rule) {
  if constexpr (settings::may_be_left_out<T>)
    return expectation<typename T::value_type>(rule);
  else if constexpr (requires { rule.words(); })
    return listed(rule.words());
  else if constexpr (settings::choice<T>)
    return listed(text_form<T>::names());
  else if constexpr (requires { Rule::form; })
    return std::string{Rule::form};
  else if constexpr (std::is_same_v<T, std::string>)
    return rule.expected();
  else
    return std::string{text_form<T>::expected};
}

/// Whether the text is a number that only the setting's type is too small for.
template <class T, class Rule>
bool too_large(const std::string& text) {
  return std::is_same_v<Rule, settings::between<T>> && std::is_unsigned_v<T> && text_form<std::uint64_t>::read(text);
}

/// Reads the value of a setting from a file, a variable or an option; otherwise sets `why`.
template <class T, class Rule>
std::optional<T> read_scalar(const std::string& text, const Rule& rule, misreading& why) {
  auto value = settings::read<T>(rule, text);
  if (value && settings::allows(rule, *value))
    return value;
  constexpr bool may_be_a_secret = std::is_same_v<T, std::optional<secret_reference>>;
  why = {(may_be_a_secret ? std::string{"this"} : in_quotes(text)) + " is not allowed here",
         value || too_large<T, Rule>(text) ? rule.expected() : expectation<T>(rule),
         {}};
  if constexpr (requires { rule.words(); })
    why.nearest = nearest(text, rule.words());
  else if constexpr (settings::choice<T>)
    why.nearest = nearest(text, text_form<T>::names());
  else if constexpr (requires { rule.names; })
    why.nearest = nearest(text, std::vector<std::string>{rule.names.begin(), rule.names.end()});
  else if constexpr (requires { rule.nearest(text); })
    why.nearest = rule.nearest(text);
  return std::nullopt;
}

} // namespace troupe::host
