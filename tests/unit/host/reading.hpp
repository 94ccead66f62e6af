#pragma once

// What the suites of the program's settings share: a topology in a line or two, and what becomes of it.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/settings.hpp>
#include <troupe/deploy/reference/platform.hpp>

namespace troupe_test {

using troupe::host::configuration;
using troupe::host::process_options;

/// A configuration, or the lines of mistakes.
struct reading {
  std::optional<configuration> got;
  std::vector<std::string> mistakes;

  /// The first line, or nothing.
  [[nodiscard]] std::string first() const { return mistakes.empty() ? std::string{} : mistakes.front(); }
};

/// What the program `troupe` adds to the host.
inline const troupe::reference::platform& platform() {
  static const troupe::reference::platform one;
  return one;
}

using variables = std::map<std::string, std::string>;

/// Around the process: a home, no files, and the given variables. Every text that begins as a connection string is one.
inline troupe::host::surroundings around(variables given = {}) {
  given.emplace("HOME", "/home/operator");
  return {std::move(given),
          [](const std::string&) -> troupe::expected<std::string> {
            return troupe::failure{troupe::errc::not_found, "there is no such file"};
          },
          {},
          [](const troupe::secret& uri) -> troupe::expected<std::string> {
            if (!uri.reveal().starts_with("mongodb"))
              return troupe::failure{troupe::errc::invalid, "it is none"};
            return "mongodb://***@" + uri.reveal().substr(uri.reveal().find('@') + 1);
          },
          {}};
}

/// Configures a process from the text of "t.yaml".
inline reading configured(const std::string& text, const process_options& options = {}, variables given = {}) {
  troupe::host::diagnostics found;
  auto got = troupe::host::configure({{"t.yaml", text}}, platform(), options, around(std::move(given)), found);
  return {std::move(got), found.lines()};
}

} // namespace troupe_test
