#define CAF_SUITE contracts_transcoding

#include <troupe_test/suite.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/empty.pb.h>
#include <legacy.pb.h>
#include <library.pb.h>

#include <troupe/messages/contracts/transcoding.hpp>
#include <troupe/messages/contracts/transcoding_client.hpp>

#include "../refusal.hpp"
#include "declared.hpp"

using namespace troupe::contracts;
using troupe_test::declared;
using troupe_test::refusal;

namespace {

struct fixture {
  route_table table{
    rest_surface_of({library::v1::Book::descriptor()->file()->service(0), legacy::Book::descriptor()->file()->service(0)})
      .routes};
  transcoding_limits limits;

  /// What a request becomes, or why it is refused.
  template <class Message>
  std::string decode(std::string_view http_method, std::string_view target, std::string_view body, Message& into) const {
    const auto path = target.substr(0, target.find('?'));
    const auto query = path.size() == target.size() ? std::string_view{} : target.substr(path.size() + 1);
    const auto match = table.find(http_method, path);
    if (!std::holds_alternative<route_match>(match))
      return "no route";
    CAF_REQUIRE_EQUAL(std::get<route_match>(match).route->method->input_type()->full_name(),
                      into.GetDescriptor()->full_name());
    return refusal(decode_request(std::get<route_match>(match), query, {body}, limits, into));
  }

  template <class Message>
  std::string request(std::string_view http_method, std::string_view target, std::string_view body = {}) const {
    Message into;
    const auto result = decode(http_method, target, body, into);
    return result == "accepted" ? into.ShortDebugString() : result;
  }

  std::string everything(std::string_view query) const {
    return request<library::v1::Values>("GET", "/v1/everything?" + std::string{query});
  }

  std::string answer(std::string_view http_method, std::string_view path, const google::protobuf::Message& message,
                     const json_form& form = {}) const {
    const auto json = encode_answer(*std::get<route_match>(table.find(http_method, path)).route, message, form);
    return json ? *json : refusal(json);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(contracts_transcoding_tests, fixture)

CAF_TEST(path variables and query parameters set the fields of a request) {
  using list = library::v1::ListBooksRequest;
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?shelf.wing=east+side&page_size=3&genres=NOVEL&genres=2"),
                  R"(shelf { id: "7" wing: "east side" } page_size: 3 genres: NOVEL genres: POETRY)");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?pageSize=3&fields=title,printedAt"),
                  R"(shelf { id: "7" } page_size: 3 fields { paths: "title" paths: "printed_at" })");
  CAF_CHECK_EQUAL(request<library::v1::GetBookRequest>("GET", "/v1/shelves/a%2Fb/books/c%20d"),
                  R"(name: "shelves/a%2Fb/books/c d")");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?&&page_size=3&"), R"(shelf { id: "7" } page_size: 3)");
}

CAF_TEST(a query parameter without a field is refused with its name) {
  using list = library::v1::ListBooksRequest;
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?colour=red"), "invalid: the query parameter colour is unknown");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?shelf.id=8"),
                  "invalid: the query parameter shelf.id is unknown: the path or the body holds it");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?shelf=8"),
                  "invalid: the query parameter shelf is unknown: its type has no single value");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?page_size.x=8"),
                  "invalid: the query parameter page_size.x is unknown");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?page_size.=8"),
                  "invalid: the query parameter page_size. is unknown");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?=8"), "invalid: the query parameter  is unknown");
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?page%1=8"),
                  "invalid: the query parameter page%1=8: a percent escape is malformed");
  CAF_CHECK_EQUAL(request<library::v1::Book>("PUT", "/v1/books/1?title=x", "{}"),
                  "invalid: the query parameter title is unknown: the body holds what the path does not");
  CAF_CHECK_EQUAL(request<library::v1::CreateBookRequest>("POST", "/v1/shelves/1/books?book.title=x", "{}"),
                  "invalid: the query parameter book.title is unknown: the path or the body holds it");
  for (const auto* name : {"a_struct", "a_value", "a_list", "by_name", "a_struct.fields", "by_name.key"})
    CAF_CHECK(
      everything(std::string{name} + "=1").starts_with("invalid: the query parameter " + std::string{name} + " is unknown"));
}

