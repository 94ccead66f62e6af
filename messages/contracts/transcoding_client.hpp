#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/contracts/http_body.hpp>

namespace google::protobuf {
class Message;
} // namespace google::protobuf

namespace troupe::contracts {

// The client's side of a route, as transcoding.hpp is the server's.

/// What a request message becomes.
struct rest_request {
  const rest_route* route = nullptr; ///< one of those given
  std::string http_method;           ///< for a route of any method GET, or POST where there is a body
  std::string target;                ///< path and query, percent-encoded
  std::string body;                  ///< JSON, or the bytes of an HttpBody; empty: none
  std::string content_type;          ///< of the body; empty: none
};

/// Writes a request by the first of the routes of its method that can carry it (google/api/http.proto, "Rules for HTTP
/// mapping"): path variables, then the body, and each other field that is set as a query parameter, by the names of the
/// file. Fails with `invalid` and the first route's reason: a path variable that is empty where a segment must not be, that
/// does not match its template or would be a dot segment (RFC 3986, section 5.2.4); a field that no query can hold, such as
/// a map; a media type of an HttpBody that no header carries. The `extensions` of an HttpBody are not sent.
expected<rest_request> encode_request(const std::vector<rest_route>& routes, const google::protobuf::Message& request);

/// Reads the body of an answer, in protobuf's JSON mapping into a new message of the method's output type; with
/// `response_body` it is that field's value. An empty body is an empty message, and fields that the message does not have
/// are ignored. Of a route that answers a `google.api.HttpBody` the body is anything, and taken as it is. Fails with
/// `internal`, as gRPC does, and quotes nothing of the body.
expected<void> decode_answer(const rest_route& route, const body_view& body, google::protobuf::Message& answer);

} // namespace troupe::contracts
