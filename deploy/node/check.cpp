#include <troupe/deploy/node/check.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/deploy/node/topology_schema.hpp>
#include <troupe/deploy/node/topology_validation.hpp>

namespace troupe::node {

namespace {

/// One line of the settings, in three columns.
struct setting_line {
  std::string key;
  std::string value;
  std::string source;
};

/// Lists the settings of a struct, whose sources `owner` keeps: a visitor.
class lister {
public:
  lister(std::string prefix, const sourced& owner, std::vector<setting_line>& lines)
    : prefix_(std::move(prefix)), owner_(owner), lines_(lines) {}

  template <class T, class Rule>
  void value(std::string_view key, const T& one, const Rule& rule, std::string_view /*reason*/ = {}) {
    lines_.push_back({prefix_ + std::string{key}, settings::print(rule, one), to_string(owner_.source(one))});
  }

  template <class Rule>
  void names(std::string_view key, const std::vector<called_service>& all, const Rule& /*rule*/,
             std::string_view /*reason*/ = {}) {
    std::vector<std::string> names;
    for (const auto& one : all)
      names.push_back(one.name);
    lines_.push_back({prefix_ + std::string{key}, text_form<std::vector<std::string>>::print(names),
                      all.empty() ? "default" : to_string(all.front().source)});
  }

  template <class Part>
  void section(std::string_view key, const Part& part) {
    auto inner = prefix_ + std::string{key} + '.';
    if constexpr (std::is_base_of_v<sourced, Part>)
      list_settings(std::move(inner), part, part, lines_);
    else
      list_settings(std::move(inner), owner_, part, lines_);
  }

  template <class Part>
  void optional_section(std::string_view key, const std::optional<Part>& part) {
    if (part)
      section(key, *part);
  }

  template <class Part>
  void list(std::string_view key, const std::vector<Part>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i)
      section(std::string{key} + '[' + std::to_string(i) + ']', parts[i]);
  }

