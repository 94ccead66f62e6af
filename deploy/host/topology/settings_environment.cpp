#include <troupe/deploy/host/topology/settings_steps.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/host/topology/settings_variables.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::host {

namespace {

using environment_map = std::map<std::string, std::string>;

/// The value of a variable; null when it is absent or empty.
const std::string* value_of(const environment_map& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// The variables of the process, on their way into its settings.
class process_variables {
public:
  process_variables(node_topology& node, const environment_map& environment, diagnostics& found)
    : node_(node), environment_(environment), found_(found) {}

  template <class T, class Rule = anything>
  void give(const std::string& name, T& into, const Rule& rule = {}) const {
    if (const auto* text = value_of(environment_, name))
      set_variable{name, *text, found_}.give(node_, into, *text, rule);
  }

  /// Words between commas.
  template <class Rule>
  void give(const std::string& name, std::vector<std::string>& into, const Rule& rule) const {
    const auto* text = value_of(environment_, name);
    if (text == nullptr)
      return;
    const set_variable variable{name, *text, found_};
    for (const auto& word : split_list(*text))
      if (misreading why; !read_scalar<std::string>(word, rule, why))
        variable.refuse(std::move(why.problem), std::move(why.expected), std::move(why.nearest));
    node_.give(into, split_list(*text), variable.source());
  }

  void give_secret(const std::string& name, std::optional<secret_reference>& into) const {
    if (const auto* text = value_of(environment_, name))
      set_variable{name, *text, found_}.give_secret(node_, into);
  }

  /// A whole number of milliseconds.
  void give_milliseconds(const std::string& name, duration& into) const {
    const auto* text = value_of(environment_, name);
    if (text == nullptr)
      return;
    const set_variable variable{name, *text, found_};
    if (text_form<std::uint64_t>::read(*text))
      variable.give(node_, into, *text + "ms", settings::any_wait);
    else
      variable.refuse("is no number of milliseconds", "a whole number, in milliseconds");
  }

  /// `true`, in either case; any other text is false, as OpenTelemetry has it.
  void switch_off(const std::string& name, tracing& into) const {
    if (const auto* text = value_of(environment_, name); text != nullptr && lower_case(*text) == "true")
      node_.give(into, tracing::off, set_variable{name, *text, found_}.source());
  }

private:
  node_topology& node_;
  const environment_map& environment_;
  diagnostics& found_;
};

/// OpenTelemetry's variables (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). One that
/// speaks of traces alone goes before one that speaks of all signals.
void apply_tracing(const process_variables& variables, traces_settings& traces) {
  variables.switch_off("OTEL_SDK_DISABLED", traces.spans);
  variables.give("OTEL_TRACES_SAMPLER", traces.sampling.sampler);
  variables.give("OTEL_TRACES_SAMPLER_ARG", traces.sampling.ratio, settings::a_share);
  variables.give("OTEL_RESOURCE_ATTRIBUTES", traces.out.resource, otlp::a_pair);
  variables.give("OTEL_TRACES_EXPORTER", traces.out.to);
  variables.give("OTEL_EXPORTER_OTLP_ENDPOINT", traces.out.endpoint, otlp::url_or_none{});
  variables.give("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces.out.traces_endpoint, otlp::url_or_none{});
  for (const std::string prefix : {"OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"}) {
    variables.give(prefix + "PROTOCOL", traces.out.by);
    variables.give_secret(prefix + "HEADERS", traces.out.headers);
    variables.give(prefix + "COMPRESSION", traces.out.compressed);
    variables.give(prefix + "CERTIFICATE", traces.out.authorities, settings::text_or_none{});
    variables.give_milliseconds(prefix + "TIMEOUT", traces.out.timeout);
  }
  variables.give("OTEL_BSP_MAX_QUEUE_SIZE", traces.out.queue, settings::between<std::size_t>{1, 1'000'000});
  variables.give("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", traces.out.batch, settings::between<std::size_t>{1, 100'000});
  variables.give_milliseconds("OTEL_BSP_SCHEDULE_DELAY", traces.out.every);
}

/// The variables of the services that run.
class overlay {
public:
  overlay(topology& whole, const extension& program, const std::vector<std::string>& running,
          const environment_map& environment, std::vector<std::string>& notes, diagnostics& found)
    : whole_(whole),
      variables_(all_variables(program)),
      running_(running),
      environment_(environment),
      notes_(notes),
      found_(found) {}

  void run() {
    for (const auto& one : variables_)
      if (const auto* text = value_of(environment_, std::string{one.name}); text != nullptr && one.alone == bare_form::one)
        alone(one, std::string{one.name}, *text);
    for (auto& service : whole_.services)
      address(service);
    for (const auto& name : running_)
      own(name);
  }

private:
  service_topology& service(const std::string& name) {
    return *std::ranges::find(whole_.services, name, &service_topology::name);
  }

  /// A variable without a prefix.
  void alone(const service_variable& one, const std::string& name, const std::string& text) {
    std::vector<std::string> meant;
    for (const auto& running : running_)
      if (one.applies(whole_, service(running)))
        meant.push_back(running);
    if (meant.empty())
      notes_.push_back(name + " is set and not used: no service that runs has such a setting");
    else if (running_.size() == 1)
      one.apply(whole_, service(meant.front()), {name, text, found_});
    else
      found_.add(
        "environment: " + name, "this means one service, and " + std::to_string(running_.size()) + " run in this process",
        "the form of one service, such as " + variable_prefix(meant.front()) + name + ", or --service with one name");
  }

  /// SERVICE_B_URL, the address of service-b.
  void address(service_topology& called) {
    const auto name = variable_prefix(called.name) + "URL";
    const auto* text = value_of(environment_, name);
    if (text == nullptr)
      return;
    const bool needed =
      std::ranges::any_of(running_, [&](const std::string& running) { return calls(service(running), called.name); });
    if (!needed)
      notes_.push_back(name + " is set and not used: no service that runs calls " + called.name);
    else if (std::ranges::find(running_, called.name) != running_.end())
      notes_.push_back(name + " is set and not used: " + called.name + " runs in this process");
    else
      set_variable{name, *text, found_}.give(called, called.address, *text, anything{});
  }

  static bool calls(const service_topology& caller, const std::string& name) {
    const auto uses = uses_of(caller);
    return caller.gateway == name || std::ranges::find(uses.calls, name, &called_service::name) != uses.calls.end();
  }

  static std::vector<service_variable> all_variables(const extension& program) {
    const auto own = program.service_variables();
    std::vector<service_variable> result{own.begin(), own.end()};
    const auto of_all = service_variables();
    result.insert(result.end(), of_all.begin(), of_all.end());
    return result;
  }

  /// The variables with a service's prefix.
  void own(const std::string& name) {
    const auto prefix = variable_prefix(name);
    for (auto at = environment_.lower_bound(prefix); at != environment_.end() && at->first.starts_with(prefix); ++at)
      if (!at->second.empty())
        prefixed(name, at->first, at->first.substr(prefix.size()), at->second);
  }

  void prefixed(const std::string& name, const std::string& full, const std::string& suffix, const std::string& text) {
    if (is_kubernetes_link(suffix, text))
      return;
    const auto known = std::ranges::find(variables_, suffix, &service_variable::name);
    auto& part = service(name).part;
    if (part && part->apply_variable(suffix, {full, text, found_}))
      return;
    if (known == variables_.end())
      unknown(full, suffix, variable_prefix(name), part);
    else if (!known->applies(whole_, service(name)))
      notes_.push_back(full + " is set and not used: " + name + " has no such setting");
    else
      known->apply(whole_, service(name), {full, text, found_});
  }

  void unknown(const std::string& full, const std::string& suffix, const std::string& prefix,
               const owned_part<service_part>& part) {
    auto names = part ? part->variables() : std::vector<std::string>{};
    for (const auto& one : variables_)
      names.emplace_back(one.name);
    if (const auto near = nearest(suffix, names); suffix != "URL" && !near.empty())
      notes_.push_back(full + " is set and not known; did you mean " + in_quotes(prefix + near) + '?');
  }

  topology& whole_;
  const std::vector<service_variable> variables_;
  const std::vector<std::string>& running_;
  const environment_map& environment_;
  std::vector<std::string>& notes_;
  diagnostics& found_;
};

} // namespace

void apply_process_environment(node_topology& node, const environment_map& environment, diagnostics& found) {
  const std::string level = "LOG_LEVEL";
  if (const auto* text = value_of(environment, level))
    set_variable{level, *text, found}.give(node, node.level, lower_case(*text), anything{});
  const process_variables variables{node, environment, found};
  variables.give("ALLOWED_ORIGINS", node.edge.allowed_origins, web_origin);
  variables.give("TROUPE_HTTP", node.edge.listen);
  variables.give("TROUPE_GRPC", node.grpc.listen);
  variables.give("TROUPE_ADMIN", node.admin.listen);
  variables.give("TROUPE_ADMIN_HOSTS", node.admin.allowed_hosts, host_name);
  variables.give("TROUPE_FAULTS", node.faults);
  variables.give("TROUPE_DATA", node.data, short_text);
  variables.give_secret("TROUPE_ADMIN_TOKEN", node.admin_token);
  variables.give("TROUPE_STREAMS", node.streams);
  variables.give("KAFKA_BROKERS", node.kafka.brokers, kafka::broker_address);
  variables.give("KAFKA_CREDENTIALS", node.kafka.credentials);
  variables.give("KAFKA_USERNAME", node.kafka.username, short_text);
  variables.give_secret("KAFKA_PASSWORD", node.kafka.password);
  variables.give("KAFKA_ENCRYPTION", node.kafka.encrypted);
  variables.give("KAFKA_AUTHORITIES", node.kafka.tls.authorities, settings::text_or_none{});
  variables.give_secret("MONGO_CONN", node.mongodb.uri);
  variables.give("MONGO_AUTHORITIES", node.mongodb.files.authorities, settings::text_or_none{});
  variables.give("TROUPE_QUEUES", node.queues);
  variables.give_secret("RABBITMQ_CONN", node.amqp.url);
  variables.give("RABBITMQ_AUTHORITIES", node.amqp.tls.authorities, settings::text_or_none{});
  apply_tracing(variables, node.traces);
}

void apply_service_environment(topology& whole, const extension& program, const std::vector<std::string>& running,
                               const environment_map& environment, std::vector<std::string>& notes, diagnostics& found) {
  overlay{whole, program, running, environment, notes, found}.run();
}

} // namespace troupe::host
