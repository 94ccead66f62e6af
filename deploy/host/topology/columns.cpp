#include <troupe/deploy/host/topology/columns.hpp>

#include <algorithm>
#include <ostream>

namespace troupe::host {

void print_columns(const std::vector<std::vector<std::string>>& rows, std::ostream& out, const std::string& indent,
                   std::size_t widest) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t n = 0; n != row.size(); ++n)
      widths[n] = std::max(widths[n], std::min(row[n].size(), widest));
  }
  for (const auto& row : rows) {
    out << indent;
    for (std::size_t n = 0; n != row.size(); ++n)
      out << row[n]
          << (n + 1 == row.size() ? "\n" : std::string(widths[n] > row[n].size() ? widths[n] - row[n].size() + 2 : 2, ' '));
  }
}

} // namespace troupe::host
