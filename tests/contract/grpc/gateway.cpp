#define CAF_SUITE grpc_gateway

#include <troupe_test/suite.hpp>

#include <troupe/bridges/grpc/gateway.hpp>

namespace troupe::grpc_test {

CAF_TEST(the routes are those that the contracts declare) {
  const std::vector<grpc::rest_route> of_2019{{"GET", "/api/v1/greeting", "greeting.GreetingService/Greeting", ""}};
  CAF_CHECK(grpc::rest_routes(grpc::package::greeting) == of_2019);
  const std::vector<grpc::rest_route> of_2021{{"GET", "/api/greeting", "greeting.v3.GreetingService/Greeting", ""}};
  CAF_CHECK(grpc::rest_routes(grpc::package::greeting_v3) == of_2021);
}

CAF_TEST(the description of the contract of 2019 is the OpenAPI document of its route) {
  CAF_CHECK_EQUAL(
    grpc::openapi_json(grpc::package::greeting),
    R"({"openapi":"3.0.3","info":{"title":"greeting.proto","version":"version not set"},"paths":{"/api/v1/greeting":{"get":{)"
    R"("operationId":"Greeting","tags":["GreetingService"],"responses":{"200":{"description":"A successful response.",)"
    R"("content":{"application/json":{"schema":{"$ref":"#/components/schemas/GreetingResponse"}}}},"default":{"description":)"
    R"("An error.","content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}}}}},)"
    R"("components":{"schemas":{"GreetingResponse":{"type":"object","properties":{"greeting":{"type":"array","items":)"
    R"({"$ref":"#/components/schemas/Greeting"}}}},"Greeting":{"type":"object","properties":{"id":{"type":"string"},)"
    R"("service":{"type":"string"},"message":{"type":"string"},"created":{"type":"string"}}},"Problem":{"type":"object",)"
    R"("properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer","format":"int32"},)"
    R"("detail":{"type":"string"},"code":{"type":"string"},"request_id":{"type":"string"}}}}}})");
}

CAF_TEST(the description of the contract of 2021 has host names and its own path) {
  const auto text = grpc::openapi_json(grpc::package::greeting_v3);
  CAF_CHECK_NOT_EQUAL(text.find(R"("paths":{"/api/greeting":{"get":)"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find(R"("created":{"type":"string"},"hostname":{"type":"string"})"), std::string::npos);
}

} // namespace troupe::grpc_test
