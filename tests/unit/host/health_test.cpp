#define CAF_SUITE health
#include <troupe_test/suite.hpp>

#include <troupe/deploy/host/process/health.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>

using namespace troupe;
using namespace troupe::host;
using namespace std::chrono_literals;

namespace {

const instant start{1h};

process_plan patient_plan() {
  process_plan result;
  result.node.probe_silence = 10s;
  result.node.handler_run = 60s;
  return result;
}

supervision_tree child(std::string name, child_state state, std::uint64_t incarnation = 1) {
  return {.name = std::move(name), .state = state, .incarnation = incarnation};
}

supervision_tree group(std::string name, child_state state, std::vector<supervision_tree> children) {
  auto result = child(std::move(name), state);
  result.supervises = true;
  result.children = std::move(children);
  return result;
}

supervision_tree process_with(supervision_tree service_a, supervision_tree service_b) {
  return group("troupe", child_state::running,
               {group("bridges", child_state::running, {child("store", child_state::running)}), std::move(service_a),
                std::move(service_b)});
}

supervision_tree service(std::string name, child_state of_greeter, std::uint64_t incarnation = 1) {
  return group(std::move(name), child_state::running, {child("greeter", of_greeter, incarnation)});
}

process_plan with_greeter(const std::string& name) {
  process_plan plan;
  plan.edge_services = {name};
  plan.services.emplace_back().name = name;
  plan.services.back().part = std::unique_ptr<service_part>{std::make_unique<troupe::reference::greeter_topology>()};
  plan.services.emplace_back().name = "collector";
  return plan;
}

http::health_report report_of(const supervision_tree& tree, const std::vector<outside_link>& links = {},
                              bool draining = false) {
  return readiness(tree, with_greeter("service-a"), links, draining);
}

bool ready(const supervision_tree& tree) {
  return report_of(tree).passing();
}

} // namespace

CAF_TEST(a process lives while its scheduler beats) {
  heartbeat beat{start};
  CAF_CHECK(liveness(patient_plan(), beat, {}, start + 9999ms).passing());
  CAF_CHECK(!liveness(patient_plan(), beat, {}, start + 10s).passing());
  beat.beat(start + 10s);
  CAF_CHECK(liveness(patient_plan(), beat, {}, start + 11s).passing());
}

CAF_TEST(a handler that has run for a minute ends liveness and is named) {
  const heartbeat beat{start};
  CAF_CHECK(liveness(patient_plan(), beat, {"service-a/greeter", 59s}, start).passing());
  const auto report = liveness(patient_plan(), beat, {"service-a/greeter", 60s}, start);
  CAF_CHECK(!report.passing());
  CAF_CHECK(to_json(report).find("service-a/greeter") != std::string::npos);
}

CAF_TEST(a process is ready when what an answer needs has started) {
  CAF_CHECK(ready(process_with(service("service-a", child_state::running), service("service-b", child_state::running))));
  CAF_CHECK(!ready(process_with(service("service-a", child_state::waiting, 0), service("service-b", child_state::running))));
}

CAF_TEST(an actor that is coming back is no reason to turn callers away and one that failed too often is) {
  CAF_CHECK(
    ready(process_with(service("service-a", child_state::restarting, 3), service("service-b", child_state::running))));
  CAF_CHECK(
    !ready(process_with(service("service-a", child_state::restarting, 0), service("service-b", child_state::running))));
  CAF_CHECK(!ready(process_with(group("service-a", child_state::failed, {}), service("service-b", child_state::running))));
}

CAF_TEST(another service that fails is listed and decides nothing) {
  const auto report =
    report_of(process_with(service("service-a", child_state::running), group("service-b", child_state::failed, {})));
  CAF_CHECK(report.passing());
  CAF_CHECK(to_json(report).find("\"failed\"") != std::string::npos);
}

CAF_TEST(what is held up is a detail with the path of the actor that it holds up) {
  auto consumer = child("subscription", child_state::running);
  consumer.held_up_by = "40 s: its dead letter is not taken: forbidden: no permission";
  const auto report = report_of(
    process_with(service("service-a", child_state::running), group("collector", child_state::running, {consumer})));
  CAF_CHECK(report.passing());
  CAF_CHECK(to_json(report).find(R"("name":"collector/subscription/stalled","status":"degraded","detail":"40 s: its dead)")
            != std::string::npos);
}

CAF_TEST(a process that drains is not ready) {
  const auto tree = process_with(service("service-a", child_state::running), service("service-b", child_state::running));
  CAF_CHECK(!report_of(tree, {}, true).passing());
}

CAF_TEST(only a service that has no answer of its own is not ready without its connections) {
  const auto tree = process_with(service("service-a", child_state::running), service("collector", child_state::running));
  const auto state = std::make_shared<link_state>();
  CAF_CHECK(report_of(tree, {{"service-a", "publish-x", state}}).passing());
  CAF_CHECK(!report_of(tree, {{"collector", "subscription", state}}).passing());
  state->works();
  CAF_CHECK(report_of(tree, {{"collector", "subscription", state}}).passing());
  state->fails({errc::unauthenticated, "wrong password"});
  const auto report = report_of(tree, {{"collector", "subscription", state}});
  CAF_CHECK(!report.passing());
  CAF_CHECK(to_json(report).find("unauthenticated: wrong password") != std::string::npos);
}

CAF_TEST(without its data file no process is ready and a log that grows is only a detail) {
  sqlite::file_health file;
  http::health_report report;
  report.checks = {data_check(file)};
  CAF_CHECK(report.passing());
  file.log.fails({errc::unavailable, "process 4711 reads"});
  report.checks = {data_check(file)};
  CAF_CHECK(report.passing());
  CAF_CHECK(to_json(report).find("process 4711 reads") != std::string::npos);
  file.files.fails({errc::storage_failed, "/data/troupe.sqlite was deleted"});
  report.checks = {data_check(file)};
  CAF_CHECK(!report.passing());
  CAF_CHECK(to_json(report).find("was deleted") != std::string::npos);
}
