#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <troupe/deploy/node/diagnostics.hpp>
#include <troupe/deploy/node/topology_schema.hpp>

namespace troupe::node {

/// Why a text is not the value of a setting, as a mistake tells it.
struct misreading {
  std::string what;
  std::string expected;
  std::string nearest;
};

/// What may be written for a setting of type `T` under a rule.
template <class T, class Rule>
std::string expectation(const Rule& rule) {
  if constexpr (choice<T>)
    return listed(text_form<T>::names());
  else if constexpr (std::is_same_v<Rule, spelled>)
    return rule.expected();
  else
    return std::string{text_form<T>::expected};
}

/// Reads the value of a setting from a file, a variable or an option; when it cannot be, `why` is told.
template <class T, class Rule>
std::optional<T> read_scalar(const std::string& text, const Rule& rule, misreading& why) {
  auto value = text_form<T>::read(text);
  if (value && rule.allows(*value))
    return value;
  constexpr bool may_be_a_secret = std::is_same_v<T, std::optional<secret_reference>>;
  why = {(may_be_a_secret ? std::string{"this"} : in_quotes(text)) + " cannot stand here",
         value ? rule.expected() : expectation<T>(rule),
         {}};
  if constexpr (choice<T>)
    why.nearest = nearest(text, text_form<T>::names());
  else if constexpr (requires { rule.nearest(text); })
    why.nearest = rule.nearest(text);
  return std::nullopt;
}

} // namespace troupe::node
