#define CAF_SUITE contracts_route

#include <troupe_test/suite.hpp>

#include <fstream>
#include <iterator>

#include <google/protobuf/descriptor.h>
#include <library.pb.h>

#include <troupe/messages/contracts/route.hpp>

#include "declared.hpp"

using namespace troupe::contracts;
using troupe_test::declared;
using lines = std::vector<std::string>;

namespace {

constexpr std::string_view messages = R"(
message Inner { string id = 1; repeated string many = 2; }
message In { string id = 1; Inner inner = 2; repeated string many = 3; map<string, string> by = 4; int32 size = 5; }
message Out { string text = 1; }
)";

/// What is wrong with a service whose one method Get has these options, in line 5.
lines mistakes_of(const std::string& options, const std::string& signature = "(In) returns (Out)") {
  const declared file{"service S {\n\n  rpc Get" + signature + " { option (google.api.http) = {" + options + "}; }\n}"
                      + std::string{messages}};
  auto surface = rest_surface_of({file.service()});
  CAF_CHECK(surface.routes.empty() || surface.mistakes.empty());
  return surface.mistakes;
}

lines with_place(std::string reason) {
  return {"test.proto:5: test.S.Get: " + std::move(reason)};
}

lines parameters_of(const std::string& options, const std::string& further = "") {
  const declared file{"service S { rpc Get(In) returns (Out) { option (google.api.http) = {" + options + "}; } }"
                      + (further.empty() ? std::string{messages} : further)};
  const auto surface = rest_surface_of({file.service()});
  CAF_REQUIRE_EQUAL(surface.mistakes, lines{});
  lines names;
  for (const auto& path : query_parameters(surface.routes.front()))
    names.push_back(to_string(path));
  return names;
}

/// A service whose one method, in line 4, has these options beside its rule.
declared answering(const std::string& answer, const std::string& rule = R"(post: "/x")") {
  return declared{"import \"troupe/api/http.proto\";\nservice S { rpc Get(In) returns (Out) {\n"
                  + (rule.empty() ? rule : "option (google.api.http) = {" + rule + "}; ") + "option (troupe.api.answer) = {"
                  + answer + "}; } }" + std::string{messages}};
}

lines mistakes_of_answer(const std::string& answer) {
  return rest_surface_of({answering(answer, R"(post: "/x" additional_bindings {put: "/x"})").service()}).mistakes;
}

} // namespace

CAF_TEST(each rule of a method is a route and a method without one has none) {
  const auto* const service = library::v1::Book::descriptor()->file()->service(0);
  const auto surface = rest_surface_of({service});
  CAF_CHECK_EQUAL(surface.mistakes, lines{});
  lines seen;
  for (const auto& route : surface.routes)
    seen.push_back(route.http_method + ' ' + route.path.text + ' ' + route.method->name());
  CAF_CHECK_EQUAL(seen.size(), 19u);
  CAF_CHECK_EQUAL(seen[0], "GET /v1/{name=shelves/*/books/*} GetBook");
  CAF_CHECK_EQUAL(seen[1], "GET /v1/books/{name} GetBook");
  CAF_CHECK_EQUAL(seen[2], "GET /v1/books/featured GetFeatured");
  CAF_CHECK(surface.routes[4].body == body_content::field);
  CAF_CHECK_EQUAL(surface.routes[4].body_field->name(), "book");
  CAF_CHECK(surface.routes[5].body == body_content::all);
  CAF_CHECK_EQUAL(surface.routes[3].response_body->name(), "books");
}

CAF_TEST(a field of a template must be there and must be one value) {
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/{nothing}")"),
                  with_place("the path variable {nothing} is unknown: test.In has no field nothing"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/{inner.nothing}")"),
                  with_place("the path variable {inner.nothing} is unknown: test.Inner has no field nothing"));
  CAF_CHECK_EQUAL(
    mistakes_of(R"(get: "/{id.more}")"),
    with_place("the path variable {id.more} is unknown: the field id is no single message, so it has no field more"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/{many}")"),
                  with_place("the path variable {many} is a repeated field, which no path can hold"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/{by}")"),
                  with_place("the path variable {by} is a repeated field, which no path can hold"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/{inner}")"),
                  with_place("the path variable {inner} is a message, which no path can hold"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/{id}/{id}")"),
                  with_place("the path variable {id} stands twice in the path template"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/{id")"),
                  with_place("the path template \"/{id\" has a variable that is not closed at character 5"));
}

