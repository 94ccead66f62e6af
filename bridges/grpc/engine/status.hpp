#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <grpcpp/support/status.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::grpc {

inline constexpr std::size_t status_code_count = 17;

/// Our error for a status that a peer sent.
errc errc_of(::grpc::StatusCode code) noexcept;

/// The failure as a status: the one that it carries with its details, where a peer could read them beside other metadata, or
/// else its code and its words. Words of which more than 2 KiB would be sent are cut, and marked with "[cut]".
::grpc::Status status_of(const failure& why);

/// The failure for an error that a peer sent. It carries the peer's status where that says more than our code does.
failure failure_of(const ::grpc::Status& status);

/// The name in metrics, as go-grpc-prometheus writes it: "OK", "DeadlineExceeded". Of any number.
std::string_view metric_name(::grpc::StatusCode code) noexcept;

/// A place in an array of `status_code_count`; of any number.
std::size_t index_of(::grpc::StatusCode code) noexcept;

} // namespace troupe::grpc