CAF_TEST(a single value stands once and values of a oneof exclude each other) {
  using list = library::v1::ListBooksRequest;
  CAF_CHECK_EQUAL(request<list>("GET", "/v1/shelves/7/books?page_size=3&pageSize=3"),
                  "invalid: the query parameter pageSize stands twice");
  CAF_CHECK_EQUAL(everything("first=a&second=b"), "invalid: the query parameter second excludes first, which is given too");
}

CAF_TEST(each type has the form that it has in JSON) {
  CAF_CHECK_EQUAL(everything("a_double=1.5e3&a_float=-2&an_int32=-2147483648&an_int64=9223372036854775807"),
                  "a_double: 1500 a_float: -2 an_int32: -2147483648 an_int64: 9223372036854775807");
  CAF_CHECK_EQUAL(everything("an_uint32=4294967295&an_uint64=18446744073709551615&a_sint64=-1&a_fixed32=7&a_bool=true"),
                  "an_uint32: 4294967295 an_uint64: 18446744073709551615 a_sint64: -1 a_fixed32: 7 a_bool: true");
  CAF_CHECK_EQUAL(everything("a_double=Infinity&a_float=-Infinity"), "a_double: inf a_float: -inf");
  CAF_CHECK_EQUAL(everything("a_double=NaN"), "a_double: nan");
  CAF_CHECK_EQUAL(everything("a_string=%C3%A9%00%22&some_bytes=_-8%3D"),
                  R"(a_string: "\303\251\000\"" some_bytes: "\377\357")");
  CAF_CHECK_EQUAL(everything("an_enum=POETRY&@odd=x"), R"(an_enum: POETRY odd: "x")");
  CAF_CHECK_EQUAL(everything("an_enum=77"), "an_enum: 77");
  CAF_CHECK_EQUAL(everything("a_time=2026-01-02T03:04:05.5Z&a_duration=-1.5s&a_mask=aDouble,byName"),
                  "a_time { seconds: 1767323045 nanos: 500000000 } a_duration { seconds: -1 nanos: -500000000 } "
                  R"(a_mask { paths: "a_double" paths: "by_name" })");
  CAF_CHECK_EQUAL(everything("a_wrapped_int64=0&a_wrapped_string=&wrapped_bytes=/w&a_wrapped_bool=false"),
                  R"(a_wrapped_int64 { } a_wrapped_string { } wrapped_bytes { value: "\377" } a_wrapped_bool { })");
  CAF_CHECK_EQUAL(everything("numbers=1&numbers=2&times=1970-01-01T00:00:01Z&times=1970-01-01T00:00:02Z"),
                  "numbers: 1 numbers: 2 times { seconds: 1 } times { seconds: 2 }");
}

