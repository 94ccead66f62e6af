#include <troupe/bridges/grpc/gateway.hpp>

#include <boost/json.hpp>

#include <greeting.pb.h>
#include <greeting_v3.pb.h>

#include <troupe/messages/contracts/openapi.hpp>
#include <troupe/messages/contracts/route.hpp>

namespace troupe::grpc {

namespace {

namespace json = boost::json;

const google::protobuf::FileDescriptor& file_of(package contract) {
  return contract == package::greeting ? *::greeting::GreetingRequest::descriptor()->file()
                                       : *::greeting::v3::GreetingRequest::descriptor()->file();
}

std::vector<contracts::rest_route> routes_of(package contract) {
  return contracts::rest_surface_of({file_of(contract).service(0)}).routes;
}

/// RFC 9457's object, with what the edge adds.
json::object problem_schema() {
  const json::object text{{"type", "string"}};
  return {{"type", "object"},
          {"properties",
           {{"type", text},
            {"title", text},
            {"status", {{"type", "integer"}, {"format", "int32"}}},
            {"detail", text},
            {"code", text},
            {"request_id", text}}}};
}

/// Of a greeting the edge reads no parameter, and answers errors as problems.
void describe_as_the_edge_answers(json::object& operation) {
  operation.stable_erase("parameters");
  operation["responses"].as_object()["default"].as_object()["content"] = {
    {"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}};
}

} // namespace

std::vector<rest_route> rest_routes(package contract) {
  std::vector<rest_route> routes;
  for (const auto& route : routes_of(contract)) {
    const auto* const body = route.response_body;
    routes.push_back({route.http_method, route.path.text, route.method->service()->full_name() + '/' + route.method->name(),
                      body == nullptr ? std::string{} : body->name()});
  }
  return routes;
}

std::string openapi_json(package contract) {
  auto document = contracts::openapi_document(routes_of(contract), {file_of(contract).name(), "version not set"});
  for (auto& path : document["paths"].as_object())
    for (auto& operation : path.value().as_object())
      describe_as_the_edge_answers(operation.value().as_object());
  auto& schemas = document["components"].as_object()["schemas"].as_object();
  schemas.erase("Status");
  schemas["Problem"] = problem_schema();
  return json::serialize(document);
}

} // namespace troupe::grpc
