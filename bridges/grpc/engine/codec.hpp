#pragma once

#include <optional>
#include <vector>

#include <greeting.pb.h>
#include <greeting_v3.pb.h>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/greeting.hpp>

// Protobuf messages as values, and back. Pure. Times are written as on the reference platform (`to_go_string`) and read in
// both forms.

namespace troupe::grpc {

void encode_request(const greet& call, ::greeting::GreetingRequest& out);
void encode_request(const greet& call, ::greeting::v3::GreetingRequest& out);

/// The caller's greeting, where the contract has one. A time that is empty is the epoch; one that is ill formed fails with
/// `invalid`.
expected<std::optional<greeting>> decode_request(const ::greeting::GreetingRequest& request);
expected<std::optional<greeting>> decode_request(const ::greeting::v3::GreetingRequest& request);

void encode_response(const greeting_tree& tree, greeting_order order, ::greeting::GreetingResponse& out);
void encode_response(const greeting_tree& tree, greeting_order order, ::greeting::v3::GreetingResponse& out);

/// The greetings in the peer's order, whose texts are moved out of the message. Fails with `undecodable` for a time that is
/// ill formed, naming the greeting.
expected<std::vector<greeting>> decode_response(::greeting::GreetingResponse& response);
expected<std::vector<greeting>> decode_response(::greeting::v3::GreetingResponse& response);

} // namespace troupe::grpc
