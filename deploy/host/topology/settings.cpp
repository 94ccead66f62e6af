#include <troupe/deploy/host/topology/settings.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/deploy/host/topology/settings_steps.hpp>
#include <troupe/deploy/host/topology/topology_reader.hpp>
#include <troupe/deploy/host/topology/topology_scalar.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::host {

namespace {

template <class T, class Rule = anything>
void apply_option(const std::optional<std::string>& text, const std::string& name, node_topology& node, T& into,
                  diagnostics& found, const Rule& rule = {}) {
  if (!text)
    return;
  const setting_source source{setting_source::kind::flag, {}, name};
  misreading why;
  if (auto read = read_scalar<T>(*text, rule, why))
    node.give(into, std::move(*read), source);
  else
    add_mistake(found, source, {}, std::move(why.problem), std::move(why.expected), std::move(why.nearest));
}

void apply_options(node_topology& node, const process_options& options, diagnostics& found) {
  apply_option(options.http, "--http", node, node.edge.listen, found);
  apply_option(options.grpc, "--grpc", node, node.grpc.listen, found);
  apply_option(options.admin, "--admin", node, node.admin.listen, found);
  apply_option(options.data, "--data", node, node.data, found, short_text);
  apply_option(options.log_level, "--log-level", node, node.level, found);
}

/// The services to run, in the order of the files.
std::vector<std::string> select(const topology& whole, const std::vector<std::string>& wanted, diagnostics& found) {
  std::vector<std::string> names;
  for (const auto& service : whole.services)
    if (!service.part || service.part->has_code())
      names.push_back(service.name);
  for (const auto& name : wanted)
    if (std::ranges::find(names, name) == names.end())
      found.add("command line: --service", "there is no service " + in_quotes(name), listed(names), nearest(name, names));
  if (!wanted.empty())
    std::erase_if(names, [&wanted](const std::string& name) { return std::ranges::find(wanted, name) == wanted.end(); });
  return names;
}

/// producer, producer-2, ...
std::string nth_name(const std::string& kind, std::size_t index) {
  return index == 0 ? kind : kind + '-' + std::to_string(index + 1);
}

/// Where data is kept by default: systemd's folder of the unit, else the user's state folder, so that a second start finds
/// the same data whatever its working directory is. https://specifications.freedesktop.org/basedir-spec/latest/
std::string standard_data_folder(const std::map<std::string, std::string>& environment, const std::string& program) {
  const auto absolute = [&environment](const char* name) -> std::string {
    const auto found = environment.find(name);
    return found != environment.end() && found->second.starts_with('/') ? found->second : std::string{};
  };
  if (const auto unit = absolute("STATE_DIRECTORY"); !unit.empty())
    return unit.substr(0, unit.find(':'));
  if (const auto state = absolute("XDG_STATE_HOME"); !state.empty())
    return state + '/' + program;
  if (const auto home = absolute("HOME"); !home.empty())
    return home + "/.local/state/" + program;
  return {};
}

void choose_faults(topology& whole, const std::vector<std::string>& running) {
  auto& node = whole.node;
  if (!node.faults)
    node.faults = is_loopback(node.admin.listen.address) && running.size() == whole.services.size()
                    ? fault_permission::allowed
                    : fault_permission::refused;
}

/// Fills in defaults that depend on other settings, so that `check` shows them: names, and how long an end is announced.
void derive(topology& whole, const std::vector<std::string>& running) {
  const auto default_to = []<class T>(std::optional<T>& into, T value) {
    if (!into)
      into = std::move(value);
  };
  // A balancer in front of one of many processes needs time to notice; a process that runs all services has no balancer.
  const bool alone = running.size() == whole.services.size();
  default_to(whole.node.shutdown.announce, alone ? duration::zero() : duration{std::chrono::seconds{5}});
  if (auto& grpc = whole.node.grpc.listen; whole.node.is_default(grpc) && !alone)
    grpc = endpoint{"127.0.0.1", 50051};
  for (auto& service : whole.services) {
    if (service.part)
      service.part->derive(service.name);
    for (std::size_t i = 0; i < service.producers.size(); ++i)
      default_to(service.producers[i].name, nth_name("producer", i));
    for (std::size_t i = 0; i < service.consumers.size(); ++i)
      default_to(service.consumers[i].name, nth_name("consumer", i));
  }
}

/// A service that uses the queue, and whose broker a variable names.
const service_topology* own_broker(const topology& whole, const std::string& queue) {
  const auto has = [&queue](const service_topology& one) {
    return one.is_given_by(setting_source::kind::environment, one.amqp) && uses_channel(one, queue);
  };
  const auto found = std::ranges::find_if(whole.services, has);
  return found == whole.services.end() ? nullptr : &*found;
}

/// A stream or queue without a transport of its own has that of the node, which is Kafka where the environment names its
/// brokers, and AMQP where it has the URL of a broker.
void choose_transport(topology& whole) {
  using enum setting_source::kind;
  auto& node = whole.node;
  if (node.is_default(node.streams) && node.is_given_by(environment, node.kafka.brokers))
    node.give(node.streams, transport::kafka, node.source(node.kafka.brokers));
  for (auto& stream : whole.streams)
    if (stream.is_default(stream.via))
      stream.give(stream.via, node.streams, node.source(node.streams));
  if (node.is_default(node.queues) && node.is_given_by(environment, node.amqp.url))
    node.give(node.queues, transport::amqp, node.source(node.amqp.url));
  for (auto& queue : whole.queues)
    if (queue.is_default(queue.via)) {
      if (const auto* own = node.is_default(node.queues) ? own_broker(whole, queue.name) : nullptr)
        queue.give(queue.via, transport::amqp, own->source(own->amqp));
      else
        queue.give(queue.via, node.queues, node.source(node.queues));
    }
}

/// A message that waits for a delayed retry would hold its transaction open. Where the code, which knows no transports, asks
/// for one, there are no such retries unless a file has them, which is refused.
void choose_retries(topology& whole) {
  for (auto& service : whole.services)
    for (auto& consumer : service.consumers)
      if (auto& delays = consumer.retry.redelivery.delays;
          consumer.code && consumer.is_default(delays) && in_transaction(whole, consumer))
        consumer.give(delays, {}, consumer.source(consumer.into));
}

/// The store of the node is MongoDB where the environment has a connection string.
void choose_store(node_topology& node) {
  if (node.is_default(node.store) && node.is_given_by(setting_source::kind::environment, node.mongodb.uri))
    node.give(node.store, store_kind::mongodb, node.source(node.mongodb.uri));
}

void choose_data_folder(node_topology& node, const std::string& program,
                        const std::map<std::string, std::string>& environment, diagnostics& found) {
  if (node.data)
    return;
  if (auto folder = standard_data_folder(environment, program); folder.empty())
    found.add("command line: --data", "there is no folder to keep data in: neither XDG_STATE_HOME nor HOME is set",
              "--data DIR or TROUPE_DATA");
  else
    node.data = std::move(folder);
}

std::optional<secret> read_token(const node_topology& node, const surroundings& around, diagnostics& found) {
  const auto& kept = node.admin_token;
  return kept ? read_here(*kept, node.source(kept), around, found) : std::nullopt;
}

std::optional<secret> read_trace_headers(const node_topology& node, const surroundings& around, diagnostics& found) {
  const auto& kept = node.traces.out.headers;
  if (!kept)
    return std::nullopt;
  auto text = read_here(*kept, node.source(kept), around, found);
  if (text && otlp::pairs_of(text->reveal()).has_error())
    add_mistake(found, node.source(kept), {}, "the headers of exported traces in " + to_string(*kept) + " are none",
                "NAME=VALUE,NAME=VALUE there");
  return text;
}

void check_properties(const node_topology& node, const surroundings& around, diagnostics& found) {
  const auto& all = node.kafka.properties;
  for (const auto& each : all) {
    const auto sign = each.find('=');
    if (const auto wrong = around.check_property(each.substr(0, sign), each.substr(sign + 1)); !wrong.empty())
      add_mistake(found, node.source(all), {}, wrong);
  }
}

void note_unused_variables(configuration& config, const std::map<std::string, std::string>& environment) {
  const auto is_set = [&environment](const char* name) {
    const auto variable = environment.find(name);
    return variable != environment.end() && !variable->second.empty();
  };
  if (is_set("AWS_REGION") && !asks_aws(config.plan))
    config.notes.emplace_back("AWS_REGION is set and not used: nothing that runs is kept by AWS");
  if (is_set("KAFKA_BROKERS") && !config.plan.uses_kafka)
    config.notes.emplace_back("KAFKA_BROKERS is set and not used: no stream of this process is carried by Kafka");
  const auto by_process = [&config](const service_plan& one) {
    return one.document_server && one.document_server->uri == config.settings.node.mongodb.uri;
  };
  if (is_set("MONGO_CONN") && std::ranges::none_of(config.plan.services, by_process))
    config.notes.emplace_back("MONGO_CONN is set and not used: no service of this process keeps documents there");
  const auto brokers = brokers_of(config.plan);
  if (is_set("RABBITMQ_CONN") && std::ranges::find(brokers, config.settings.node.amqp.url, &amqp_plan::url) == brokers.end())
    config.notes.emplace_back("RABBITMQ_CONN is set and not used: no service of this process uses a queue there");
}

void read_all(const std::vector<topology_file>& files, const extension& program, topology& into, diagnostics& found) {
  program.prepare(into.node);
  for (const auto& file : files)
    read_topology(file.name, file.text, program, into, found);
}

/// A variable that was set from a file or a secret often ends with a line end.
surroundings trimmed(surroundings around) {
  for (auto& [name, text] : around.environment)
    text = without_line_ends(std::move(text));
  return around;
}

} // namespace

