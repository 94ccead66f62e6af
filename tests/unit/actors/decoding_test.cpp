#define CAF_SUITE decoding
#include <troupe_test/suite.hpp>

#include <troupe/actors/decoding.hpp>

using namespace troupe;
using namespace troupe::actors;

namespace {

struct order {
  std::string item;
  std::string form;
};

decoders<order>::function form(const std::string& name) {
  return [name](const message& what) -> expected<order> {
    if (what.payload.empty())
      return failure{errc::undecodable, "an order of nothing"};
    if (what.payload == "schema?")
      return failure{errc::unavailable, "the schema cannot be read"};
    return order{what.payload, name};
  };
}

decoders<order> registered() {
  decoders<order> made;
  made.add("application/json", form("json")).otherwise(form("text"));
  return made;
}

delivery of_type(const std::string& type, const std::string& payload = "tea") {
  delivery made;
  made.content.content_type = type;
  made.content.payload = payload;
  return made;
}

reply handled(const decoders<order>& with, const delivery& one, std::string& seen) {
  return decoded<order>(with, [&seen](const order& what, const delivery&) {
    seen = what.form + ':' + what.item;
    return reply{};
  })(one);
}

} // namespace

CAF_TEST(the decoder of a message is that of its media type) {
  std::string seen;
  for (const auto* type : {"application/json", "Application/JSON; charset=utf-8", "application/json ;v=2"}) {
    CAF_CHECK(handled(registered(), of_type(type), seen) == reply{});
    CAF_CHECK_EQUAL(seen, "json:tea");
  }
}

CAF_TEST(a message of another type or of none is read by what is registered for all others) {
  std::string seen;
  for (const auto* type : {"", "text/plain", "application/json5"}) {
    CAF_CHECK(handled(registered(), of_type(type), seen) == reply{});
    CAF_CHECK_EQUAL(seen, "text:tea");
  }
}

CAF_TEST(a message that nothing reads is rejected and its handler never sees it) {
  std::string seen;
  decoders<order> strict;
  strict.add("application/json", form("json"));
  const auto got = handled(strict, of_type("text/plain"), seen);
  CAF_CHECK(got.verdict == verdict::reject);
  CAF_CHECK_EQUAL(got.why, (failure{errc::undecodable, "nothing reads messages of the type 'text/plain'"}));
  CAF_CHECK(seen.empty());
}

CAF_TEST(an undecodable message is rejected with the words of its decoder) {
  std::string seen;
  const reply refused{verdict::reject, {errc::undecodable, "an order of nothing"}};
  CAF_CHECK(handled(registered(), of_type("", ""), seen) == refused);
  CAF_CHECK(seen.empty());
}

CAF_TEST(a decoder that cannot read now lets its message come again) {
  std::string seen;
  const auto got = handled(registered(), of_type("", "schema?"), seen);
  CAF_CHECK(got.verdict == verdict::retry);
  CAF_CHECK_EQUAL(got.why.code, errc::unavailable);
}
