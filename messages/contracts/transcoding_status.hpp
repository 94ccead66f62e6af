#pragma once

#include <string>

namespace google::rpc {
class Status;
} // namespace google::rpc

namespace troupe::contracts {

/// The HTTP status of a gRPC code, by the table in google/rpc/code.proto; 500 for a number that is no code.
unsigned http_status_of(int code) noexcept;

/// A status as JSON: `{"code":5,"message":"no such book","details":[{"@type":...}]}`. A detail of a type that is not linked
/// has its bytes in base64 as `value`.
std::string to_json(const google::rpc::Status& status);

} // namespace troupe::contracts
