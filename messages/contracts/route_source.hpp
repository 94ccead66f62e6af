#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <troupe/messages/values/error.hpp>

namespace google::protobuf {
class Descriptor;
class DescriptorPool;
class EnumDescriptor;
class FieldDescriptor;
class MethodDescriptor;
class ServiceDescriptor;
} // namespace google::protobuf

namespace troupe::contracts {

/// Lines and comments of .proto files. Compiled descriptors have none of their own; those of a compiler's descriptor set do.
/// Immutable, any thread.
class proto_source {
public:
  /// Only what the descriptors bring themselves.
  proto_source() = default;

  /// Reads a google.protobuf.FileDescriptorSet that `protoc --include_imports --include_source_info --descriptor_set_out`
  /// wrote. Fails with `undecodable` for bytes that are none, or that are incomplete.
  static expected<proto_source> read(std::string_view descriptor_set);

  /// "shop.proto:12: shop.Orders.Place", without the line where it is not known.
  [[nodiscard]] std::string place_of(const google::protobuf::MethodDescriptor& method) const;

  /// The comment before a declaration, else the one behind it, without the marks; empty where there is none.
  [[nodiscard]] std::string comment_of(const google::protobuf::ServiceDescriptor& service) const;
  [[nodiscard]] std::string comment_of(const google::protobuf::MethodDescriptor& method) const;
  [[nodiscard]] std::string comment_of(const google::protobuf::Descriptor& message) const;
  [[nodiscard]] std::string comment_of(const google::protobuf::FieldDescriptor& field) const;
  [[nodiscard]] std::string comment_of(const google::protobuf::EnumDescriptor& type) const;

private:
  std::shared_ptr<const google::protobuf::DescriptorPool> pool_; // null: none
};

} // namespace troupe::contracts
