// The entry point of this suite: registers the bridge's own messages beside Troupe's.
#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>

#include <troupe/bridges/grpc/jobs.hpp>

int main(int argc, char** argv) {
  caf::init_global_meta_objects<caf::id_block::troupe>();
  caf::init_global_meta_objects<caf::id_block::troupe_grpc>();
  caf::core::init_global_meta_objects();
  return caf::test::main(argc, argv);
}
