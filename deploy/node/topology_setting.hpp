#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <troupe/deploy/node/diagnostics.hpp>

namespace troupe::node {

/// Who gave a setting its value.
struct setting_source {
  enum class kind : std::uint8_t { standard, file, environment, flag };

  kind from = kind::standard;
  place where;      ///< for `file`
  std::string name; ///< for `environment` and `flag`: the variable or the option

  friend bool operator==(const setting_source&, const setting_source&) = default;
};

/// "default", "FILE:LINE:COLUMN", "environment PORT", "flag --http".
std::string to_string(const setting_source& source);

/// Tells a mistake where the source stands: at its place in a file, its variable or its option; a default's at `otherwise`.
void tell(diagnostics& found, const setting_source& source, const place& otherwise, std::string what,
          std::string expected = {}, std::string nearest = {});

/// A value that remembers who gave it.
template <class T>
struct setting {
  T value{};
  setting_source source;

  setting() = default;
  /// A default.
  setting(T initial) : value(std::move(initial)) {} // NOLINT(google-explicit-constructor): a default is written as its value
  setting(T given, setting_source by) : value(std::move(given)), source(std::move(by)) {}

  const T& operator*() const noexcept { return value; }
  const T* operator->() const noexcept { return &value; }

  [[nodiscard]] bool is_default() const noexcept { return source.from == setting_source::kind::standard; }
};

} // namespace troupe::node
