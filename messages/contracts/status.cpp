#include <troupe/messages/contracts/status.hpp>

#include <utility>

namespace troupe::contracts {

namespace {

constexpr bool is_defined(int code) noexcept {
  return code >= 0 && code <= static_cast<int>(status_code::unauthenticated);
}

} // namespace

status_code status_code_of(errc code) noexcept {
  switch (code) {
    case errc::none:
      return status_code::ok;
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
      return status_code::unavailable;
    case errc::deadline_exceeded:
      return status_code::deadline_exceeded;
    case errc::overloaded:
    case errc::throttled:
      return status_code::resource_exhausted;
    case errc::unauthenticated:
      return status_code::unauthenticated;
    case errc::forbidden:
      return status_code::permission_denied;
    case errc::undecodable:
    case errc::invalid:
      return status_code::invalid_argument;
    case errc::rejected:
      return status_code::failed_precondition;
    case errc::unsupported:
      return status_code::unimplemented;
    case errc::not_found:
      return status_code::not_found;
    case errc::conflict:
      return status_code::already_exists;
    case errc::cancelled:
      return status_code::cancelled;
    case errc::internal:
      return status_code::internal;
  }
  return status_code::internal;
}

errc errc_of(status_code code) noexcept {
  switch (code) {
    case status_code::ok:
      return errc::none;
    case status_code::cancelled:
      return errc::cancelled;
    case status_code::invalid_argument:
    case status_code::failed_precondition:
    case status_code::out_of_range:
      return errc::invalid;
    case status_code::deadline_exceeded:
      return errc::deadline_exceeded;
    case status_code::not_found:
      return errc::not_found;
    case status_code::already_exists:
    case status_code::aborted:
      return errc::conflict;
    case status_code::permission_denied:
      return errc::forbidden;
    case status_code::resource_exhausted:
      return errc::throttled;
    case status_code::unimplemented:
      return errc::unsupported;
    case status_code::unavailable:
      return errc::unavailable;
    case status_code::unauthenticated:
      return errc::unauthenticated;
    case status_code::unknown:
    case status_code::internal:
    case status_code::data_loss:
      return errc::internal;
  }
  return errc::internal; // a number that no version of gRPC has
}

failure status_failure(status_code code, std::string message,
                       std::initializer_list<const google::protobuf::Message*> details) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code == status_code::ok ? status_code::unknown : code));
  status.set_message(std::move(message));
  for (const auto* each : details)
    status.add_details()->PackFrom(*each);
  return to_failure(status);
}

failure to_failure(const google::rpc::Status& status) {
  const auto code = is_defined(status.code()) ? static_cast<status_code>(status.code()) : status_code::unknown;
  return {errc_of(code), status.message(), status.SerializeAsString()};
}

google::rpc::Status to_status(const failure& why) {
  google::rpc::Status status;
  if (!why.status.empty() && status.ParseFromString(why.status) && status.code() != 0) {
    if (!is_defined(status.code()))
      status.set_code(static_cast<int>(status_code::unknown));
    return status;
  }
  status.Clear();
  status.set_code(static_cast<int>(status_code_of(why.code)));
  status.set_message(why.reason.empty() ? std::string{to_string(why.code)} : why.reason);
  return status;
}

} // namespace troupe::contracts
