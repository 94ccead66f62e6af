// The entry point of every suite: registers the types that messages carry, then hands over to CAF's test library.
#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>

#include <troupe/messages/ports/types.hpp>

int main(int argc, char** argv) {
  caf::init_global_meta_objects<caf::id_block::troupe>();
  caf::core::init_global_meta_objects();
  return caf::test::main(argc, argv);
}
