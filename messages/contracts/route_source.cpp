#include <troupe/messages/contracts/route_source.hpp>

#include <limits>
#include <optional>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

namespace troupe::contracts {

namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::SourceLocation;

const auto* find_again(const DescriptorPool& pool, const google::protobuf::ServiceDescriptor& service) {
  return pool.FindServiceByName(service.full_name());
}
const auto* find_again(const DescriptorPool& pool, const google::protobuf::MethodDescriptor& method) {
  return pool.FindMethodByName(method.full_name());
}
const auto* find_again(const DescriptorPool& pool, const google::protobuf::Descriptor& message) {
  return pool.FindMessageTypeByName(message.full_name());
}
const auto* find_again(const DescriptorPool& pool, const google::protobuf::FieldDescriptor& field) {
  return pool.FindFieldByName(field.full_name());
}
const auto* find_again(const DescriptorPool& pool, const google::protobuf::EnumDescriptor& type) {
  return pool.FindEnumTypeByName(type.full_name());
}

template <class T>
std::optional<SourceLocation> location_of(const T& declared, const DescriptorPool* pool) {
  SourceLocation location;
  if (declared.GetSourceLocation(&location))
    return location;
  const auto* const again = pool == nullptr ? nullptr : find_again(*pool, declared);
  if (again != nullptr && again->GetSourceLocation(&location))
    return location;
  return std::nullopt;
}

/// A comment's lines without the space that follows each mark, and without empty ones around.
std::string cleaned(std::string_view comment) {
  std::string result;
  while (!comment.empty()) {
    auto line = comment.substr(0, comment.find('\n'));
    comment.remove_prefix(line.size() < comment.size() ? line.size() + 1 : line.size());
    if (line.starts_with(' '))
      line.remove_prefix(1);
    result.append(line.substr(0, line.find_last_not_of(" \t\r") + 1)).append("\n");
  }
  const auto first = result.find_first_not_of('\n');
  if (first == std::string::npos)
    return {};
  return result.substr(first, result.find_last_not_of('\n') + 1 - first);
}

template <class T>
std::string comment_at(const T& declared, const DescriptorPool* pool) {
  const auto location = location_of(declared, pool);
  if (!location)
    return {};
  auto before = cleaned(location->leading_comments);
  return before.empty() ? cleaned(location->trailing_comments) : before;
}

} // namespace

expected<proto_source> proto_source::read(std::string_view descriptor_set) {
  google::protobuf::FileDescriptorSet files;
  const auto fits = descriptor_set.size() <= std::size_t{std::numeric_limits<int>::max()};
  if (!fits || !files.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size())))
    return failure{errc::undecodable, "the descriptor set is no google.protobuf.FileDescriptorSet"};
  auto pool = std::make_shared<DescriptorPool>();
  for (const auto& file : files.file())
    if (pool->BuildFile(file) == nullptr)
      return failure{errc::undecodable, "the descriptor set lacks what " + file.name() + " imports: use --include_imports"};
  proto_source result;
  result.pool_ = std::move(pool);
  return result;
}

std::string proto_source::place_of(const google::protobuf::MethodDescriptor& method) const {
  auto result = method.file()->name();
  if (const auto location = location_of(method, pool_.get()))
    result += ':' + std::to_string(location->start_line + 1);
  return result + ": " + method.full_name();
}

std::string proto_source::comment_of(const google::protobuf::ServiceDescriptor& service) const {
  return comment_at(service, pool_.get());
}
std::string proto_source::comment_of(const google::protobuf::MethodDescriptor& method) const {
  return comment_at(method, pool_.get());
}
std::string proto_source::comment_of(const google::protobuf::Descriptor& message) const {
  return comment_at(message, pool_.get());
}
std::string proto_source::comment_of(const google::protobuf::FieldDescriptor& field) const {
  return comment_at(field, pool_.get());
}
std::string proto_source::comment_of(const google::protobuf::EnumDescriptor& type) const {
  return comment_at(type, pool_.get());
}

} // namespace troupe::contracts