CAF_TEST(a text that is no value of its field is refused with name and type) {
  CAF_CHECK_EQUAL(everything("an_int32=2147483648"), "invalid: the query parameter an_int32 is no int32: 2147483648");
  CAF_CHECK_EQUAL(everything("an_int32="), "invalid: the query parameter an_int32 is no int32: ");
  CAF_CHECK_EQUAL(everything("an_int32=+1"), "invalid: the query parameter an_int32 is no int32:  1");
  CAF_CHECK_EQUAL(everything("an_uint64=-1"), "invalid: the query parameter an_uint64 is no uint64: -1");
  CAF_CHECK_EQUAL(everything("a_double=inf"), "invalid: the query parameter a_double is no double: inf");
  CAF_CHECK_EQUAL(everything("a_double=1e999"), "invalid: the query parameter a_double is no double: 1e999");
  CAF_CHECK_EQUAL(everything("a_bool=1"), "invalid: the query parameter a_bool is no bool: 1");
  CAF_CHECK_EQUAL(everything("a_string=%FF"), "invalid: the query parameter a_string is no string: \\xff");
  CAF_CHECK_EQUAL(everything("some_bytes=%2A"), "invalid: the query parameter some_bytes is no bytes: *");
  CAF_CHECK_EQUAL(everything("an_enum=PROSE"), "invalid: the query parameter an_enum is no library.v1.Genre: PROSE");
  CAF_CHECK_EQUAL(everything("a_time=now"), "invalid: the query parameter a_time is no google.protobuf.Timestamp: now");
  CAF_CHECK_EQUAL(everything("a_duration=5"), "invalid: the query parameter a_duration is no google.protobuf.Duration: 5");
  CAF_CHECK_EQUAL(request<legacy::Book>("GET", "/legacy/1?title=x&colour=7"),
                  "invalid: the query parameter colour is no legacy.Colour: 7");
}

CAF_TEST(a message that holds itself is entered once) {
  CAF_CHECK_EQUAL(request<library::v1::Tree>("GET", "/v1/tree?label=x"), R"(label: "x")");
  CAF_CHECK_EQUAL(request<library::v1::Tree>("GET", "/v1/tree?parent.label=x"),
                  "invalid: the query parameter parent.label enters a message that holds itself more than once");
}

CAF_TEST(the body is the whole request but for the path or one field) {
  CAF_CHECK_EQUAL(request<library::v1::Book>("PUT", "/v1/books/1", R"({"title": "x", "genre": "NOVEL", "id": "ignored"})"),
                  R"(id: "1" title: "x" genre: NOVEL)");
  CAF_CHECK_EQUAL(request<library::v1::CreateBookRequest>("POST", "/v1/shelves/s/books?dryRun=true", R"( {"title":"x"} )"),
                  R"(shelf: "s" book { title: "x" } dry_run: true)");
  CAF_CHECK_EQUAL(request<library::v1::UpdateBookRequest>("PATCH", "/v1/books/7?update_mask=title", R"({"title":"x"})"),
                  R"(book { id: "7" title: "x" } update_mask { paths: "title" })");
  CAF_CHECK_EQUAL(request<library::v1::TagBookRequest>("POST", "/v1/books/7/tags", R"(["a","b"])"),
                  R"(id: "7" tags: "a" tags: "b")");
  CAF_CHECK_EQUAL(request<library::v1::LendBookRequest>("POST", "/v1/books/7:lend", R"({"at_most": "3600s"})"),
                  R"(id: "7" at_most { seconds: 3600 })");
}

CAF_TEST(an empty body is none) {
  CAF_CHECK_EQUAL(request<library::v1::Book>("PUT", "/v1/books/1"), R"(id: "1")");
  CAF_CHECK_EQUAL(request<library::v1::CreateBookRequest>("POST", "/v1/shelves/s/books"), R"(shelf: "s")");
}

CAF_TEST(a body that is not what its rule says is refused) {
  CAF_CHECK_EQUAL(request<library::v1::DeleteBookRequest>("DELETE", "/v1/books/1", "{}"),
                  "invalid: DELETE /v1/books/{id} takes no body");
  const auto put = [this](std::string_view body) { return request<library::v1::Book>("PUT", "/v1/books/1", body); };
  CAF_CHECK(put("{").starts_with("invalid: the body is no JSON: incomplete JSON"));
  CAF_CHECK(put("{'title': 'x'}").starts_with("invalid: the body is no JSON: syntax error"));
  CAF_CHECK(put(R"({"title": "x",})").starts_with("invalid: the body is no JSON: syntax error"));
  CAF_CHECK(put("{} {}").starts_with("invalid: the body is no JSON: extra data"));
  CAF_CHECK(put("{\"title\": \"\xFF\"}").starts_with("invalid: the body is no JSON:"));
  const auto unknown = put(R"({"colour": "red"})");
  CAF_CHECK(unknown.starts_with("invalid: the body is no library.v1.Book:"));
  CAF_CHECK_NOT_EQUAL(unknown.find("colour"), std::string::npos);
  for (const auto* body : {"[]", "1", "\"x\"", R"({"title": 1.5, "copies": []})", R"({"genre": "PROSE"})"})
    CAF_CHECK(put(body).starts_with("invalid: the body is no library.v1.Book:"));
}

