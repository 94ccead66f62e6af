#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

namespace troupe::bench {

/// What was measured, round by round: the anchor's values, and ours of the same rounds. Without an anchor the values stand
/// for themselves.
struct figure {
  std::string_view name;
  std::string_view unit;
  std::vector<double> anchor;
  std::vector<double> ours;
  std::string_view target; ///< "ratio >= 0.8", "value < 5"; empty: none
};

inline void append_numbers(std::ostream& out, const std::vector<double>& values) {
  out << '[';
  for (std::size_t i = 0; i < values.size(); ++i)
    out << (i == 0 ? "" : ",") << values[i];
  out << ']';
}

/// Prints the figure as the line that results.py reads. Names and units need no escaping.
inline void report(const figure& what) {
  std::cout.precision(10);
  std::cout << R"({"name":")" << what.name << R"(","unit":")" << what.unit << R"(","anchor":)";
  append_numbers(std::cout, what.anchor);
  std::cout << R"(,"ours":)";
  append_numbers(std::cout, what.ours);
  std::cout << R"(,"target":")" << what.target << "\"}\n" << std::flush;
}

/// A benchmark in which anything fails has measured nothing.
[[noreturn]] inline void give_up(std::string_view why) {
  std::cerr << "benchmark: " << why << std::endl;
  std::_Exit(EXIT_FAILURE);
}

} // namespace troupe::bench
