#include <troupe/messages/contracts/transcoding_status.hpp>

#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <google/rpc/code.pb.h>
#include <google/rpc/error_details.pb.h>

#include <troupe/messages/contracts/transcoding_json.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::contracts {

namespace {

std::string detail_json(const google::protobuf::Any& detail) {
  if (auto known = message_to_json(detail, {}))
    return std::move(*known);
  google::protobuf::BytesValue bytes;
  bytes.set_value(detail.value());
  std::string json = R"({"@type":)";
  append_json_string(json, detail.type_url());
  return json + R"(,"value":)" + message_to_json(bytes, {}).value() + '}';
}

/// What `detail_json` wrote.
std::optional<google::protobuf::Any> detail_of(const boost::json::value& json) {
  const auto* const object = json.if_object();
  const auto* const type = object == nullptr ? nullptr : object->if_contains("@type");
  if (type == nullptr || !type->is_string() || type->get_string().empty())
    return std::nullopt;
  google::protobuf::Any result;
  if (json_to_message(boost::json::serialize(json), result, unknown_fields::ignored))
    return result;
  const auto* const value = object->if_contains("value");
  google::protobuf::BytesValue bytes;
  const bool is_empty = value == nullptr && object->size() == 1; // of a type that is not known, as the printer writes it
  if (!is_empty && (value == nullptr || !value->is_string() || !json_to_message(boost::json::serialize(*value), bytes)))
    return std::nullopt;
  result.Clear();
  result.set_type_url({type->get_string().data(), type->get_string().size()});
  result.set_value(std::move(*bytes.mutable_value()));
  return result;
}

} // namespace

unsigned http_status_of(int code) noexcept {
  switch (code) {
    case google::rpc::OK:
      return 200;
    case google::rpc::CANCELLED:
      return 499;
    case google::rpc::INVALID_ARGUMENT:
    case google::rpc::FAILED_PRECONDITION:
    case google::rpc::OUT_OF_RANGE:
      return 400;
    case google::rpc::UNAUTHENTICATED:
      return 401;
    case google::rpc::PERMISSION_DENIED:
      return 403;
    case google::rpc::NOT_FOUND:
      return 404;
    case google::rpc::ALREADY_EXISTS:
    case google::rpc::ABORTED:
      return 409;
    case google::rpc::RESOURCE_EXHAUSTED:
      return 429;
    case google::rpc::UNIMPLEMENTED:
      return 501;
    case google::rpc::UNAVAILABLE:
      return 503;
    case google::rpc::DEADLINE_EXCEEDED:
      return 504;
    default: // UNKNOWN, INTERNAL, DATA_LOSS
      return 500;
  }
}

std::string to_json(const google::rpc::Status& status) {
  std::string json = R"({"code":)" + std::to_string(status.code()) + R"(,"message":)";
  append_json_string(json, status.message());
  json += R"(,"details":[)";
  for (int number = 0; number < status.details_size(); ++number)
    json += (number == 0 ? "" : ",") + detail_json(status.details(number));
  return json + "]}";
}

std::optional<google::rpc::Status> status_of_json(std::string_view json) {
  static_cast<void>(google::rpc::BadRequest::descriptor()); // links the details that everybody knows
  boost::json::parse_options bounds;
  bounds.max_depth = 32;
  boost::json::error_code failed;
  const auto parsed = boost::json::parse({json.data(), json.size()}, failed, {}, bounds);
  const auto* const object = failed ? nullptr : parsed.if_object();
  const auto* const code = object == nullptr ? nullptr : object->if_contains("code");
  const auto* const number = code == nullptr ? nullptr : code->if_int64();
  if (number == nullptr || *number <= google::rpc::OK || *number > google::rpc::UNAUTHENTICATED)
    return std::nullopt;
  google::rpc::Status result;
  result.set_code(static_cast<int>(*number));
  if (const auto* const message = object->if_contains("message"); message != nullptr && message->is_string())
    result.set_message({message->get_string().data(), message->get_string().size()});
  if (const auto* const details = object->if_contains("details"); details != nullptr && details->is_array())
    for (const auto& each : details->get_array())
      if (auto detail = detail_of(each))
        *result.add_details() = std::move(*detail);
  return result;
}

} // namespace troupe::contracts
