#include <troupe/bridges/grpc/engine/status.hpp>

#include <troupe/messages/contracts/status.hpp>

namespace troupe::grpc {

namespace {

// Half of what a peer reads by default (8 KiB for all metadata of an answer), as base64.
constexpr std::size_t longest_details = 3072;

// In the order of the codes' numbers.
constexpr std::array<std::string_view, status_code_count> names{
  "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
  "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
  "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
  "DataLoss", "Unauthenticated"};

} // namespace

errc errc_of(::grpc::StatusCode code) noexcept {
  return contracts::errc_of(static_cast<contracts::status_code>(index_of(code)));
}

::grpc::Status status_of(const failure& why) {
  const auto status = contracts::to_status(why);
  const auto code = static_cast<::grpc::StatusCode>(status.code());
  const bool readable = why.status.size() <= longest_details;
  return {code, status.message(), status.details_size() > 0 && readable ? why.status : std::string{}};
}

failure failure_of(const ::grpc::Status& status) {
  failure why{errc_of(status.error_code()), status.error_message()};
  if (const auto code = static_cast<int>(index_of(status.error_code()));
      !status.error_details().empty() || static_cast<int>(contracts::status_code_of(why.code)) != code) {
    google::rpc::Status sent;
    if (!sent.ParseFromString(status.error_details()))
      sent.Clear();
    sent.set_code(code);
    sent.set_message(status.error_message());
    why.status = sent.SerializeAsString();
  }
  return why;
}

std::size_t index_of(::grpc::StatusCode code) noexcept {
  const auto number = static_cast<std::size_t>(code);
  return number < status_code_count ? number : static_cast<std::size_t>(::grpc::StatusCode::UNKNOWN);
}

std::string_view metric_name(::grpc::StatusCode code) noexcept {
  return names[index_of(code)];
}

} // namespace troupe::grpc
