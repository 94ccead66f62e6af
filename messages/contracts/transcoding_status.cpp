#include <troupe/messages/contracts/transcoding_status.hpp>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <google/rpc/code.pb.h>
#include <google/rpc/status.pb.h>

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

} // namespace troupe::contracts
