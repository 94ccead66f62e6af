#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/messages/contracts/http_body.hpp>
#include <troupe/messages/contracts/route_table.hpp>

namespace google::protobuf {
class Message;
} // namespace google::protobuf

namespace troupe::contracts {

/// What a request may have at most.
struct transcoding_limits {
  std::size_t body = std::size_t{4} << 20; ///< bytes; gRPC's own default for a message
  std::size_t depth = 32;                  ///< of arrays and objects in the body
  std::size_t parameters = 200;            ///< in the query
};

/// Whether fields that have their default value are left out of JSON, as proto3 does, or are written.
enum class default_values : std::uint8_t { omitted, written };

/// Whether JSON has lowerCamelCase names (`json_name`), as proto3 does, or those of the file. Requests may have either.
enum class field_names : std::uint8_t { json, proto };

struct json_form {
  default_values defaults = default_values::omitted;
  field_names names = field_names::json;
};

/// Makes the request message of a route's method (google/api/http.proto, "Rules for HTTP mapping"): its body, then the
/// query, then the path, which wins. `query` is what the client sent behind the question mark; a query parameter without a
/// field is refused. `body` is JSON (RFC 8259), whatever its media type, and an empty one is none; or it is anything, where
/// the route takes a `google.api.HttpBody`. `request` is a new message of that type, and undefined after a failure. Fails
/// with `invalid` and the name of the parameter or field, and with `rejected` for more than the limits allow.
expected<void> decode_request(const route_match& match, std::string_view query, const body_view& body,
                              const transcoding_limits& limits, google::protobuf::Message& request);

/// The body of an answer that is no `google.api.HttpBody` (`answers_any_body`), in protobuf's JSON mapping
/// (https://protobuf.dev/programming-guides/json/). With `response_body` it is that field's value: `null` where it has
/// presence and is not set. Fails with `internal` for an answer that has no JSON, as a `google.protobuf.Any` of a type that
/// is not linked.
expected<std::string> encode_answer(const rest_route& route, const google::protobuf::Message& answer,
                                    const json_form& form = {});

} // namespace troupe::contracts