CAF_TEST(bodies must be fields of their messages and GET has none) {
  CAF_CHECK_EQUAL(mistakes_of(R"(post: "/x" body: "nothing")"), with_place("body is unknown: test.In has no field nothing"));
  CAF_CHECK_EQUAL(mistakes_of(R"(post: "/{id}" body: "id")"), with_place("body is the field id, which the path holds"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/x" body: "*")"), with_place("GET has no body: leave body out"));
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/x" response_body: "nothing")"),
                  with_place("response_body is unknown: test.Out has no field nothing"));
}

CAF_TEST(every rule of a method is answered as the method declares) {
  const auto file = answering(R"(status: 202 location: "/x/{text}:state")", R"(post: "/x" additional_bindings {put: "/y"})");
  const auto surface = rest_surface_of({file.service()});
  CAF_REQUIRE_EQUAL(surface.routes.size(), 2U);
  for (const auto& route : surface.routes) {
    CAF_CHECK_EQUAL(route.status, 202U);
    CAF_REQUIRE(route.location);
    CAF_CHECK_EQUAL(route.location->shape(), "/x/*:state");
    CAF_CHECK_EQUAL(to_string(route.location->captured.front()), "text");
  }
  const auto plain = answering("");
  CAF_CHECK_EQUAL(rest_surface_of({plain.service()}).routes.front().status, 200U);
}

