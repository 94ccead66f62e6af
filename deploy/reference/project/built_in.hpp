#pragma once

#include <span>
#include <string_view>

namespace troupe::reference {

struct project_template {
  std::string_view path; ///< in the project, with the words of a template
  std::string_view text;
};

/// Those of the folder `templates`, as they were when the program was built.
std::span<const project_template> built_in_templates() noexcept;

} // namespace troupe::reference
