#define CAF_SUITE descriptors
#include <troupe_test/suite.hpp>

#include <string>

#include <troupe/deploy/host/process/descriptors.hpp>

#include "reading.hpp"

using namespace troupe::host;
using troupe_test::configured;

namespace {

std::size_t given_away(const descriptor_shares& shares) {
  // The administration has as many in reserve as the edge.
  return shares.edge + shares.grpc + shares.administration + 2 * shares.probes;
}

} // namespace

CAF_TEST(where there are enough the edge has what is wanted) {
  const auto shares = share_descriptors({.limit = 1'048'576, .open = 20, .bridges = 200, .edge = 10'000, .grpc = true});
  CAF_REQUIRE(shares.has_value());
  CAF_CHECK_EQUAL(shares->edge, 10'000u);
  CAF_CHECK_EQUAL(shares->administration, 64u);
  CAF_CHECK_EQUAL(shares->probes, 32u);
  CAF_CHECK_EQUAL(shares->grpc, 10'000u);
}

CAF_TEST(whatever clients hold the bridges and the operator have theirs) {
  for (std::size_t limit = 0; limit < 3000; ++limit)
    for (const bool grpc : {false, true}) {
      const descriptor_needs needs{.limit = limit, .open = 21, .bridges = 33, .edge = 500, .grpc = grpc};
      const auto shares = share_descriptors(needs);
      if (!shares)
        continue;
      CAF_REQUIRE(given_away(*shares) + needs.open + needs.bridges + 16 <= limit);
      CAF_REQUIRE(shares->edge >= 4 && shares->edge <= needs.edge);
      CAF_REQUIRE(shares->probes >= 4 && shares->administration >= 4);
      CAF_REQUIRE_EQUAL(shares->grpc >= 4, grpc);
    }
}

CAF_TEST(a limit that serves no client is refused with what is needed and that many are enough) {
  const descriptor_needs few{.limit = 24, .open = 10, .bridges = 0, .edge = 10'000, .grpc = false};
  const auto refused = share_descriptors(few);
  CAF_REQUIRE(!refused);
  CAF_CHECK_EQUAL(refused.error().reason, "the process may open 24 files, and needs at least 42 for what it is to run: "
                                          "raise RLIMIT_NOFILE (ulimit -Hn, LimitNOFILE)");
  auto enough = few;
  enough.limit = 42;
  CAF_CHECK(share_descriptors(enough).has_value());
}

CAF_TEST(gRPC shares what is left with the edge) {
  const auto shares = share_descriptors({.limit = 128, .open = 20, .bridges = 0, .edge = 10'000, .grpc = true});
  CAF_REQUIRE(shares.has_value());
  CAF_CHECK_EQUAL(shares->edge, 28u);
  CAF_CHECK_EQUAL(shares->grpc, 28u);
  CAF_CHECK_EQUAL(in_words(*shares), "28 HTTP connections at a time and 28 of gRPC");
}

CAF_TEST(what the bridges of a plan may open is counted) {
  const std::string here = "services: {a: {producers: [{to: s}], consumers: [{from: s, group: g}]}}\nstreams: {s: }\n";
  const auto embedded = configured(here);
  CAF_REQUIRE_EQUAL(embedded.mistakes, std::vector<std::string>{});
  CAF_CHECK_EQUAL(descriptors_of_bridges(embedded.got->plan), 0u);
  const auto kafka = configured(here + "node: {streams: kafka, kafka: {brokers: \"b:9092\", encryption: none}}\n");
  CAF_REQUIRE_EQUAL(kafka.mistakes, std::vector<std::string>{});
  // Its publisher, its dead letters' publisher, its subscription, and the reader of dead letters.
  CAF_CHECK_EQUAL(descriptors_of_bridges(kafka.got->plan), 40u);
  const auto peers = configured("services: {a: {greeter: {greeting: Hi, calls: [b, c]}}, "
                                "b: {address: \"http://b/\", greeter: {greeting: Hi}}, "
                                "c: {address: \"http://c/\", greeter: {greeting: Hi}}}\n",
                                {.services = {"a"}});
  CAF_REQUIRE_EQUAL(peers.mistakes, std::vector<std::string>{});
  CAF_CHECK_EQUAL(descriptors_of_bridges(peers.got->plan), 64u); // each has connections of its own
}