CAF_TEST(a body that is one field can set no other) {
  CAF_CHECK(request<library::v1::CreateBookRequest>("POST", "/v1/shelves/s/books", R"({}, "dry_run": true)")
              .starts_with("invalid: the body is no JSON: extra data"));
}

CAF_TEST(more than the limits allow is refused before it is read) {
  limits = {.body = 40, .depth = 3, .parameters = 2};
  CAF_CHECK_EQUAL(request<library::v1::Book>("PUT", "/v1/books/1", '"' + std::string(39, 'x') + '"'),
                  "rejected: the body is longer than 40 bytes");
  CAF_CHECK_EQUAL(request<library::v1::Book>("PUT", "/v1/books/1", R"({"topics":{"parent":{"parent":{}}}})"),
                  "rejected: the body is nested deeper than 3");
  CAF_CHECK_EQUAL(request<library::v1::Book>("PUT", "/v1/books/1", R"({"topics":{"parent":{}}})"),
                  R"(id: "1" topics { parent { } })");
  CAF_CHECK_EQUAL(everything("numbers=1&numbers=2&numbers=3"), "rejected: the query has more than 2 parameters");
}

CAF_TEST(what a message of proto2 requires must be there) {
  CAF_CHECK_EQUAL(request<legacy::Book>("GET", "/legacy/1?title=x&colour=GREEN"), R"(id: "1" title: "x" colour: GREEN)");
  CAF_CHECK_EQUAL(request<legacy::Book>("GET", "/legacy/1"), "invalid: the request lacks title");
}

CAF_TEST(an answer is JSON in the mapping of proto3) {
  library::v1::Book book;
  book.set_id("1");
  book.mutable_printed_at()->set_seconds(1);
  book.set_number(5);
  (*book.mutable_copies())["main"] = 2;
  CAF_CHECK_EQUAL(answer("GET", "/v1/books/1", book),
                  R"({"id":"1","printedAt":"1970-01-01T00:00:01Z","copies":{"main":2},"number":"5"})");
  CAF_CHECK_EQUAL(
    answer("GET", "/v1/books/1", book, {default_values::written, field_names::proto}),
    R"({"id":"1","title":"","genre":"UNKNOWN","copies":{"main":2},"printed_at":"1970-01-01T00:00:01Z","number":"5"})");
  CAF_CHECK_EQUAL(answer("DELETE", "/v1/books/1", google::protobuf::Empty{}), "{}");
  google::protobuf::Struct any;
  (*any.mutable_fields())["a"].set_number_value(1);
  CAF_CHECK_EQUAL(answer("GET", "/v1/files/x", any), R"({"a":1})");
}

CAF_TEST(response_body answers one field) {
  library::v1::ListBooksResponse list;
  list.set_next("\"books\":[]");
  CAF_CHECK_EQUAL(answer("GET", "/v1/shelves/1/books", list), "[]");
  list.add_books()->set_title("a \"b\\\" ],}{");
  list.add_books();
  CAF_CHECK_EQUAL(answer("GET", "/v1/shelves/1/books", list), R"([{"title":"a \"b\\\" ],}{"},{}])");
  library::v1::TagBookResponse tags;
  CAF_CHECK_EQUAL(answer("POST", "/v1/books/1/tags", tags), "0");
  tags.set_count(3);
  CAF_CHECK_EQUAL(answer("POST", "/v1/books/1/tags", tags), "3");
  library::v1::Tree tree;
  CAF_CHECK_EQUAL(answer("GET", "/v1/tree", tree), "null");
  tree.mutable_parent();
  CAF_CHECK_EQUAL(answer("GET", "/v1/tree", tree), "{}");
}

