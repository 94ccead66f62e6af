#pragma once

#include <string>
#include <vector>

#include <troupe/bridges/grpc/config.hpp>

// What the contracts say of REST, read from their compiled descriptors.

namespace troupe::grpc {

/// A REST route that a contract declares with the `google.api.http` option of a method.
struct rest_route {
  std::string verb;        ///< "GET"
  std::string path;        ///< the template: "/api/v1/greeting"
  std::string full_method; ///< "greeting.GreetingService/Greeting"
  std::string body_field;  ///< the field of the answer that is the body; empty: the whole answer, `{"greeting":[...]}`

  friend bool operator==(const rest_route&, const rest_route&) = default;
};

/// The routes of a contract, in the order of its file.
std::vector<rest_route> rest_routes(package contract);

/// An OpenAPI 3.0 document (https://spec.openapis.org/oas/v3.0.3) of the contract's routes, as compact JSON. Fields of a
/// request are left out, because the edge reads none.
std::string openapi_json(package contract);

} // namespace troupe::grpc