std::optional<configuration> configure(const std::vector<topology_file>& files, const extension& program,
                                       const process_options& options, const surroundings& given, diagnostics& found) {
  const auto around = trimmed(given);
  configuration result;
  auto& settings = result.settings;
  read_all(files, program, settings, found);
  program.complete(settings, found);
  if (settings.services.empty() && found.empty())
    found.add(files.empty() ? position{} : position{files.front().name}, "nothing has services",
              "at least one below \"services\" in one of the files");
  result.running = select(settings, options.services, found);
  derive(settings, result.running);
  apply_process_environment(settings.node, around.environment, found);
  program.apply_environment(settings.node, around.environment, found);
  for (const auto& [name, text] : options.own)
    program.apply_option(settings.node, name, text, found);
  program.apply_defaults(settings);
  apply_service_environment(settings, program, result.running, around.environment, result.notes, found);
  apply_options(settings.node, options, found);
  choose_transport(settings);
  choose_retries(settings);
  choose_store(settings.node);
  choose_faults(settings, result.running);
  choose_data_folder(settings.node, program.words().name, around.environment, found);
  validate(settings, program, found);
  std::optional<secret> token, headers;
  if (around.secrets == secrets_read::all) {
    for (const auto& name : result.running)
      if (auto& part = std::ranges::find(settings.services, name, &service_topology::name)->part)
        part->read_secrets(around, found);
    token = read_token(settings.node, around, found);
    headers = read_trace_headers(settings.node, around, found);
  }
  if (!found.empty())
    return std::nullopt;
  result.plan = resolve(settings, program, result.running, result.notes, found);
  program.check_plan(result.plan, found);
  result.plan.node.admin.token = token.value_or(secret{});
  result.plan.node.traces.headers = headers.value_or(secret{});
  if (result.plan.uses_kafka && around.check_property)
    check_properties(settings.node, around, found);
  show_connections(result, around, found);
  if (!found.empty())
    return std::nullopt;
  note_unused_variables(result, around.environment);
  return result;
}

std::optional<program_location> locate_program(const std::vector<topology_file>& files, const extension& program,
                                               const process_options& options, const surroundings& given,
                                               diagnostics& found) {
  const auto around = trimmed(given);
  topology settings;
  read_all(files, program, settings, found);
  apply_process_environment(settings.node, around.environment, found);
  apply_options(settings.node, options, found);
  choose_transport(settings);
  choose_data_folder(settings.node, program.words().name, around.environment, found);
  auto token = read_token(settings.node, around, found);
  if (!found.empty())
    return std::nullopt;
  const auto& node = settings.node;
  program_location result{node.admin.listen, std::move(token), *node.data, {}, {}, {}, {}, false};
  result.ask_first = options.admin && !options.data;
  for (const auto& each : settings.streams)
    if (each.via == transport::kafka && !node.kafka.brokers.empty())
      result.kafka_streams.push_back(each.name);
  if (!result.kafka_streams.empty())
    result.kafka = node.kafka;
  for (const auto& each : settings.queues)
    if (each.via == transport::amqp && node.amqp.url)
      result.amqp_queues.push_back(each.name);
  if (!result.amqp_queues.empty())
    result.amqp = amqp_plan{node.amqp, {}};
  return result;
}

} // namespace troupe::host
