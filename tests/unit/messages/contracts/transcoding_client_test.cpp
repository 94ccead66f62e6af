#define CAF_SUITE contracts_transcoding_client

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>
#include <library.pb.h>

#include <troupe/messages/contracts/route_table.hpp>
#include <troupe/messages/contracts/transcoding.hpp>
#include <troupe/messages/contracts/transcoding_client.hpp>

#include "../refusal.hpp"

using namespace troupe::contracts;
using namespace library::v1;
using google::protobuf::Message;
using troupe_test::refusal;

namespace {

struct fixture {
  route_table table{rest_surface_of({Book::descriptor()->file()->service(0)}).routes};

  [[nodiscard]] std::vector<rest_route> routes_of(const std::string& method) const {
    std::vector<rest_route> result;
    std::ranges::copy_if(table.routes(), std::back_inserter(result),
                         [&](const rest_route& one) { return one.method->name() == method; });
    return result;
  }

  /// The request line and the body, or why there are none.
  [[nodiscard]] std::string written(const std::string& method, const Message& request) const {
    const auto made = encode_request(routes_of(method), request);
    return made ? made->http_method + ' ' + made->target + (made->body.empty() ? "" : ' ' + made->body) : refusal(made);
  }

  /// What a server understands of what is written.
  template <class T>
  [[nodiscard]] bool comes_back(const std::string& method, const T& request) const {
    const auto routes = routes_of(method);
    const auto made = encode_request(routes, request);
    CAF_REQUIRE(made);
    const auto path = made->target.substr(0, made->target.find('?'));
    const auto query = path.size() == made->target.size() ? std::string{} : made->target.substr(path.size() + 1);
    const auto found = table.find(made->http_method, path);
    CAF_REQUIRE(std::holds_alternative<route_match>(found));
    T again;
    CAF_REQUIRE_EQUAL(
      refusal(decode_request(std::get<route_match>(found), query, {made->body, made->content_type}, {}, again)), "accepted");
    return google::protobuf::util::MessageDifferencer::Equals(request, again);
  }
};

GetBookRequest book_named(const std::string& name) {
  GetBookRequest result;
  result.set_name(name);
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(contracts_transcoding_client_tests, fixture)

CAF_TEST(path variables are percent encoded and other fields are query parameters) {
  ListBooksRequest list;
  list.mutable_shelf()->set_id("a/b c?");
  list.mutable_shelf()->set_wing("east & west");
  list.set_page_size(3);
  list.add_genres(NOVEL);
  list.add_genres(static_cast<Genre>(7));
  list.mutable_fields()->add_paths("printed_at");
  CAF_CHECK_EQUAL(written("ListBooks", list),
                  "GET /v1/shelves/a%2Fb%20c%3F/books?shelf.wing=east%20%26%20west&page_size=3&genres=NOVEL&genres=7"
                  "&fields=printedAt");
  CAF_CHECK(comes_back("ListBooks", list));
}

CAF_TEST(the first binding that can carry a request is taken) {
  CAF_CHECK_EQUAL(written("GetBook", book_named("shelves/7 up/books/x")), "GET /v1/shelves/7%20up/books/x");
  CAF_CHECK_EQUAL(written("GetBook", book_named("x/y")), "GET /v1/books/x%2Fy");
  CAF_CHECK_EQUAL(written("GetBook", book_named({})), "invalid: the path variable name is empty");
  CAF_CHECK(comes_back("GetBook", book_named("shelves/7/books/x")));
  CAF_CHECK(comes_back("GetBook", book_named("x/y:z")));
}

CAF_TEST(a path variable is never a step in the path) {
  FileRequest file;
  for (const std::string path : {".", "..", "a/../b", "a/."}) {
    file.set_path(path);
    CAF_CHECK_EQUAL(written("ReadFile", file), "invalid: the path variable path would be a step in the path");
  }
  file.set_path("a b/.c/..d");
  CAF_CHECK_EQUAL(written("ReadFile", file), "GET /v1/files/a%20b/.c/..d");
  CAF_CHECK(comes_back("ReadFile", file));
  file.clear_path();
  CAF_CHECK_EQUAL(written("ReadFile", file), "GET /v1/files");
  CAF_CHECK(comes_back("ReadFile", file));
  CAF_CHECK_EQUAL(written("GetBook", book_named("..")), "invalid: the path variable name does not match "
                                                        "/v1/{name=shelves/*/books/*}");
}

CAF_TEST(a body is the whole message without its path or one field of it) {
  LendBookRequest lend;
  lend.set_id("7");
  lend.set_reader("\"me\"");
  lend.mutable_at_most()->set_seconds(90);
  CAF_CHECK_EQUAL(written("LendBook", lend), R"(POST /v1/books/7:lend {"reader":"\"me\"","atMost":"90s"})");
  CAF_CHECK(comes_back("LendBook", lend));
  CreateBookRequest create;
  create.set_shelf("7");
  create.set_dry_run(true);
  CAF_CHECK_EQUAL(written("CreateBook", create), "POST /v1/shelves/7/books?dry_run=true");
  create.mutable_book()->set_title("T");
  CAF_CHECK_EQUAL(written("CreateBook", create), R"(POST /v1/shelves/7/books?dry_run=true {"title":"T"})");
  CAF_CHECK(comes_back("CreateBook", create));
  TagBookRequest tag;
  tag.set_id("7");
  tag.add_tags("a");
  CAF_CHECK_EQUAL(written("TagBook", tag), R"(POST /v1/books/7/tags ["a"])");
  Book book;
  book.set_id("7");
  CAF_CHECK_EQUAL(written("ReplaceBook", book), "PUT /v1/books/7 {}");
}

CAF_TEST(a route of any method and of another one have their methods) {
  FileRequest file;
  file.set_path("x");
  CAF_CHECK_EQUAL(written("Anything", file), "GET /any/-/x");
  DeleteBookRequest peek;
  peek.set_id("x");
  CAF_CHECK_EQUAL(written("PeekBook", peek), "HEAD /v1/books/x");
  CAF_CHECK_EQUAL(refusal(encode_request({}, file)), "unsupported: there is no route");
}

CAF_TEST(every value that a query can hold comes back) {
  Values all;
  all.set_a_double(-0.1);
  all.set_a_float(std::numeric_limits<float>::max());
  all.set_an_int32(std::numeric_limits<std::int32_t>::min());
  all.set_an_int64(std::numeric_limits<std::int64_t>::min());
  all.set_an_uint32(std::numeric_limits<std::uint32_t>::max());
  all.set_an_uint64(std::numeric_limits<std::uint64_t>::max());
  all.set_a_sint64(-1);
  all.set_a_fixed32(1);
  all.set_a_bool(true);
  all.set_a_string("caf\xc3\xa9 \"+\" &=?#%2F\n");
  all.set_some_bytes(std::string{"\0\xff\xfe=", 4});
  all.set_an_enum(POETRY);
  all.mutable_a_time()->set_nanos(5);
  all.mutable_a_duration()->set_seconds(-3);
  all.mutable_a_mask()->add_paths("a_b");
  all.mutable_a_wrapped_int64()->set_value(7);
  all.mutable_a_wrapped_string()->set_value("\"<quoted>\"");
  all.mutable_wrapped_bytes()->set_value("\xff");
  all.mutable_a_wrapped_bool();
  all.add_numbers(0);
  all.add_numbers(-1);
  all.add_times()->set_seconds(1);
  all.add_times();
  all.set_second("");
  all.set_odd("x");
  CAF_CHECK(comes_back("Everything", all));
  Values infinite;
  infinite.set_a_double(-std::numeric_limits<double>::infinity());
  CAF_CHECK_EQUAL(written("Everything", infinite), "GET /v1/everything?a_double=-Infinity");
}

CAF_TEST(a field that no query can hold takes the next binding or is refused by name) {
  Values values;
  (*values.mutable_by_name())["a"].set_id("7");
  CAF_CHECK_EQUAL(written("Everything", values), R"(POST /v1/everything {"byName":{"a":{"id":"7"}}})");
  Tree tree;
  tree.add_children();
  CAF_CHECK_EQUAL(written("WalkTree", tree), "invalid: the field children cannot stand in a query");
}

CAF_TEST(an answer is read leniently and its one field where that is the body) {
  Book book;
  CAF_CHECK_EQUAL(refusal(decode_answer(routes_of("GetBook").front(), {R"({"id":"7","of_later":[{}]})"}, book)), "accepted");
  CAF_CHECK_EQUAL(book.ShortDebugString(), R"(id: "7")");
  ListBooksResponse list;
  CAF_CHECK_EQUAL(refusal(decode_answer(routes_of("ListBooks").front(), {R"([{"id":"a"},{"id":"b"}])"}, list)), "accepted");
  CAF_CHECK_EQUAL(list.ShortDebugString(), R"(books { id: "a" } books { id: "b" })");
  TagBookResponse count;
  CAF_CHECK_EQUAL(refusal(decode_answer(routes_of("TagBook").front(), {"3"}, count)), "accepted");
  CAF_CHECK_EQUAL(count.count(), 3);
  Tree tree;
  CAF_CHECK_EQUAL(refusal(decode_answer(routes_of("WalkTree").front(), {"null"}, tree)), "accepted");
  CAF_CHECK(!tree.has_parent());
  CAF_CHECK_EQUAL(refusal(decode_answer(routes_of("GetBook").front(), {}, book)), "accepted");
}

CAF_TEST(an answer that is not what the method answers is an error of its server) {
  const auto refused = [this](const std::string& method, std::string_view body) {
    const auto route = routes_of(method).front();
    Book book;
    ListBooksResponse list;
    return decode_answer(route, {body}, method == "GetBook" ? static_cast<Message&>(book) : list).error().code;
  };
  for (const std::string body : {"<html>", "{", "[]", R"({"id":{}})",
                                 R"({"id":"7"} )"
                                 "x"})
    CAF_CHECK(refused("GetBook", body) == troupe::errc::internal);
  CAF_CHECK(refused("ListBooks", R"([]},{"next":"x")") == troupe::errc::internal);
  CAF_CHECK(refused("GetBook", std::string(1000, '[')) == troupe::errc::internal);
}

CAF_TEST_FIXTURE_SCOPE_END()
