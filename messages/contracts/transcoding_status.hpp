#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <google/rpc/status.pb.h>

namespace troupe::contracts {

/// The HTTP status of a gRPC code, by the table in google/rpc/code.proto; 500 for a number that is no code.
unsigned http_status_of(int code) noexcept;

/// A status as JSON: `{"code":5,"message":"no such book","details":[{"@type":...}]}`. A detail of a type that is not linked
/// has its bytes in base64 as `value`.
std::string to_json(const google::rpc::Status& status);

/// Reads such a text, whatever server wrote it: nothing where it is no object with a defined code that is not OK. Those of
/// google/rpc/error_details.proto are always linked; a detail that cannot be read is left out.
std::optional<google::rpc::Status> status_of_json(std::string_view json);

} // namespace troupe::contracts
