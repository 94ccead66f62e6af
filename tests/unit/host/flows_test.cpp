#define CAF_SUITE flows

#include <troupe_test/suite.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <troupe/deploy/host/process/flows.hpp>
#include <troupe/deploy/host/topology/document_stores.hpp>

#include "reading.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using prometheus::MetricType;
using troupe::label_list;
using troupe_test::configured;

namespace {

constexpr auto platform = "services:\n"
                          "  front: {gateway: shop}\n"
                          "  shop: {greeter: {greeting: Hi, calls: [till], publish: orders, store: shop.greetings}}\n"
                          "  till: {address: \"till:50051\", greeter: {greeting: Ka-ching}}\n"
                          "  books: {consumers: [{from: orders, store: books.orders}], producers: [{to: ledger}]}\n"
                          "queues: {orders: }\n"
                          "streams: {ledger: }\n";

// Metrics as telemetry has them.
class metrics {
public:
  metrics& add(const std::string& name, double value, const label_list& labels, MetricType type = MetricType::Counter) {
    prometheus::ClientMetric one;
    (type == MetricType::Counter ? one.counter.value : one.gauge.value) = value;
    for (const auto& each : labels)
      one.label.push_back({std::string{each.name}, std::string{each.value}});
    all_.push_back({name, "", type, {std::move(one)}});
    return *this;
  }
  metrics& set(const std::string& name, double value, const label_list& labels) {
    return add(name, value, labels, MetricType::Gauge);
  }

