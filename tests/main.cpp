// The entry point of every suite: registers the types that messages carry, then hands over to CAF's test library. How long a
// suite may take is CTest's to say.
#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>

#include <algorithm>
#include <iostream>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/ports/types.hpp>

namespace {

constexpr std::string_view suite_filter = "--suites=";

/// Whether some suite is selected. CAF's test library calls it a success to run none.
bool selects_something(const std::vector<char*>& arguments) {
  const auto suites = caf::test::engine::available_suites();
  return std::all_of(arguments.begin(), arguments.end(), [&](std::string_view argument) {
    if (!argument.starts_with(suite_filter))
      return true;
    const std::regex wanted{std::string{argument.substr(suite_filter.size())}};
    return std::any_of(suites.begin(), suites.end(), [&](const auto& name) { return std::regex_search(name, wanted); });
  });
}

} // namespace

int main(int argc, char** argv) {
  troupe::register_message_types();
  std::vector<char*> arguments{argv, argv + argc};
  if (!selects_something(arguments)) {
    std::cerr << "no suite of this program matches " << suite_filter << '\n';
    return EXIT_FAILURE;
  }
  std::string no_watchdog = "--max-runtime=0";
  arguments.push_back(no_watchdog.data());
  return caf::test::main(static_cast<int>(arguments.size()), arguments.data());
}
