#define CAF_SUITE contracts_route_table

#include <troupe_test/suite.hpp>

#include <google/protobuf/descriptor.h>
#include <library.pb.h>

#include <troupe/messages/contracts/route_table.hpp>

#include "declared.hpp"

using namespace troupe::contracts;
using troupe_test::declared;

namespace {

std::string to_text(const route_table::result& result) {
  struct visitor {
    std::string operator()(const route_match& match) const {
      auto text = match.route->method->name();
      for (const auto& capture : match.captures)
        text += " [" + capture + ']';
      return text;
    }
    std::string operator()(const path_unknown& /*none*/) const { return "404"; }
    std::string operator()(const method_refused& refused) const { return "405 " + refused.allow; }
    std::string operator()(const troupe::failure& why) const { return troupe::to_string(why); }
  };
  return std::visit(visitor{}, result);
}

struct fixture {
  route_table table{rest_surface_of({library::v1::Book::descriptor()->file()->service(0)}).routes};

  std::string find(std::string_view http_method, std::string_view path) const {
    return to_text(table.find(http_method, path));
  }
};

/// A table of GET routes whose methods are called M0, M1 and so on.
class table_of {
public:
  explicit table_of(const std::vector<std::string>& templates)
    : file_(text_of(templates)), table_(rest_surface_of({file_.service()}).routes) {}

  std::string find(std::string_view path) const { return to_text(table_.find("GET", path)); }

private:
  static std::string text_of(const std::vector<std::string>& templates) {
    std::string text = "message In { string a = 1; string b = 2; } service S {\n";
    for (std::size_t number = 0; number < templates.size(); ++number)
      text += "rpc M" + std::to_string(number) + "(In) returns (In) { option (google.api.http) = { get: \""
              + templates[number] + "\" }; }\n";
    return text + '}';
  }

  declared file_;
  route_table table_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(contracts_route_table_tests, fixture)

CAF_TEST(variables capture what their segments match) {
  CAF_CHECK_EQUAL(find("GET", "/v1/shelves/1/books/2"), "GetBook [shelves/1/books/2]");
  CAF_CHECK_EQUAL(find("GET", "/v1/books/7"), "GetBook [7]");
  CAF_CHECK_EQUAL(find("GET", "/v1/shelves/x/books"), "ListBooks [x]");
  CAF_CHECK_EQUAL(find("GET", "/v1/files/a/b/c"), "ReadFile [a/b/c]");
  CAF_CHECK_EQUAL(find("GET", "/v1/files"), "ReadFile []");
  CAF_CHECK_EQUAL(find("GET", "/v1/files/"), "ReadFile []");
}

CAF_TEST(a literal goes before a variable) {
  CAF_CHECK_EQUAL(find("GET", "/v1/books/featured"), "GetFeatured");
  const table_of mixed{{"/a/{a}", "/{a}/b", "/{a=**}", "/a/{a}/c", "/{a}/{b}/d"}};
  CAF_CHECK_EQUAL(mixed.find("/a/b"), "M0 [b]");
  CAF_CHECK_EQUAL(mixed.find("/x/b"), "M1 [x]");
  CAF_CHECK_EQUAL(mixed.find("/x/y"), "M2 [x/y]");
  CAF_CHECK_EQUAL(mixed.find("/a/y/c"), "M3 [y]");
  CAF_CHECK_EQUAL(mixed.find("/a/y/d"), "M4 [a] [y]");
  CAF_CHECK_EQUAL(mixed.find("/"), "M2 []");
}

CAF_TEST(a path without a route is unknown and a method without one is refused with those that have one) {
  CAF_CHECK_EQUAL(find("GET", "/v1"), "404");
  CAF_CHECK_EQUAL(find("GET", "/v1/books"), "404");
  CAF_CHECK_EQUAL(find("GET", "/v1/books/"), "404");
  CAF_CHECK_EQUAL(find("GET", "v1/books/1"), "404");
  CAF_CHECK_EQUAL(find("GET", ""), "404");
  CAF_CHECK_EQUAL(find("POST", "/v1/books/1"), "405 DELETE, GET, HEAD, PATCH, PUT");
  CAF_CHECK_EQUAL(find("get", "/v1/books/1"), "405 DELETE, GET, HEAD, PATCH, PUT");
  CAF_CHECK_EQUAL(find("GET", "/v1/books/1/tags"), "405 POST");
}

CAF_TEST(a literal route of another method hides no route) {
  CAF_CHECK_EQUAL(find("DELETE", "/v1/books/featured"), "DeleteBook [featured]");
}

CAF_TEST(a verb belongs to the routes that have it) {
  CAF_CHECK_EQUAL(find("POST", "/v1/books/1:lend"), "LendBook [1]");
  CAF_CHECK_EQUAL(find("POST", "/v1/books/a:b:lend"), "LendBook [a:b]");
  CAF_CHECK_EQUAL(find("GET", "/v1/books/1:other"), "GetBook [1:other]");
  CAF_CHECK_EQUAL(find("GET", "/v1/books/1%3Alend"), "GetBook [1:lend]");
  CAF_CHECK_EQUAL(find("GET", "/v1/files/a/b:raw"), "ReadFile [a/b]");
  CAF_CHECK_EQUAL(find("POST", "/v1/books/:lend"), "405 DELETE, GET, HEAD, PATCH, PUT");
}

CAF_TEST(one segment is decoded whole and several keep their escaped slashes) {
  CAF_CHECK_EQUAL(find("GET", "/v1/books/a%2Fb%20c+d%C3%A9"), "GetBook [a/b c+d\xC3\xA9]");
  CAF_CHECK_EQUAL(find("GET", "/v1/shelves/a%2fb/books/%20"), "GetBook [shelves/a%2fb/books/ ]");
  CAF_CHECK_EQUAL(find("GET", "/v1/files/a%2Fb/c%3F"), "ReadFile [a%2Fb/c?]");
  CAF_CHECK_EQUAL(find("GET", "/v1/b%6Foks/1"), "GetBook [1]");
  CAF_CHECK_EQUAL(find("GET", "/v1/books/%4"), "invalid: the path: a percent escape is malformed");
  CAF_CHECK_EQUAL(find("GET", "/v1/books/%zz"), "invalid: the path: a percent escape is malformed");
}

CAF_TEST(a rule for any method takes what no other takes) {
  CAF_CHECK_EQUAL(find("OPTIONS", "/any/x/y"), "Anything [y]");
  CAF_CHECK_EQUAL(find("BREW", "/any/x/y"), "Anything [y]");
  CAF_CHECK_EQUAL(find("HEAD", "/v1/books/1"), "PeekBook [1]");
}

CAF_TEST_FIXTURE_SCOPE_END()
