#define CAF_SUITE contracts_openapi

#include <troupe_test/suite.hpp>

#include <fstream>
#include <iterator>

#include <boost/json.hpp>

#include <google/protobuf/descriptor.h>
#include <legacy.pb.h>
#include <library.pb.h>

#include <troupe/messages/contracts/openapi.hpp>
#include <troupe/messages/contracts/route_table.hpp>
#include <troupe/messages/contracts/transcoding.hpp>

#include "declared.hpp"

namespace json = boost::json;
using namespace troupe::contracts;
using troupe_test::declared;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::vector<rest_route> routes() {
  return rest_surface_of(
           {library::v1::Book::descriptor()->file()->service(0), legacy::Book::descriptor()->file()->service(0)})
    .routes;
}

json::object document() {
  const auto source = proto_source::read(content_of(TROUPE_TEST_DESCRIPTORS)).value();
  return openapi_document(routes(), {"The library", "1.0"}, source);
}

std::string text_at(const json::value& document, std::string_view pointer) {
  boost::system::error_code none;
  const auto* const found = document.find_pointer(pointer, none);
  return found == nullptr ? "nothing" : json::serialize(*found);
}

} // namespace

CAF_TEST(the description of the tests services is the golden one) {
  // An independent validator reads the golden file too: tests/system/test_openapi.py.
  const auto made = json::serialize(document());
  CAF_CHECK_EQUAL(made + '\n', content_of(TROUPE_GOLDEN_FOLDER "/library.openapi.json"));
}

CAF_TEST(a variable of several segments has a parameter for each wildcard) {
  const json::value made = document();
  CAF_CHECK_EQUAL(text_at(made, "/paths/~1v1~1shelves~1{name_1}~1books~1{name_2}/get/parameters"),
                  R"([{"name":"name_1","in":"path","required":true,"description":"Of `name`, which is )"
                  R"(`shelves/{name_1}/books/{name_2}`.\nof the book","schema":{"type":"string"}},)"
                  R"({"name":"name_2","in":"path","required":true,"description":"Of `name`, which is )"
                  R"(`shelves/{name_1}/books/{name_2}`.\nof the book","schema":{"type":"string"}}])");
}

CAF_TEST(paths that differ only in names are one path) {
  const json::value made = document();
  CAF_CHECK_NOT_EQUAL(text_at(made, "/paths/~1v1~1books~1{name}/delete"), "nothing");
  CAF_CHECK_EQUAL(text_at(made, "/paths/~1v1~1books~1{id}"), "nothing");
}

CAF_TEST(operations have the names of their methods and no name twice) {
  const json::value made = document();
  CAF_CHECK_EQUAL(text_at(made, "/paths/~1v1~1books~1{name}/get/operationId"), R"("Library_GetBook_2")");
  CAF_CHECK_EQUAL(text_at(made, "/paths/~1legacy~1{id}/get/operationId"), R"("Library_GetBook_3")");
  const json::value alone =
    openapi_document(rest_surface_of({legacy::Book::descriptor()->file()->service(0)}).routes, {"", ""});
  CAF_CHECK_EQUAL(text_at(alone, "/paths/~1legacy~1{id}/get/operationId"), R"("GetBook")");
}

CAF_TEST(schemas of one name are distinguished by their package) {
  const json::value made = document();
  CAF_CHECK_EQUAL(text_at(made, "/components/schemas/legacy.Book/properties/pages"),
                  R"({"type":"integer","format":"int32"})");
  CAF_CHECK_EQUAL(text_at(made, "/components/schemas/Tree/properties/parent"), R"({"$ref":"#/components/schemas/Tree"})");
}

CAF_TEST(a body beside the path lacks what the path holds) {
  const json::value made = document();
  CAF_CHECK_EQUAL(
    text_at(made, "/paths/~1v1~1books~1{id}:lend/post/requestBody/content/application~1json/schema/properties"),
    R"({"reader":{"type":"string"},"atMost":{"type":"string","pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$"}})");
}

CAF_TEST(a success has the status and the location that its method declares) {
  const declared file{R"(import "troupe/api/http.proto";
service S {
  rpc Add(Book) returns (Book) {
    option (google.api.http) = {post: "/books"};
    option (troupe.api.answer) = {status: 201 location: "/books/{id}"};
  }
  rpc Remove(Book) returns (Nothing) {
    option (google.api.http) = {delete: "/books/{id}"};
    option (troupe.api.answer) = {status: 204};
  }
}
message Book { string id = 1; }
message Nothing {})"};
  const json::value made = openapi_document(rest_surface_of({file.service()}).routes, {"", ""});
  CAF_CHECK_EQUAL(text_at(made, "/paths/~1books/post/responses/201/headers/Location"),
                  R"({"description":"`/books/{id}`","schema":{"type":"string"}})");
  CAF_CHECK_NOT_EQUAL(text_at(made, "/paths/~1books/post/responses/201/content"), "nothing");
  CAF_CHECK_EQUAL(text_at(made, "/paths/~1books/post/responses/200"), "nothing");
  CAF_CHECK_EQUAL(text_at(made, "/paths/~1books~1{id}/delete/responses/204"), R"({"description":"A successful response."})");
}

CAF_TEST(answers fit the schemas that the description gives them) {
  // The validator of tests/system/test_openapi.py compares these answers with their schemas.
  library::v1::Values values;
  values.set_a_double(1.5);
  values.set_an_int64(-7);
  values.set_some_bytes("\xFF");
  values.set_an_enum(library::v1::POETRY);
  values.mutable_a_time()->set_seconds(1);
  values.mutable_a_duration()->set_nanos(1);
  values.mutable_a_mask()->add_paths("a_time");
  values.mutable_a_wrapped_int64()->set_value(1);
  values.add_numbers(1);
  (*values.mutable_a_struct()->mutable_fields())["a"].set_bool_value(true);
  values.mutable_a_value()->set_null_value(google::protobuf::NULL_VALUE);
  values.mutable_a_list()->add_values()->set_string_value("x");
  auto& book = (*values.mutable_by_name())["b"];
  book.set_code("c");
  book.mutable_topics()->mutable_parent()->add_children()->set_label("l");
  values.set_first("f");
  const route_table table{routes()};
  const auto& route = *std::get<route_match>(table.find("GET", "/v1/everything")).route;
  const auto omitted = encode_answer(route, values).value();
  const auto written = encode_answer(route, values, {default_values::written, field_names::json}).value();
  CAF_CHECK_EQUAL('[' + omitted + ',' + written + "]\n", content_of(TROUPE_GOLDEN_FOLDER "/values.json"));
}