  template <class Part>
  static void list_settings(std::string prefix, const sourced& owner, const Part& part, std::vector<setting_line>& lines) {
    lister all{std::move(prefix), owner, lines};
    describe(all, part);
  }

private:
  std::string prefix_;
  const sourced& owner_;
  std::vector<setting_line>& lines_;
};

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

/// Under a heading, the settings in aligned columns.
template <class Part>
void add_settings(std::string& out, std::string_view heading, const Part& part) {
  std::vector<setting_line> lines;
  lister::list_settings({}, part, part, lines);
  std::size_t keys = 0;
  std::size_t values = 0;
  constexpr std::size_t widest = 44;
  for (const auto& one : lines) {
    keys = std::max(keys, one.key.size());
    values = std::max(values, std::min(one.value.size(), widest));
  }
  out += "\n  ";
  out += heading;
  out += '\n';
  for (const auto& one : lines)
    out += "    " + padded(one.key, keys) + "  " + padded(one.value, values) + "  " + one.source + '\n';
}

std::string channel_in_words(const channel_plan& channel) {
  return (channel.what == channel_plan::kind::stream ? "stream " : "queue ") + channel.name;
}

void add_services(std::string& out, const plan& what) {
  out += "Services, each with its actors in the order in which they start\n";
  for (const auto& service : what.services) {
    out += "\n  " + service.name + '\n';
    std::size_t widest = 0;
    for (const auto& actor : service.actors)
      widest = std::max(widest, actor.name.size());
    for (const auto& actor : service.actors) {
      auto line = "    " + padded(actor.name, widest) + "  " + std::string{to_string(actor.what)};
      if (actor.channel)
        line += (actor.what == actor_plan::kind::publisher || actor.what == actor_plan::kind::forwarder ? " to " : " of ")
                + channel_in_words(*actor.channel);
      if (actor.what == actor_plan::kind::greeter && !service.greeter->calls.empty()) {
        line += ", calls ";
        for (const auto& call : service.greeter->calls)
          line += (&call == &service.greeter->calls.front() ? "" : ", ") + call;
      }
      out += line + '\n';
    }
    if (service.actors.empty())
      out += "    no actor of its own: a route of the edge\n";
  }
}

template <class Channels>
std::string names_of(const Channels& channels) {
  std::string result;
  for (const auto& one : channels)
    result += (result.empty() ? "" : ", ") + one.name;
  return result.empty() ? "none" : result;
}

void add_streams(std::string& out, const plan& what) {
  std::vector<stream_topology> here;
  std::vector<stream_topology> kafka;
  for (const auto& one : what.streams)
    (one.via == transport::kafka ? kafka : here).push_back(one);
  auto queues = what.queues;
  std::erase_if(queues, [](const queue_topology& one) { return one.via != transport::embedded; });
  out += "  embedded  streams " + names_of(here) + "; queues " + names_of(queues) + "; dead letters, in " + what.data + '\n';
  if (what.kafka)
    out += "  kafka     streams " + names_of(kafka) + "; dead letters in topics of their own, NAME.dlq; "
           + (what.kafka->encrypted == kafka::encryption::tls ? "with TLS\n" : "without TLS\n");
  for (const auto& service : what.services)
    for (const auto& consumer : service.consumers)
      if (consumer.retries)
        out += "            delayed retries of " + service.name + "'s " + consumer.name + " in " + consumer.retries->name
               + ", where a message gives up its place among those of its key\n";
  for (const auto& each : brokers_of(what))
    out += "  amqp      queues " + names_of(queues_at(what, each)) + " at "
           + (each.shown.empty() ? "what " + to_string(*each.url) + " tells" : each.shown)
           + "; dead letters in queues of their own, NAME.dlq\n";
}

/// Who keeps the documents of which services.
void add_stores(std::string& out, const plan& what) {
  std::map<std::string, std::string> services; // by where they are kept
  for (const auto& service : what.services)
    if (std::ranges::find(service.actors, actor_plan::kind::writer, &actor_plan::what) != service.actors.end()) {
      auto where = "sqlite, in " + what.data;
      if (const auto& to = service.mongodb)
        where = "mongodb, at " + (to->shown.empty() ? "what " + to_string(*to->uri) + " tells" : to->shown);
      auto& names = services[where];
      names += (names.empty() ? "" : ", ") + service.name;
    }
  if (services.empty())
    out += "  store     no service keeps documents\n";
  for (const auto& [where, names] : services)
    out += "  store     documents of " + names + " in " + where + '\n';
}

void add_route(std::string& out, std::string_view path, const std::string& service, greeting_order order) {
  out += "            " + padded(std::string{path}, 28) + "  ";
  if (service.empty())
    out += "nobody\n";
  else
    out +=
      service
      + (order == greeting_order::pre_order ? ", a service before those it asked\n" : ", a service after those it asked\n");
}

bool is_http(const peer_address& address) {
  return address.how == peer_address::scheme::http || address.how == peer_address::scheme::https;
}

void add_bridges(std::string& out, const plan& what) {
  out += "\nBridges\n\n";
  out += "  http      the edge at " + to_string(what.edge.listener.listen) + '\n';
  add_route(out, "/api/v1/greeting", what.edge.service, greeting_order::pre_order);
  add_route(out, "/api/greeting, /api/ping", what.edge.service, what.edge.listener.array_order);
  if (what.grpc)
    out += "  grpc      " + what.edge.service + " at " + to_string(what.grpc->listen)
           + (what.grpc->tls ? ", with TLS\n" : ", without TLS\n");
  for (const auto& peer : what.peers)
    out += std::string{is_http(peer.address) ? "  http      " : "  grpc      "} + "calls to " + peer.name + " at "
           + text_form<peer_address>::print(peer.address)
           + (peer.kind == policies::callee::idempotent ? "\n" : ", repeated only where they were not sent\n");
  out += "  http      administration at " + to_string(what.admin.listen)
         + (!what.admin.token.empty() ? ", with a token\n" : ", this machine only\n");
  add_streams(out, what);
  add_stores(out, what);
  out += "  telemetry logs from " + text_form<log_level>::print(what.level) + " on; metrics at /metrics\n";
}

template <class Things>
void add_named_settings(std::string& out, std::string_view kind, const Things& things) {
  for (const auto& one : things)
    add_settings(out, std::string{kind} + ' ' + one.name, one);
}

} // namespace

std::string check_report(const configuration& what) {
  std::string out;
  add_services(out, what.what);
  add_bridges(out, what.what);
  out += "\nSettings, each with its source\n";
  add_settings(out, "node", what.settings.node);
  add_named_settings(out, "stream", what.settings.streams);
  add_named_settings(out, "queue", what.settings.queues);
  for (const auto& name : what.running)
    add_settings(out, "service " + name, *find_service(what.settings, name));
  if (!what.notes.empty())
    out += "\nNotes\n\n";
  for (const auto& note : what.notes)
    out += "  " + note + '\n';
  return out;
}

} // namespace troupe::node
