#pragma once

#include <string_view>

namespace troupe::node {

/// What the program was built from, for logs and metrics.
struct build {
  std::string_view version;
  std::string_view commit; ///< abbreviated; "unknown" where the sources are no Git checkout
  std::string_view compiler;
};

build this_build() noexcept;

} // namespace troupe::node
