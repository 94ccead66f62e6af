#define CAF_SUITE otlp_config

#include <troupe_test/suite.hpp>

#include <troupe/bridges/otlp/config.hpp>

using namespace troupe;
using namespace troupe::otlp;

CAF_TEST(nothing is exported unless somebody says where to) {
  CAF_CHECK(!exports({}));
  CAF_CHECK(exports({.endpoint = "http://collector:4318"}));
  CAF_CHECK(exports({.traces_endpoint = "http://collector:4318/traces"}));
  CAF_CHECK(exports({.to = exporting::always}));
  CAF_CHECK(!exports({.to = exporting::never, .endpoint = "http://collector:4318"}));
}

CAF_TEST(an address is the base with the path of traces over HTTP and as it is otherwise) {
  CAF_CHECK_EQUAL(address_of({}), "http://localhost:4318/v1/traces");
  CAF_CHECK_EQUAL(address_of({.endpoint = "http://c:1/base/"}), "http://c:1/base/v1/traces");
  CAF_CHECK_EQUAL(address_of({.endpoint = "http://c:1", .traces_endpoint = "http://d:2/x"}), "http://d:2/x");
  CAF_CHECK_EQUAL(address_of({.by = protocol::grpc}), "http://localhost:4317");
  CAF_CHECK_EQUAL(address_of({.endpoint = "https://c:1", .by = protocol::grpc}), "https://c:1");
}

CAF_TEST(an address holds no user and nothing but a place) {
  CAF_CHECK(is_collector_url("http://collector"));
  CAF_CHECK(is_collector_url("https://10.0.0.1:4317/base"));
  for (const auto* wrong : {"", "collector:4317", "ftp://c", "http://", "http:///v1", "http://user:secret@c", "http://c?x=1",
                            "http://c#x", "http://c d"})
    CAF_CHECK(!is_collector_url(wrong));
}

CAF_TEST(pairs are read with their blanks and escapes) {
  const auto read = pairs_of("api-key=s%20e=c, team = a%2Cb,odd=1%");
  CAF_REQUIRE(read.has_value());
  const std::vector<std::pair<std::string, std::string>> right{{"api-key", "s e=c"}, {"team", "a,b"}, {"odd", "1%"}};
  CAF_CHECK(*read == right);
  CAF_CHECK(pairs_of("")->empty());
  for (const auto* wrong : {"secret", "=secret", "a=b,secret"}) {
    const auto none = pairs_of(wrong);
    CAF_REQUIRE(none.has_error());
    CAF_CHECK_EQUAL(none.error().code, errc::invalid);
    CAF_CHECK(none.error().reason.find("secret") == std::string::npos);
  }
}
