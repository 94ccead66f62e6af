#include <algorithm>
#include <string>

#include <troupe/deploy/host/topology/check.hpp>
#include <troupe/deploy/host/topology/settings.hpp>
#include <troupe/deploy/reference/platform.hpp>

#include "property.hpp"

using namespace troupe::host;
using namespace troupe_fuzz;

namespace {

constexpr std::string_view file = "t.yaml";

std::string_view digits(std::string_view& text) {
  const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto result = text.substr(0, count);
  text.remove_prefix(count);
  return result;
}

/// "FILE:LINE:COLUMN: ", counted from 1, and something behind it, all on one line.
bool is_mistake(std::string_view line) {
  if (line.find('\n') != std::string_view::npos || !line.starts_with(file))
    return false;
  line.remove_prefix(file.size());
  for (int i = 0; i < 2; ++i) {
    if (!line.starts_with(':'))
      return false;
    line.remove_prefix(1);
    const auto number = digits(line);
    if (number.empty() || number.front() == '0')
      return false;
  }
  return line.starts_with(": ") && line.size() > 2;
}

} // namespace

// Made of files when the program is built.
std::vector<topology_file> troupe::reference::platform::built_in_topologies() const {
  return {};
}

/// Any bytes are a configuration that can be printed, or are refused by lines that each name a place in them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const surroundings around{{{"HOME", "/home/operator"}, {"TOKEN", "secret"}},
                            [](const std::string&) {
                              return troupe::expected<std::string>{troupe::failure{troupe::errc::not_found, "no such file"}};
                            },
                            {},
                            {},
                            {}};
  static const troupe::reference::platform program;
  diagnostics found;
  const auto got = configure({{std::string{file}, std::string{text_of(data, size)}}}, program, {}, around, found);
  const auto lines = found.lines();
  require(got.has_value() == lines.empty());
  for (const auto& line : lines)
    require(is_mistake(line) || (&line == &lines.back() && line.starts_with("... and ")));
  if (got) {
    const auto report = check_report(*got, program);
    require(!report.empty() && report == check_report(*got, program));
    require(!got->plan.services.empty() && got->plan.services.size() == got->running.size());
  }
  return 0;
}
