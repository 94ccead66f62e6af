#define CAF_SUITE write_spans

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/bridges/outbound/write_spans.hpp>

#include "../../../contract/recording_observer.hpp"

using namespace troupe;

namespace {

/// Keeps the spans that end.
class span_keeper final : public contract::recording_observer {
public:
  void keep_span(const span_record_ptr& ended) noexcept override { ended_spans.push_back(*ended); }

  std::vector<span_record> ended_spans;
};

trace_context recorded_trace(std::uint8_t number) {
  trace_context result;
  result.trace_id.back() = number;
  result.span_id.back() = number;
  result.decision = trace_context::sampling::sampled;
  result.here = trace_context::recording::kept;
  return result;
}

write_documents two_documents() {
  write_documents result{{{"shipping", "shipments", "1", "{}"}, {"shipping", "shipments", "2", "{}"}}};
  result.behalf_of(recorded_trace(1));
  result.behalf_of(recorded_trace(2));
  return result;
}

struct fixture {
  std::shared_ptr<span_keeper> keeper = std::make_shared<span_keeper>();
  std::vector<span_record>& ended = keeper->ended_spans;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(write_spans_tests, fixture)

CAF_TEST(each trace on whose behalf a store writes has a span of the write) {
  outbound::write_spans subject{keeper, "sqlite", two_documents(), "shipping"};
  CAF_CHECK(!subject.empty());
  CAF_CHECK(ended.empty());
  subject.end(written{{{}, {}}});
  CAF_REQUIRE_EQUAL(ended.size(), 2u);
  CAF_CHECK(ended[0].context.trace_id != ended[1].context.trace_id);
  for (const auto& each : ended) {
    CAF_CHECK_EQUAL(each.name, "insert shipments");
    CAF_CHECK_EQUAL(each.outcome.code, errc::none);
    CAF_CHECK_EQUAL(std::get<std::int64_t>(each.attributes.back().value), 2);
  }
}

CAF_TEST(a refused document fails the spans without the words of the store) {
  outbound::write_spans subject{keeper, "mongodb", two_documents(), "bridges"};
  subject.end(written{{{}, {write_outcome::refused, {errc::rejected, "document {\"card\": 4711} is wrong"}}}});
  CAF_REQUIRE_EQUAL(ended.size(), 2u);
  CAF_CHECK_EQUAL(ended[0].outcome.code, errc::rejected);
  CAF_CHECK_EQUAL(ended[0].outcome.reason, "the store refused a document");
  CAF_CHECK(ended[0].service.empty());
}

CAF_TEST(a write on behalf of no trace has no span) {
  CAF_CHECK(outbound::write_spans(keeper, "sqlite", {{{"shipping", "shipments", "1", "{}"}}}, "shipping").empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