CAF_TEST(an answer that has no JSON is an error of the service) {
  library::v1::Loan loan;
  loan.mutable_terms()->set_type_url("type.googleapis.com/nobody.knows");
  loan.mutable_terms()->set_value("x");
  CAF_CHECK(answer("POST", "/v1/books/1:lend", loan).starts_with("internal: library.v1.Loan has no JSON:"));
}

CAF_TEST(messages that are known only while the program runs are transcoded alike) {
  const declared file{R"(import "google/protobuf/timestamp.proto";
message In { string id = 1; google.protobuf.Timestamp at = 2; bytes raw = 3; }
service S { rpc Get(In) returns (In) { option (google.api.http) = { get: "/{id}" }; } })"};
  const route_table routes{rest_surface_of({file.service()}).routes};
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> in{factory.GetPrototype(file.service()->method(0)->input_type())->New()};
  const auto match = std::get<route_match>(routes.find("GET", "/x"));
  CAF_CHECK_EQUAL(refusal(decode_request(match, "at=1970-01-01T00:00:01Z&raw=eA", {}, limits, *in)), "accepted");
  CAF_CHECK_EQUAL(in->ShortDebugString(), R"(id: "x" at { seconds: 1 } raw: "x")");
  CAF_CHECK_EQUAL(encode_answer(*match.route, *in).value(), R"({"id":"x","at":"1970-01-01T00:00:01Z","raw":"eA=="})");
}

CAF_TEST(a body has the mapping of proto3 and no more) {
  const auto post = [this](std::string_view body) { return request<library::v1::Values>("POST", "/v1/everything", body); };
  // Protobuf's parser would make it the nearest number.
  CAF_CHECK(post(R"({"an_int64": -9223372036854775809})").starts_with("invalid: the body is no library.v1.Values:"));
  CAF_CHECK_EQUAL(post(R"({"an_int64": -9223372036854775808})"), "an_int64: -9223372036854775808");
  CAF_CHECK_EQUAL(post(R"({"a_double": -9223372036854775809})"), "a_double: -9.2233720368547758e+18");
  // An integer in quotes may have an exponent.
  CAF_CHECK_EQUAL(post(R"({"an_int32": "1e5", "an_uint64": "1.0", "a_wrapped_int64": "2e1"})"),
                  "an_int32: 100000 an_uint64: 1 a_wrapped_int64 { value: 20 }");
  CAF_CHECK(post(R"({"an_int32": "0.5"})").starts_with("invalid:"));
  // There is no null in a list or a map, but where it is a value.
  for (const auto* body : {R"({"numbers": [1, null, 2]})", R"({"times": [null]})", R"({"by_name": {"a": null}})"})
    CAF_CHECK(post(body).starts_with("invalid: the body is no library.v1.Values:"));
  CAF_CHECK_EQUAL(post(R"({"numbers": null, "by_name": null, "a_time": null})"), "");
  CAF_CHECK_EQUAL(post(R"({"a_list": [null], "a_struct": {"a": null}})"),
                  R"(a_struct { fields { key: "a" value { null_value: NULL_VALUE } } } )"
                  "a_list { values { null_value: NULL_VALUE } }");
  CAF_CHECK_EQUAL(post(R"({"numbers": [1, null]})"), "invalid: the body is no library.v1.Values: numbers holds a null");
  // A list is a list, and of single values.
  for (const auto* body : {R"({"numbers": 1})", R"({"numbers": [[1]]})", R"({"times": "1970-01-01T00:00:01Z"})"})
    CAF_CHECK(post(body).starts_with("invalid: the body is no library.v1.Values:"));
  CAF_CHECK(request<library::v1::TagBookRequest>("POST", "/v1/books/7/tags", R"("a")").starts_with("invalid:"));
  // A bool is no text.
  for (const auto* body : {R"({"a_bool": "true"})", R"({"a_bool": "1"})", R"({"a_wrapped_bool": "t"})"})
    CAF_CHECK(post(body).starts_with("invalid: the body is no library.v1.Values:"));
}

