#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include <troupe/messages/contracts/route.hpp>

namespace troupe::contracts {

/// The document's own name and version.
struct openapi_info {
  std::string title;
  std::string version;
};

/// The OpenAPI 3.0.3 document (https://spec.openapis.org/oas/v3.0.3) of routes: paths, parameters, request bodies, answers,
/// errors as `google.rpc.Status`, and the schemas of their messages in protobuf's JSON mapping; the comments that `source`
/// knows are its descriptions. Operations are named after their methods, and where routes are of several services
/// `Service_Method`; a schema has its message's name, with the package where another one has that name already. A variable
/// of several segments has a parameter for each wildcard, since no parameter of OpenAPI holds a slash. Left out is what
/// OpenAPI cannot say: HTTP methods beside its eight, and of routes that differ only in `*` and `**` all but the first.
boost::json::object openapi_document(const std::vector<rest_route>& routes, const openapi_info& info,
                                     const proto_source& source = {});

} // namespace troupe::contracts
