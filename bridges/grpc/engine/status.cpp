#include <troupe/bridges/grpc/engine/status.hpp>

namespace troupe::grpc {

namespace {

// In the order of the codes' numbers.
constexpr std::array<std::string_view, status_code_count> names{
  "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
  "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
  "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
  "DataLoss", "Unauthenticated"};

} // namespace

::grpc::StatusCode status_code_of(errc code) noexcept {
  switch (code) {
    case errc::none:
      return ::grpc::StatusCode::OK;
    case errc::unavailable:
    case errc::breaker_open:
    case errc::not_sent:
    case errc::untrusted:
    case errc::outcome_unknown:
    case errc::actor_failed:
    case errc::shutting_down:
    case errc::storage_failed:
    case errc::partial:
    case errc::locked:
    case errc::newer_schema:
    case errc::intensity_exceeded:
      return ::grpc::StatusCode::UNAVAILABLE;
    case errc::deadline_exceeded:
      return ::grpc::StatusCode::DEADLINE_EXCEEDED;
    case errc::overloaded:
    case errc::throttled:
      return ::grpc::StatusCode::RESOURCE_EXHAUSTED;
    case errc::unauthenticated:
      return ::grpc::StatusCode::UNAUTHENTICATED;
    case errc::forbidden:
      return ::grpc::StatusCode::PERMISSION_DENIED;
    case errc::undecodable:
    case errc::invalid:
      return ::grpc::StatusCode::INVALID_ARGUMENT;
    case errc::rejected:
      return ::grpc::StatusCode::FAILED_PRECONDITION;
    case errc::unsupported:
      return ::grpc::StatusCode::UNIMPLEMENTED;
    case errc::not_found:
      return ::grpc::StatusCode::NOT_FOUND;
    case errc::conflict:
      return ::grpc::StatusCode::ALREADY_EXISTS;
    case errc::cancelled:
      return ::grpc::StatusCode::CANCELLED;
    case errc::internal:
      return ::grpc::StatusCode::INTERNAL;
  }
  return ::grpc::StatusCode::INTERNAL;
}

errc errc_of(::grpc::StatusCode code) noexcept {
  switch (code) {
    case ::grpc::StatusCode::OK:
      return errc::none;
    case ::grpc::StatusCode::CANCELLED:
      return errc::cancelled;
    case ::grpc::StatusCode::INVALID_ARGUMENT:
    case ::grpc::StatusCode::FAILED_PRECONDITION:
    case ::grpc::StatusCode::OUT_OF_RANGE:
      return errc::invalid;
    case ::grpc::StatusCode::DEADLINE_EXCEEDED:
      return errc::deadline_exceeded;
    case ::grpc::StatusCode::NOT_FOUND:
      return errc::not_found;
    case ::grpc::StatusCode::ALREADY_EXISTS:
    case ::grpc::StatusCode::ABORTED:
      return errc::conflict;
    case ::grpc::StatusCode::PERMISSION_DENIED:
      return errc::forbidden;
    case ::grpc::StatusCode::RESOURCE_EXHAUSTED:
      return errc::throttled;
    case ::grpc::StatusCode::UNIMPLEMENTED:
      return errc::unsupported;
    case ::grpc::StatusCode::UNAVAILABLE:
      return errc::unavailable;
    case ::grpc::StatusCode::UNAUTHENTICATED:
      return errc::unauthenticated;
    case ::grpc::StatusCode::UNKNOWN:
    case ::grpc::StatusCode::INTERNAL:
    case ::grpc::StatusCode::DATA_LOSS:
    case ::grpc::StatusCode::DO_NOT_USE:
      return errc::internal;
  }
  return errc::internal; // a number that no version of gRPC has
}

::grpc::Status status_of(const failure& why) {
  return {status_code_of(why.code), why.reason.empty() ? std::string{to_string(why.code)} : why.reason};
}

std::size_t index_of(::grpc::StatusCode code) noexcept {
  const auto number = static_cast<std::size_t>(code);
  return number < status_code_count ? number : static_cast<std::size_t>(::grpc::StatusCode::UNKNOWN);
}

std::string_view metric_name(::grpc::StatusCode code) noexcept {
  return names[index_of(code)];
}

} // namespace troupe::grpc
