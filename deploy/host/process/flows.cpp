#include <troupe/deploy/host/process/flows.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/document_stores.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/host/topology/tree_names.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::host {

namespace {

using names = std::vector<std::string>;

// A JSON object that is being written.
class json_object {
public:
  json_object& text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(out_, value);
    return *this;
  }

  json_object& number(std::string_view name, std::optional<double> value) {
    begin(name);
    out_ += value ? std::to_string(static_cast<std::int64_t>(*value)) : "null";
    return *this;
  }

  json_object& raw(std::string_view name, std::string_view value) {
    begin(name);
    out_ += value;
    return *this;
  }

  json_object& list(std::string_view name, const names& values) {
    begin(name);
    out_ += '[';
    for (const auto& each : values) {
      out_ += &each == values.data() ? "" : ",";
      append_json_string(out_, each);
    }
    out_ += ']';
    return *this;
  }

  [[nodiscard]] std::string done() { return std::move(out_) + '}'; }

private:
  void begin(std::string_view name) {
    out_ += out_.size() == 1 ? "" : ",";
    append_json_string(out_, name);
    out_ += ':';
  }

  std::string out_{"{"};
};

template <class Values, class Write>
std::string array_of(const Values& values, Write write) {
  std::string out = "[";
  for (const auto& each : values)
    out.append(out.size() == 1 ? "" : ",").append(write(each));
  return out + ']';
}

void add_once(names& to, const std::string& name) {
  if (std::ranges::find(to, name) == to.end())
    to.push_back(name);
}

struct callee {
  std::string name;
  const peer_plan* elsewhere; // null: it runs here
};

class flow_report {
public:
  flow_report(const process_plan& plan, const flow_facts& facts)
    : plan_(plan), facts_(facts), stores_(document_stores(plan)) {}

  std::string write() {
    json_object out;
    out.text("program", plan_.program).text("version", facts_.version);
    out.number("uptime_seconds", std::chrono::duration<double>(facts_.uptime).count());
    out.raw("services", array_of(plan_.services, [this](const service_plan& one) { return service(one); }));
    out.raw("channels", array_of(channels(), [this](const channel_plan& one) { return channel(one); }));
    out.raw("stores", array_of(stores_, [this](const document_store& one) { return store(one); }));
    out.raw("peers", array_of(callees(), [this](const callee& one) { return peer(one); }));
    return out.done();
  }

private:
  [[nodiscard]] std::optional<double> sum(const std::string& metric, const label_list& with) const {
    return facts_.metrics.sum(metric, with);
  }

  [[nodiscard]] names serves(const service_plan& one) const {
    auto result = serving_actors(one);
    if (one.gateway || std::ranges::find(plan_.edge_services, one.name) != plan_.edge_services.end())
      result.emplace_back("edge");
    return result;
  }

  std::string service(const service_plan& one) const {
    names calls;
    names consumes;
    names publishes;
    names kept;
    const auto uses = uses_of(one);
    for (const auto& each : uses.calls)
      add_once(calls, each.name);
    if (one.gateway)
      add_once(calls, *one.gateway);
    for (const auto& each : uses.publishes)
      add_once(publishes, each.name);
    for (const auto& each : one.producers)
      add_once(publishes, each.to);
    for (const auto& each : one.consumers) {
      add_once(consumes, each.from);
      if (each.into)
        add_once(publishes, *each.into);
    }
    for (const auto& each : stores_)
      if (std::ranges::find(each.services, one.name) != each.services.end())
        kept.push_back(each.name);
    json_object out;
    out.text("name", one.name).list("serves", serves(one)).list("calls", calls).list("consumes", consumes);
    out.list("publishes", publishes).list("stores", kept);
    out.number("handled", sum("troupe_actor_handling_seconds", {{"service", one.name}}));
    return out.done();
  }

  [[nodiscard]] std::vector<channel_plan> channels() const {
    std::vector<channel_plan> result;
    for (const auto& each : plan_.streams)
      result.push_back({channel_kind::stream, each.name, each.via});
    for (const auto& each : plan_.queues)
      result.push_back({channel_kind::queue, each.name, each.via});
    return result;
  }

  // The consumers of a channel, as the labels of their metrics.
  [[nodiscard]] std::vector<label_list> consumers_of(const channel_plan& one) const {
    std::vector<label_list> result;
    for (const auto& service : plan_.services)
      for (const auto& each : service.consumers)
        if (each.from == one.name)
          result.push_back({{"service", service.name}, {"actor", *each.name}});
    return result;
  }

  static std::string_view label_of(transport via) noexcept {
    return via == transport::kafka ? "topic" : via == transport::amqp ? "queue" : "source";
  }

