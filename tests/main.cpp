// The entry point of every suite: registers the types that messages carry, then hands over to CAF's test library. How long a
// suite may take is CTest's to say.
#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>

#include <string>
#include <vector>

#include <troupe/messages/ports/types.hpp>

int main(int argc, char** argv) {
  caf::init_global_meta_objects<caf::id_block::troupe>();
  caf::core::init_global_meta_objects();
  std::vector<char*> arguments{argv, argv + argc};
  std::string no_watchdog = "--max-runtime=0";
  arguments.push_back(no_watchdog.data());
  return caf::test::main(static_cast<int>(arguments.size()), arguments.data());
}
