#define CAF_SUITE peer_address

#include <troupe_test/suite.hpp>

#include <optional>
#include <string>

#include <troupe/deploy/host/topology/peer_address.hpp>

using troupe::host::peer_address;
using troupe::host::text_form;

namespace {

using scheme = peer_address::scheme;

std::optional<peer_address> read(std::string_view text) {
  return text_form<peer_address>::read(text);
}

bool is(std::string_view text, const peer_address& wanted) {
  const auto got = read(text);
  return got && *got == wanted && read(text_form<peer_address>::print(*got)) == got;
}

} // namespace

CAF_TEST(the reference platforms forms are gRPC without TLS) {
  CAF_CHECK(is("service-b:50051", {scheme::grpc, "service-b:50051", ""}));
  CAF_CHECK(is("dns:///service-b:50051", {scheme::grpc, "dns:///service-b:50051", ""}));
  CAF_CHECK(is("grpc://10.0.0.1:1", {scheme::grpc, "10.0.0.1:1", ""}));
  CAF_CHECK(is("[::1]:65535", {scheme::grpc, "[::1]:65535", ""}));
}

CAF_TEST(a scheme says what else is meant) {
  CAF_CHECK(is("grpcs://b.example:443", {scheme::grpcs, "b.example:443", ""}));
  CAF_CHECK(is("http://service-b", {scheme::http, "service-b", ""}));
  CAF_CHECK(is("http://service-b/", {scheme::http, "service-b", ""}));
  CAF_CHECK(is("http://service-b:8080/api/ping", {scheme::http, "service-b:8080", "/api/ping"}));
  CAF_CHECK(is("https://[::1]/x", {scheme::https, "[::1]", "/x"}));
}

CAF_TEST(what is no address is refused) {
  for (const auto* text : {"",
                           ":",
                           ":50051",
                           "service-b",
                           "service-b:",
                           "service-b:0",
                           "service-b:65536",
                           "service-b:+1",
                           "service-b:50051/",
                           "grpc://",
                           "grpc://service-b",
                           "grpc://b:1/path",
                           "grpcs://dns:///b:1",
                           "http://",
                           "http:///path",
                           "http://user@b",
                           "http://b:x",
                           "http://b/a path",
                           "http://b/?q",
                           "ftp://b:1",
                           "dns:///",
                           "dns:///b",
                           "dns:b:1",
                           "a b:1",
                           "[::1:1",
                           "[]:1",
                           "[zz]:1",
                           "::1:50051"})
    CAF_CHECK_EQUAL(read(text) ? text : "", std::string{});
}
