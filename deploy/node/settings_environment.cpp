#include <troupe/deploy/node/settings.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/node/settings_variables.hpp>

namespace troupe::node {

namespace {

using environment_map = std::map<std::string, std::string>;

/// The value of a variable; null when it is absent or empty.
const std::string* value_of(const environment_map& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

/// The words between commas, without spaces around them.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto word = text.substr(0, comma);
    word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    word = word.substr(0, word.find_last_not_of(' ') + 1);
    if (!word.empty())
      result.emplace_back(word);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return result;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

template <class T, class Rule>
void give(const environment_map& environment, const std::string& name, setting<T>& into, const Rule& rule,
          diagnostics& found) {
  if (const auto* text = value_of(environment, name))
    set_variable{name, *text, found}.give(into, *text, rule);
}

/// Words between commas.
template <class Rule>
void give_list(const environment_map& environment, const std::string& name, setting<std::vector<std::string>>& into,
               const Rule& rule, diagnostics& found) {
  const auto* text = value_of(environment, name);
  if (text == nullptr)
    return;
  const set_variable variable{name, *text, found};
  for (const auto& word : split(*text)) {
    setting<std::string> ignored;
    variable.give(ignored, word, rule);
  }
  into = {split(*text), variable.source()};
}

/// A variable that holds a secret is where the secret is to be read.
void give_secret(const environment_map& environment, const std::string& name,
                 setting<std::optional<secret_reference>>& into) {
  if (value_of(environment, name) != nullptr)
    into = {secret_reference{secret_keeper::environment, name, {}, {}}, {setting_source::kind::environment, {}, name}};
}

void apply_kafka_environment(node_topology& node, const environment_map& environment, diagnostics& found) {
  auto& kafka = node.kafka;
  give(environment, "TROUPE_STREAMS", node.streams, anything{}, found);
  give_list(environment, "KAFKA_BROKERS", kafka.brokers, broker, found);
  give(environment, "KAFKA_CREDENTIALS", kafka.credentials, anything{}, found);
  give(environment, "KAFKA_USERNAME", kafka.username, short_text, found);
  give_secret(environment, "KAFKA_PASSWORD", kafka.password);
  give(environment, "KAFKA_ENCRYPTION", kafka.encrypted, anything{}, found);
  give(environment, "KAFKA_AUTHORITIES", kafka.tls.authorities, short_text, found);
}

void apply_mongodb_environment(node_topology& node, const environment_map& environment, diagnostics& found) {
  give_secret(environment, "MONGO_CONN", node.mongodb.uri);
  give(environment, "MONGO_AUTHORITIES", node.mongodb.authorities, short_text, found);
}

void apply_amqp_environment(node_topology& node, const environment_map& environment, diagnostics& found) {
  give(environment, "TROUPE_QUEUES", node.queues, anything{}, found);
  give_secret(environment, "RABBITMQ_CONN", node.amqp.url);
  give(environment, "RABBITMQ_AUTHORITIES", node.amqp.tls.authorities, short_text, found);
}

/// The variables of the services that run.
class overlay {
public:
  overlay(topology& whole, const std::vector<std::string>& running, const environment_map& environment,
          std::vector<std::string>& notes, diagnostics& found)
    : whole_(whole), running_(running), environment_(environment), notes_(notes), found_(found) {}

  void run() {
    for (const auto& one : service_variables())
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
      notes_.push_back(name + " is set and not used: no service that runs has what it sets");
    else if (running_.size() == 1)
      one.apply(whole_, service(meant.front()), {name, text, found_});
    else
      found_.add(
        "environment: " + name, "this means one service, and " + std::to_string(running_.size()) + " run in this process",
        "the form of one service, such as " + variable_prefix(meant.front()) + name + ", or --service with one name");
  }

  /// SERVICE_B_URL, which tells the reference platforms' services where service-b is.
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
      set_variable{name, *text, found_}.give(called.address, *text, anything{});
  }

  static bool calls(const service_topology& caller, const std::string& name) {
    return *caller.gateway == name || (caller.greeter && std::ranges::any_of(caller.greeter->calls, [&](const auto& call) {
                                         return *call == name;
                                       }));
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
    const auto all = service_variables();
    const auto known = std::ranges::find(all, suffix, &service_variable::name);
    if (known == all.end())
      unknown(full, suffix, variable_prefix(name));
    else if (!known->applies(whole_, service(name)))
      notes_.push_back(full + " is set and not used: " + name + " has not what it sets");
    else
      known->apply(whole_, service(name), {full, text, found_});
  }

  void unknown(const std::string& full, const std::string& suffix, const std::string& prefix) {
    std::vector<std::string> names;
    for (const auto& one : service_variables())
      names.emplace_back(one.name);
    if (const auto near = nearest(suffix, names); suffix != "URL" && !near.empty())
      notes_.push_back(full + " is set and not known; did you mean " + in_quotes(prefix + near) + '?');
  }

  topology& whole_;
  const std::vector<std::string>& running_;
  const environment_map& environment_;
  std::vector<std::string>& notes_;
  diagnostics& found_;
};

} // namespace

void apply_process_environment(node_topology& node, const environment_map& environment, diagnostics& found) {
  const std::string level = "LOG_LEVEL";
  if (const auto* text = value_of(environment, level))
    set_variable{level, *text, found}.give(node.level, lower_case(*text), anything{});
  give(environment, "TROUPE_REFERENCE", node.reference, anything{}, found);
  give_list(environment, "ALLOWED_ORIGINS", node.allowed_origins, web_origin, found);
  give(environment, "TROUPE_HTTP", node.http, anything{}, found);
  give(environment, "TROUPE_GRPC", node.grpc.listen, anything{}, found);
  give(environment, "TROUPE_ADMIN", node.admin, anything{}, found);
  give_list(environment, "TROUPE_ADMIN_HOSTS", node.admin_hosts, host_name, found);
  give(environment, "TROUPE_DATA", node.data, short_text, found);
  give_secret(environment, "TROUPE_ADMIN_TOKEN", node.admin_token);
  apply_kafka_environment(node, environment, found);
  apply_mongodb_environment(node, environment, found);
  apply_amqp_environment(node, environment, found);
}

void apply_service_environment(topology& whole, const std::vector<std::string>& running, const environment_map& environment,
                               std::vector<std::string>& notes, diagnostics& found) {
  overlay{whole, running, environment, notes, found}.run();
}

} // namespace troupe::node
