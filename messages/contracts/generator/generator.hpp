#pragma once

#include <cstdint>
#include <string>

#include <google/protobuf/compiler/code_generator.h>

namespace troupe::contracts {

/// Writes `NAME.troupe.hpp` for `NAME.proto`: for each service `Orders` the class `orders_service`, from which an author
/// derives, and the class `orders_client`. Fails, with the file, line and column of the declaration, for an rpc that cannot
/// be a message of an actor.
class generator final : public google::protobuf::compiler::CodeGenerator {
public:
  bool Generate(const google::protobuf::FileDescriptor* file, const std::string& parameter,
                google::protobuf::compiler::GeneratorContext* context, std::string* error) const override;
  std::uint64_t GetSupportedFeatures() const override { return FEATURE_PROTO3_OPTIONAL; }
};

} // namespace troupe::contracts
