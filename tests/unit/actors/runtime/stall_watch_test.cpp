#define CAF_SUITE stall_watch

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/actors/runtime/stall_watch.hpp>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

/// Keeps gauges by their last label, and what is logged.
class book final : public observer {
public:
  counter& make_counter(std::string_view name, std::string_view help, const label_list& labels) override {
    return silent_->make_counter(name, help, labels);
  }
  gauge& make_gauge(std::string_view /*name*/, std::string_view /*help*/, const label_list& labels) override {
    return gauges[std::string{labels.back().value}];
  }
  histogram& make_histogram(std::string_view name, std::string_view help, const label_list& labels) override {
    return silent_->make_histogram(name, help, labels);
  }
  [[nodiscard]] bool logs(severity /*level*/) const noexcept override { return true; }
  void log(severity /*level*/, const speaker& who, std::string_view text, source_location /*where*/) override {
    lines.push_back(std::string{who.service} + ' ' + std::string{text});
  }
  trace_context begin_span(std::string_view /*name*/, span_kind /*kind*/, const trace_context& parent) override {
    return parent;
  }
  void end_span(const trace_context& /*span*/, const failure& /*outcome*/) noexcept override {}

  struct number final : gauge {
    void set(double to) noexcept override { value = to; }
    double value = -1;
  };
  std::map<std::string, number> gauges;
  std::vector<std::string> lines;

private:
  observer_ptr silent_ = silent_observer();
};

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<book> seen = std::make_shared<book>();
  spawn_context context = unsupervised(system, "service-f/subscription", seen);
  instant start{1h};
  stall refused{stall_reason::dead_letter, {errc::forbidden, "orders.dlq: no permission to write"}, start};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(stall_watch_tests, fixture)

CAF_TEST(what is held up for 30 s is reported with its remedy and then once a minute until it goes on) {
  stall_watch watch{context, "orders"};
  watch.report({refused}, start + 29s);
  CAF_CHECK(seen->lines.empty());
  CAF_CHECK_EQUAL(seen->gauges["dead_letter"].value, 0.0);
  CAF_CHECK(context.vitals->held_up_by().empty());

  watch.report({refused}, start + 30s);
  CAF_REQUIRE_EQUAL(seen->lines.size(), 1u);
  CAF_CHECK_EQUAL(seen->lines[0], "service-f orders: held up for 30 s, because its dead letter is not taken: forbidden: "
                                  "orders.dlq: no permission to write. Grant the missing permission; it goes on by itself "
                                  "then.");
  CAF_CHECK_EQUAL(seen->gauges["dead_letter"].value, 30.0);
  CAF_CHECK_EQUAL(seen->gauges["handler"].value, 0.0);
  CAF_CHECK_EQUAL(context.vitals->held_up_by(),
                  "30 s: its dead letter is not taken: forbidden: orders.dlq: no permission to write");

  watch.report({refused}, start + 89s);
  CAF_CHECK_EQUAL(seen->lines.size(), 1u);
  CAF_CHECK_EQUAL(seen->gauges["dead_letter"].value, 89.0);
  watch.report({refused}, start + 90s);
  CAF_CHECK_EQUAL(seen->lines.size(), 2u);

  watch.report({}, start + 95s);
  CAF_REQUIRE_EQUAL(seen->lines.size(), 3u);
  CAF_CHECK_EQUAL(seen->lines[2], "service-f orders: what was held up goes on");
  CAF_CHECK_EQUAL(seen->gauges["dead_letter"].value, 0.0);
  CAF_CHECK(context.vitals->held_up_by().empty());
}

CAF_TEST(reasons are reported each by itself) {
  stall_watch watch{context, "orders"};
  watch.report({refused, {stall_reason::handler, {errc::none, {}}, start}}, start + 40s);
  CAF_CHECK_EQUAL(seen->lines.size(), 2u);
  CAF_CHECK_EQUAL(context.vitals->held_up_by(), "40 s: its handler does not take it: there is no answer yet; 40 s: its dead "
                                                "letter is not taken: forbidden: orders.dlq: no permission to write");
}

CAF_TEST(a transaction of somebody else is reported with who can end it) {
  const stall open{stall_reason::transaction, {errc::unavailable, "offset 6 of partition 0 of orders"}, start};
  CAF_CHECK_EQUAL(describe(open),
                  "a transaction before it was not ended by its producer: unavailable: offset 6 of partition "
                  "0 of orders");
  CAF_CHECK(remedy(open).starts_with("End it in its producer"));
}

CAF_TEST(what an incarnation was held up by ends with it) {
  std::make_unique<stall_watch>(context, "orders")->report({refused}, start + 40s);
  CAF_CHECK(context.vitals->held_up_by().empty());
  CAF_CHECK_EQUAL(seen->gauges["dead_letter"].value, 0.0);
}

CAF_TEST(it looks every 5 s) {
  stall_watch watch{context, "orders"};
  CAF_CHECK(watch.due(start));
  watch.report({}, start);
  CAF_CHECK(!watch.due(start + 4999ms));
  CAF_CHECK(watch.due(start + 5s));
}

CAF_TEST(of each reason the longest stall counts) {
  stall_list all;
  note(all, refused);
  note(all, {{stall_reason::dead_letter, {errc::unavailable, "later"}, start + 1s}, {stall_reason::retry, {}, start}});
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK(all[0] == refused);
}

CAF_TEST_FIXTURE_SCOPE_END()
