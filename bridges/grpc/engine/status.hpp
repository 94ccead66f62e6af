#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <grpcpp/support/status.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::grpc {

inline constexpr std::size_t status_code_count = 17;

/// The status for our error, so that HTTP maps the status to the same as the error
/// (https://github.com/grpc-ecosystem/grpc-gateway/blob/main/runtime/errors.go).
::grpc::StatusCode status_code_of(errc code) noexcept;

/// What a status that a peer sent means to us.
errc errc_of(::grpc::StatusCode code) noexcept;

/// The failure as a status, with its words.
::grpc::Status status_of(const failure& why);

/// The name in metrics, as go-grpc-prometheus writes it: "OK", "DeadlineExceeded". Of any number.
std::string_view metric_name(::grpc::StatusCode code) noexcept;

/// A place in an array of `status_code_count`; of any number.
std::size_t index_of(::grpc::StatusCode code) noexcept;

} // namespace troupe::grpc