  [[nodiscard]] troupe::telemetry::metric_values values() const { return troupe::telemetry::metric_values{all_}; }

private:
  std::vector<prometheus::MetricFamily> all_;
};

std::string report(const metrics& measured = {}, std::set<std::string> paused = {},
                   const process_options& options = {.services = {"front", "shop", "books"}}) {
  const auto got = configured(platform, options);
  return flows_json(got.got.value().plan, {"1.2.3", 7s, measured.values(), std::move(paused)});
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(services are listed with what they use in the order of the plan) {
  const auto text = report();
  CAF_CHECK(text.starts_with(R"({"program":"troupe","version":"1.2.3","uptime_seconds":7,"services":[{"name":"front",)"));
  CAF_CHECK(has(text, R"({"name":"front","serves":["edge"],"calls":["shop"],"consumes":[],"publishes":[],"stores":[],)"
                      R"("handled":null},{"name":"shop","serves":["greeter","edge"],"calls":["till"],"consumes":[],)"
                      R"("publishes":["orders"],"stores":["store"],"handled":null},{"name":"books","serves":[],"calls":[],)"
                      R"("consumes":["orders"],"publishes":["ledger"],"stores":["store"],"handled":null}])"));
}

CAF_TEST(counters are those of the metrics and what is not measured is null) {
  metrics measured;
  measured.add("troupe_embedded_published_total", 5, {{"source", "orders"}});
  measured.add("troupe_embedded_published_total", 9, {{"source", "ledger"}});
  measured.add("troupe_embedded_settled_total", 3, {{"source", "orders"}, {"group", ""}});
  measured.add("troupe_embedded_retried_total", 1, {{"source", "orders"}, {"group", ""}});
  measured.add("troupe_consumer_retries_total", 2, {{"service", "books"}, {"actor", "consumer"}});
  measured.add("troupe_embedded_dead_lettered_total", 1, {{"source", "orders"}, {"code", "invalid"}});
  measured.add("troupe_embedded_dead_lettered_total", 1, {{"source", "orders"}, {"code", "rejected"}});
  measured.set("troupe_embedded_lag", 7, {{"source", "orders"}, {"group", ""}});
  measured.add("troupe_store_stored_total", 8, {{"service", "bridges"}});
  measured.add("troupe_sqlite_failed_commits_total", 4, {});
  const auto text = report(measured);
  CAF_CHECK(
    has(text, R"("channels":[{"name":"ledger","transport":"embedded","kind":"stream","published":9,"settled":null,)"
              R"("failed":null,"dead_letters":null,"lag":null,"paused":false,"stalled_seconds":null,"stalled_reason":null},)"
              R"({"name":"orders","transport":"embedded","kind":"queue","published":5,"settled":3,"failed":3,)"
              R"("dead_letters":2,"lag":7,"paused":false,"stalled_seconds":null,"stalled_reason":null}])"));
  CAF_CHECK(has(text, R"("stores":[{"name":"store","transport":"sqlite","written":8,"failed":4}])"));
}

CAF_TEST(a channel pauses by a fault or by the breaker of its consumer) {
  constexpr auto paused = R"("dead_letters":0,"lag":null,"paused":true)";
  CAF_CHECK(!has(report(), paused));
  CAF_CHECK(has(report({}, {"orders"}), paused));
  const label_list consumer{{"service", "books"}, {"actor", "consumer"}};
  CAF_CHECK(has(report(metrics{}.set("troupe_consumer_breaker_state", 2, consumer)), paused));
  CAF_CHECK(!has(report(metrics{}.set("troupe_consumer_breaker_state", 0, consumer)), paused));
}

CAF_TEST(what is held up longest is reported) {
  metrics measured;
  measured.set("troupe_stalled_seconds", 31, {{"channel", "orders"}, {"reason", "retry"}});
  measured.set("troupe_stalled_seconds", 65, {{"channel", "orders"}, {"reason", "handler"}});
  measured.set("troupe_stalled_seconds", 99, {{"channel", "other"}, {"reason", "retry"}});
  CAF_CHECK(has(report(measured), R"("stalled_seconds":65,"stalled_reason":"handler"})"));
}

CAF_TEST(services of other processes are listed with their breakers and those of this one without) {
  metrics measured;
  measured.add("troupe_outbound_attempts_total", 6, {{"to", "till"}, {"outcome", "success"}});
  measured.add("troupe_outbound_attempts_total", 2, {{"to", "till"}, {"outcome", "unavailable"}});
  measured.set("troupe_outbound_breaker_state", 1, {{"to", "till"}});
  measured.add("troupe_calls_total", 8, {{"service", "shop"}, {"to", "till"}, {"outcome", "success"}}); // counted there too
  measured.add("troupe_calls_total", 5, {{"service", "front"}, {"to", "shop"}, {"outcome", "success"}});
  measured.add("troupe_calls_total", 1, {{"service", "front"}, {"to", "shop"}, {"outcome", "partial"}});
  CAF_CHECK(has(report(measured), R"("peers":[{"name":"till","address":"grpc://till:50051","transport":"grpc","calls":8,)"
                                  R"("failed":2,"breaker":"half_open"},{"name":"shop","address":null,)"
                                  R"("transport":"in process","calls":6,"failed":1,"breaker":"none"}]})"));
}

CAF_TEST(a breaker that a fault holds open is reported so though no call has met it) {
  const auto got = configured(platform, {.services = {"front", "shop", "books"}});
  CAF_CHECK(has(flows_json(got.got.value().plan, {"1.2.3", 7s, metrics{}.values(), {}, {"till"}}), R"("breaker":"open")"));
}

CAF_TEST(services with the same connection string share a store) {
  const auto got = configured("services:\n"
                              "  a: {greeter: {greeting: Hi, store: a.b}}\n"
                              "  b: {mongodb: \"env:B\", greeter: {greeting: Hi, store: a.b}}\n"
                              "  c: {mongodb: \"env:C\", greeter: {greeting: Hi, store: a.b}}\n"
                              "  d: {mongodb: \"env:B\", greeter: {greeting: Hi, store: a.b}}\n"
                              "  e: {greeter: {greeting: Hi}}\n",
                              {}, {{"B", "mongodb://b"}, {"C", "mongodb://c"}});
  const auto all = document_stores(got.got.value().plan);
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  using names = std::vector<std::string>;
  CAF_CHECK_EQUAL((names{all[0].name, all[1].name, all[2].name}), (names{"store", "mongodb", "mongodb-c"}));
  CAF_CHECK_EQUAL(all[1].services, (names{"b", "d"}));
  CAF_CHECK(all[0].kind == store_kind::sqlite && all[1].kind == store_kind::mongodb);
}
