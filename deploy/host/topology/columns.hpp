#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace troupe::host {

/// Prints rows of cells in columns, two spaces apart. A cell wider than `widest` does not widen its column. Cells are of one
/// line.
void print_columns(const std::vector<std::vector<std::string>>& rows, std::ostream& out, const std::string& indent = {},
                   std::size_t widest = std::string::npos);

} // namespace troupe::host
