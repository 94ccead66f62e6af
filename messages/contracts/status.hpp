#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include <google/protobuf/message.h>
#include <google/rpc/status.pb.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::contracts {

/// The status codes of gRPC, with their numbers
/// (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
enum class status_code : std::uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

/// The status for our error, so that HTTP maps the status to the same as the error
/// (https://github.com/grpc-ecosystem/grpc-gateway/blob/main/runtime/errors.go).
status_code status_code_of(errc code) noexcept;

/// Our error for a status that a peer or a handler gave. Any number: one that gRPC does not define is `internal`.
errc errc_of(status_code code) noexcept;

/// A failure with exactly this status: what a handler of a contract throws within a `call_failed`, and what its caller
/// receives in whichever process it is. `details` are copied. `ok` counts as `unknown`, since nothing fails with it.
failure status_failure(status_code code, std::string message,
                       std::initializer_list<const google::protobuf::Message*> details = {});

/// The failure for a status that a peer sent. The code must not be `ok`.
failure to_failure(const google::rpc::Status& status);

/// The status of a failure: the one that it carries, or else its code by the table and its reason. Its code is a defined
/// one.
google::rpc::Status to_status(const failure& why);

} // namespace troupe::contracts