CAF_TEST(a time is in the range of its type wherever it stands) {
  const auto post = [this](std::string_view body) { return request<library::v1::Values>("POST", "/v1/everything", body); };
  CAF_CHECK_EQUAL(post(R"({"a_time": "0001-01-01T01:00:00+01:00"})"), "a_time { seconds: -62135596800 }");
  for (const auto* body : {R"({"a_time": "0001-01-01T00:00:00+01:00"})", R"({"times": ["9999-12-31T23:59:59-01:00"]})",
                           R"({"a_time": {"seconds": 5}})", R"({"a_duration": {"seconds": 1, "nanos": -5}})"})
    CAF_CHECK(post(body).starts_with("invalid: the body is no library.v1.Values:"));
  CAF_CHECK(everything("a_time=0001-01-01T00:00:00%2B01:00").starts_with("invalid: the query parameter a_time is no"));
  library::v1::Values values;
  values.mutable_a_duration()->set_seconds(1);
  values.mutable_a_duration()->set_nanos(-5); // was answered as 1.294967291s
  CAF_CHECK(answer("GET", "/v1/everything", values).starts_with("internal: library.v1.Values has no JSON:"));
}

CAF_TEST(a number in the query is one of JSON) {
  CAF_CHECK_EQUAL(everything("a_float=1e-46&a_double=-1e-400"), "a_double: -0");
  CAF_CHECK_EQUAL(everything("a_float=1e39"), "invalid: the query parameter a_float is no float: 1e39");
  for (const auto* text : {"1.", "01", "5 ", "1.e5"})
    CAF_CHECK_EQUAL(everything("a_double=" + std::string{text}),
                    "invalid: the query parameter a_double is no double: " + std::string{text});
}

CAF_TEST(response_body answers a field whose name in JSON is escaped) {
  const declared file{R"p(message In { string a = 1 [json_name = "<a>"]; string b = 2 [json_name = "b\"q"]; }
service S {
  rpc A(In) returns (In) { option (google.api.http) = { get: "/a" response_body: "a" }; }
  rpc B(In) returns (In) { option (google.api.http) = { get: "/b" response_body: "b" }; }
})p"};
  const route_table routes{rest_surface_of({file.service()}).routes};
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> in{factory.GetPrototype(file.service()->method(0)->input_type())->New()};
  const auto a = std::get<route_match>(routes.find("GET", "/a"));
  const auto b = std::get<route_match>(routes.find("GET", "/b"));
  CAF_CHECK_EQUAL(encode_answer(*a.route, *in).value(), R"("")");
  in->GetReflection()->SetString(in.get(), in->GetDescriptor()->field(0), "x");
  in->GetReflection()->SetString(in.get(), in->GetDescriptor()->field(1), "y");
  CAF_CHECK_EQUAL(encode_answer(*a.route, *in).value(), R"("x")");
  CAF_CHECK_EQUAL(encode_answer(*b.route, *in).value(), R"("y")");
}

CAF_TEST(a client sends a body field whose name in JSON is escaped) {
  const declared file{R"p(message In { string a = 1 [json_name = "<a>"]; }
service S { rpc A(In) returns (In) { option (google.api.http) = { post: "/a" body: "a" }; } })p"};
  const auto routes = rest_surface_of({file.service()}).routes;
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> in{factory.GetPrototype(file.service()->method(0)->input_type())->New()};
  in->GetReflection()->SetString(in.get(), in->GetDescriptor()->field(0), "x");
  CAF_CHECK_EQUAL(encode_request(routes, *in)->body, R"("x")");
}

CAF_TEST_FIXTURE_SCOPE_END()