  std::string channel(const channel_plan& one) const {
    const auto via = text_form<transport>::print(one.via);
    const label_list here{{label_of(one.via), one.name}};
    const auto metric = [&](std::string_view name) { return sum("troupe_" + via + '_' + std::string{name}, here); };
    const auto consumers = consumers_of(one);
    double failed = metric("retried_total").value_or(0);
    bool paused = facts_.paused.contains(one.name) || metric("paused_partitions").value_or(0) > 0;
    for (const auto& each : consumers) {
      failed += sum("troupe_consumer_retries_total", each).value_or(0);
      paused = paused || sum("troupe_consumer_breaker_state", each).value_or(0) > 0;
    }
    const auto read_here = [&](double value) { return consumers.empty() ? std::optional<double>{} : value; };
    json_object out;
    out.text("name", one.name).text("transport", via).text("kind", one.kind == channel_kind::stream ? "stream" : "queue");
    out.number("published", metric("published_total")).number("settled", metric("settled_total"));
    out.number("failed", read_here(failed));
    out.number("dead_letters", read_here(metric("dead_lettered_total").value_or(0)));
    out.number("lag", metric("lag")).raw("paused", paused ? "true" : "false");
    add_stall(out, one.name);
    return out.done();
  }

  // What has been held up the longest.
  void add_stall(json_object& out, const std::string& channel) const {
    const telemetry::metric_sample* longest = nullptr;
    for (const auto& each : facts_.metrics.of("troupe_stalled_seconds"))
      if (each.label("channel") == channel && each.value > 0 && (longest == nullptr || each.value > longest->value))
        longest = &each;
    out.number("stalled_seconds", longest != nullptr ? std::optional{longest->value} : std::nullopt);
    if (longest != nullptr)
      out.text("stalled_reason", longest->label("reason"));
    else
      out.raw("stalled_reason", "null");
  }

  std::string store(const document_store& one) const {
    const bool here = one.kind == store_kind::sqlite;
    const auto path = std::string{bridges_group} + '/' + one.name;
    const std::string prefix = here ? "troupe_store_" : "troupe_mongodb_";
    const auto labels = here ? label_list{{"service", bridges_group}} : label_list{{"store", path}};
    const auto failed = sum(prefix + "refused_total", labels).value_or(0)
                        + (here ? sum("troupe_sqlite_failed_commits_total", {}).value_or(0)
                                : sum("troupe_mongodb_failures_total", labels).value_or(0));
    json_object out;
    out.text("name", one.name).text("transport", text_form<store_kind>::print(one.kind));
    return out.number("written", sum(prefix + "stored_total", labels)).number("failed", failed).done();
  }

  void add_calls(json_object& out, const std::string& metric, const std::string& to) const {
    const auto all = sum(metric, {{"to", to}}).value_or(0);
    out.number("calls", all).number("failed", all - sum(metric, {{"to", to}, {"outcome", "success"}}).value_or(0));
  }

  // Those of other processes, and those that are called within this one.
  [[nodiscard]] std::vector<callee> callees() const {
    std::vector<callee> result;
    for (const auto& each : plan_.peers)
      result.push_back({each.name, &each});
    names here;
    for (const auto& service : plan_.services) {
      for (const auto& each : uses_of(service).calls)
        add_once(here, each.name);
      if (service.gateway)
        add_once(here, *service.gateway);
    }
    for (const auto& each : here)
      if (runs_here(plan_, each))
        result.push_back({each, nullptr});
    return result;
  }

  std::string peer(const callee& one) const {
    json_object out;
    out.text("name", one.name);
    if (one.elsewhere == nullptr) {
      out.raw("address", "null").text("transport", "in process");
      add_calls(out, "troupe_calls_total", one.name);
      return out.text("breaker", "none").done();
    }
    const auto state = sum("troupe_outbound_breaker_state", {{"to", one.name}}).value_or(0);
    out.text("address", to_string(one.elsewhere->address));
    out.text("transport", one.elsewhere->address.is_http() ? "http" : "grpc");
    add_calls(out, "troupe_outbound_attempts_total", one.name);
    const bool open = state > 1 || facts_.opened.contains(one.name);
    return out.text("breaker", open ? "open" : state > 0 ? "half_open" : "closed").done();
  }

  const process_plan& plan_;
  const flow_facts& facts_;
  const std::vector<document_store> stores_;
};

} // namespace

std::string flows_json(const process_plan& plan, const flow_facts& facts) {
  return flow_report{plan, facts}.write();
}

} // namespace troupe::host
