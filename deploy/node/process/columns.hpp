#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace troupe::node {

/// Prints rows of equally many cells, each column as wide as its widest cell. Cells are of one line.
void print_columns(const std::vector<std::vector<std::string>>& rows, std::ostream& out);

} // namespace troupe::node
