#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::telemetry_test {

using labels = std::map<std::string, std::string>;

struct sample {
  std::string name;
  labels where;
  double value = 0;
};

struct family {
  std::string name;
  std::string help;
  std::string type;
  std::vector<sample> samples;
};

/// What a scraper understands.
struct exposition {
  std::vector<family> families;

  /// The value of the series with that name and exactly these labels; throws when there is none.
  [[nodiscard]] double at(std::string_view name, const labels& where = {}) const;
  [[nodiscard]] bool has(std::string_view name, const labels& where = {}) const;
  [[nodiscard]] const family* find(std::string_view name) const;
};

/// Reads the text form, version 0.0.4, strictly: HELP (which may be missing) and TYPE once and before the samples, legal
/// names and escapes, no series twice, histograms that are cumulative and end with +Inf. Throws `std::runtime_error` with
/// the line that breaks a rule.
exposition parse_exposition(std::string_view text);

} // namespace troupe::telemetry_test