CAF_TEST(a success is one of four statuses and its location is made of the answer) {
  const auto place = [](const std::string& reason) { return lines{"test.proto:4: test.S.Get: " + reason}; };
  CAF_CHECK_EQUAL(mistakes_of_answer("status: 404"),
                  place("troupe.api.answer has the status 404, but a success is 200, 201, 202 or 204"));
  CAF_CHECK_EQUAL(mistakes_of_answer("status: -1"),
                  place("troupe.api.answer has the status -1, but a success is 200, 201, 202 or 204"));
  CAF_CHECK_EQUAL(mistakes_of_answer("status: 204"),
                  place("troupe.api.answer has the status 204, which has no content, but test.Out has fields"));
  CAF_CHECK_EQUAL(mistakes_of_answer(R"(location: "/x")"),
                  place("troupe.api.answer has a location, which only the statuses 201 and 202 have"));
  CAF_CHECK_EQUAL(mistakes_of_answer(R"(status: 201 location: "/x/{id}")"),
                  place("the location variable {id} is unknown: test.Out has no field id"));
  CAF_CHECK_EQUAL(mistakes_of_answer(R"(status: 201 location: "x")").size(), 1U);
  CAF_CHECK_EQUAL(
    mistakes_of_answer(R"(status: 201 location: "/x/*")"),
    place("the location template \"/x/*\" has a wildcard that is no variable: no field says what stands there"));
  CAF_CHECK_EQUAL(rest_surface_of({answering("status: 201", "").service()}).mistakes,
                  place("has the option troupe.api.answer, but not google.api.http"));
}

CAF_TEST(a streaming method is refused with a clear message) {
  const auto refused = with_place("is streaming, and streams are not supported over REST: leave its google.api.http out");
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/x")", "(stream In) returns (Out)"), refused);
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/x")", "(In) returns (stream Out)"), refused);
}

CAF_TEST(a rule names an HTTP method and is not nested twice) {
  const auto none = with_place("names no HTTP method: set get, put, post, delete, patch or custom");
  CAF_CHECK_EQUAL(mistakes_of(R"(body: "*")"), none);
  CAF_CHECK_EQUAL(mistakes_of(R"(custom: { kind: "NO WAY" path: "/x" })"), none);
  CAF_CHECK_EQUAL(mistakes_of(R"(get: "/x" additional_bindings { get: "/y" additional_bindings { get: "/z" } })"),
                  with_place("has additional_bindings within additional_bindings"));
}

CAF_TEST(two routes for the same requests are refused and both are named) {
  const declared file{R"(service S { rpc A(In) returns (Out) { option (google.api.http) = { get: "/v1/{id}" }; } }
service T { rpc B(In) returns (Out) { option (google.api.http) = { get: "/v1/{inner.id=*}" }; } }
service U { rpc C(In) returns (Out) { option (google.api.http) = { put: "/v1/{id}" }; } })"
                      + std::string{messages}};
  CAF_CHECK_EQUAL(rest_surface_of({file.service(0), file.service(1)}).mistakes,
                  lines{"test.proto:4: test.T.B: takes GET /v1/{inner.id=*}, which matches the same paths as a route of "
                        "test.proto:3: test.S.A"});
  CAF_CHECK_EQUAL(rest_surface_of({file.service(0), file.service(2)}).routes.size(), 2u);
}

CAF_TEST(all mistakes are found at once) {
  CAF_CHECK_EQUAL(mistakes_of(R"(post: "/{a}/{b}" body: "c" response_body: "d")").size(), 4u);
}

CAF_TEST(query parameters are the leaf fields that neither path nor body holds) {
  CAF_CHECK_EQUAL(parameters_of(R"(get: "/x")"), (lines{"id", "inner.id", "inner.many", "many", "size"}));
  CAF_CHECK_EQUAL(parameters_of(R"(get: "/{id}/{inner.id}")"), (lines{"inner.many", "many", "size"}));
  CAF_CHECK_EQUAL(parameters_of(R"(post: "/{id}" body: "inner")"), (lines{"many", "size"}));
  CAF_CHECK_EQUAL(parameters_of(R"(post: "/{id}" body: "*")"), lines{});
}

CAF_TEST(a message that holds itself is entered once by query parameters) {
  CAF_CHECK_EQUAL(parameters_of(R"(get: "/x")", R"(
message In { string id = 1; In again = 2; Other other = 3; }
message Other { string id = 1; In back = 2; Other again = 3; }
message Out {})"),
                  (lines{"id", "other.id"}));
}

CAF_TEST(query parameters beyond all measure are a mistake) {
  // Each of these holds two of the next: the names double with every message.
  std::string file = "message In { M0 a = 1; M0 b = 2; } message Out {}\n";
  for (int number = 0; number < 12; ++number)
    file += "message M" + std::to_string(number) + " { M" + std::to_string(number + 1) + " a = 1; M"
            + std::to_string(number + 1) + " b = 2; }\n";
  file += "message M12 { string id = 1; }\n";
  const declared wide{"service S { rpc Get(In) returns (Out) { option (google.api.http) = { get: \"/x\" }; } }\n" + file};
  CAF_CHECK_EQUAL(rest_surface_of({wide.service()}).mistakes,
                  lines{"test.proto:3: test.S.Get: has more than 500 query parameters: let a body hold its fields"});
}

CAF_TEST(lines of a compiled contract are those of its descriptor set) {
  const auto& method = *library::v1::Book::descriptor()->file()->service(0)->FindMethodByName("GetBook");
  CAF_CHECK_EQUAL(proto_source{}.place_of(method), "library.proto: library.v1.Library.GetBook");
  CAF_CHECK_EQUAL(proto_source{}.comment_of(method), "");
  std::ifstream stream{TROUPE_TEST_DESCRIPTORS, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
  const auto source = proto_source::read(bytes).value();
  CAF_CHECK_EQUAL(source.place_of(method), "library.proto:20: library.v1.Library.GetBook");
  CAF_CHECK_EQUAL(source.comment_of(method), "Returns a book,\nor an error.");
  CAF_CHECK_EQUAL(source.comment_of(*library::v1::GetBookRequest::descriptor()->field(0)), "of the book");
  CAF_CHECK(proto_source::read("nonsense").error().code == troupe::errc::undecodable);
}
