#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/contracts/route_fields.hpp>
#include <troupe/messages/contracts/route_source.hpp>
#include <troupe/messages/contracts/template.hpp>

namespace troupe::contracts {

/// Which fields of a request its body holds (google/api/http.proto, HttpRule.body).
enum class body_content : std::uint8_t {
  none,
  all,   ///< `*`: all that the path does not hold
  field, ///< one
};

/// A path template whose variables are fields of a message.
struct message_path : path_template {
  std::string text;                 ///< the template as it is written
  std::vector<field_path> captured; ///< the field of each variable
};

/// A REST route of a method: one HttpRule of its `google.api.http` option. Descriptors outlive it.
struct rest_route {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method; ///< "GET"; "*": any
  message_path path;       ///< of the request
  body_content body = body_content::none;
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  const google::protobuf::FieldDescriptor* response_body = nullptr; ///< null: the whole answer
  unsigned status = 200;                                            ///< of a success (troupe/api/http.proto)
  std::optional<message_path> location = std::nullopt;              ///< of the answer: the header of a success
};

/// The REST surface of services: their routes, or why there is none.
struct rest_surface {
  std::vector<rest_route> routes; ///< in the order of the files, additional bindings after their own; empty with a mistake
  std::vector<std::string> mistakes; ///< "shop.proto:12: shop.Orders.Place: ...", all at once
};

/// Reads the options of every method. A method without the option has no route. Mistakes are: a streaming method, a rule
/// that the specification does not allow (google/api/http.proto), fields that are not there or cannot be a path variable, an
/// answer that troupe/api/http.proto does not allow, two routes for the same requests, and more query parameters than
/// `most_query_parameters`.
rest_surface rest_surface_of(const std::vector<const google::protobuf::ServiceDescriptor*>& services,
                             const proto_source& source = {});

} // namespace troupe::contracts
