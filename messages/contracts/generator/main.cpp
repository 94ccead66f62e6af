// protoc's plugin for contracts: writes the typed actor interface of each service of a file. `troupe_contract` in CMake
// runs it.

#include <google/protobuf/compiler/plugin.h>

#include "generator.hpp"

int main(int argc, char** argv) {
  const troupe::contracts::generator writes;
  return google::protobuf::compiler::PluginMain(argc, argv, &writes);
}
