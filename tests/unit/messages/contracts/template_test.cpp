#define CAF_SUITE contracts_template

#include <troupe_test/suite.hpp>

#include <troupe/messages/contracts/template.hpp>

#include "../refusal.hpp"

using namespace troupe::contracts;
using troupe_test::refusal;

namespace {

using form = path_segment::form;
using segments = std::vector<path_segment>;
using variables = std::vector<path_variable>;

std::string shape(std::string_view text) {
  const auto parsed = parse_template(text);
  return parsed ? parsed->shape() : refusal(parsed);
}

} // namespace

CAF_TEST(a template is segments and the variables that capture some of them) {
  const auto parsed = parse_template("/v1/{name=shelves/*/books/**}").value();
  CAF_CHECK(
    parsed.segments
    == (segments{
      {form::literal, "v1"}, {form::literal, "shelves"}, {form::one, ""}, {form::literal, "books"}, {form::rest, ""}}));
  CAF_CHECK(parsed.variables == (variables{{"name", 1, 4}}));
  CAF_CHECK_EQUAL(parsed.verb, "");
  CAF_CHECK(parsed.takes_several(parsed.variables[0]));
}

CAF_TEST(a variable without a template of its own captures one segment) {
  const auto parsed = parse_template("/{a}/{b.c_1=*}/{d=**}").value();
  CAF_CHECK(parsed.variables == (variables{{"a", 0, 1}, {"b.c_1", 1, 1}, {"d", 2, 1}}));
  CAF_CHECK(!parsed.takes_several(parsed.variables[0]));
  CAF_CHECK(!parsed.takes_several(parsed.variables[1]));
  CAF_CHECK(parsed.takes_several(parsed.variables[2]));
}

CAF_TEST(a verb stands behind the last colon outside of variables) {
  CAF_CHECK_EQUAL(parse_template("/v1/{id}:lend").value().verb, "lend");
  CAF_CHECK_EQUAL(parse_template("/v1/a:b:c").value().verb, "c");
  CAF_CHECK_EQUAL(parse_template("/v1/{name=**}:raw").value().verb, "raw");
  CAF_CHECK_EQUAL(parse_template("/v1/a:b/c").value().verb, "");
  CAF_CHECK_EQUAL(parse_template("/v1/{name=a/b:c}").value().verb, "");
}

CAF_TEST(literals are compared decoded) {
  CAF_CHECK_EQUAL(parse_template("/a%20b").value().segments[0].text, "a b");
  CAF_CHECK_EQUAL(shape("/a%2Fb"), "/a%2Fb");
  CAF_CHECK_EQUAL(shape("/%61"), shape("/a"));
}

CAF_TEST(templates that match the same paths have one shape) {
  CAF_CHECK_EQUAL(shape("/v1/{a}/{b=x/*}"), "/v1/*/x/*");
  CAF_CHECK_EQUAL(shape("/v1/*/x/{c}"), shape("/v1/{a}/{b=x/*}"));
  CAF_CHECK_EQUAL(shape("/v1/{a=**}:go"), "/v1/**:go");
}

CAF_TEST(what is no template is refused with its place) {
  CAF_CHECK_EQUAL(shape(""), "invalid: begins with no slash at character 1");
  CAF_CHECK_EQUAL(shape("v1"), "invalid: begins with no slash at character 1");
  CAF_CHECK_EQUAL(shape("/"), "invalid: has an empty segment at character 2");
  CAF_CHECK_EQUAL(shape("/v1//x"), "invalid: has an empty segment at character 5");
  CAF_CHECK_EQUAL(shape("/v1/"), "invalid: has an empty segment at character 5");
  CAF_CHECK_EQUAL(shape("/v1/x:"), "invalid: has an empty verb at character 7");
  CAF_CHECK_EQUAL(shape("/v1/{}"), "invalid: has a variable without the name of a field at character 6");
  CAF_CHECK_EQUAL(shape("/v1/{1a}"), "invalid: has a variable without the name of a field at character 6");
  CAF_CHECK_EQUAL(shape("/v1/{a.}"), "invalid: has a variable without the name of a field at character 8");
  CAF_CHECK_EQUAL(shape("/v1/{a"), "invalid: has a variable that is not closed at character 7");
  CAF_CHECK_EQUAL(shape("/v1/{a={b}}"), "invalid: has a variable within a variable at character 9");
  CAF_CHECK_EQUAL(shape("/v1/**/x"), "invalid: has a ** that is not its last segment");
  CAF_CHECK_EQUAL(shape("/v1/{a=**}/x"), "invalid: has a ** that is not its last segment");
  CAF_CHECK_EQUAL(shape("/v1/a*"), "invalid: has an unexpected character at character 6");
  CAF_CHECK_EQUAL(shape("/v1/a b"), "invalid: has an unexpected character at character 6");
  CAF_CHECK_EQUAL(shape("/v1/a?b"), "invalid: has an unexpected character at character 6");
  CAF_CHECK_EQUAL(shape("/v1/%zz"), "invalid: has a malformed percent escape at character 8");
}
