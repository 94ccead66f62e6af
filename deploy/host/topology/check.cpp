#include <troupe/deploy/host/topology/check.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/columns.hpp>

namespace troupe::host {

namespace {

/// The role of an actor, with its channel.
std::string role_of(const service_plan& service, const actor_plan& actor) {
  if (actor.kind == actor_kind::code)
    return service.part->actors().at(actor.index).role;
  auto result = text_form<actor_kind>::print(actor.kind);
  if (actor.channel) {
    result += (actor.kind == actor_kind::subscription ? " of " : " to ")
              + std::string{actor.channel->kind == channel_kind::stream ? "stream " : "queue "} + actor.channel->name;
  }
  return result;
}

void add_services(std::ostream& out, const process_plan& plan) {
  out << "Services, each with its actors in the order in which they start\n";
  for (const auto& service : plan.services) {
    out << "\n  " << service.name << '\n';
    std::vector<std::vector<std::string>> rows;
    for (const auto& actor : service.actors)
      rows.push_back({actor.name, role_of(service, actor)});
    print_columns(rows, out, "    ");
    if (rows.empty())
      out << "    no actor of its own: a route of the edge\n";
  }
}

template <class Channels>
std::string names_of(const Channels& channels) {
  std::string result;
  for (const auto& one : channels)
    result += (result.empty() ? "" : ", ") + one.name;
  return result.empty() ? "none" : result;
}

void add_streams(std::ostream& out, const process_plan& plan) {
  std::vector<stream_topology> here;
  std::vector<stream_topology> kafka;
  for (const auto& one : plan.streams)
    (one.via == transport::kafka ? kafka : here).push_back(one);
  auto queues = plan.queues;
  std::erase_if(queues, [](const queue_topology& one) { return one.via != transport::embedded; });
  out << "  embedded  streams " << names_of(here) << "; queues " << names_of(queues) << "; dead letters, in "
      << *plan.node.data << '\n';
  if (plan.uses_kafka)
    out << "  kafka     streams " << names_of(kafka) << "; dead letters in topics of their own, NAME.dlq; "
        << (plan.node.kafka.encrypted == kafka::encryption::tls ? "with TLS\n" : "without TLS\n");
  for (const auto& service : plan.services)
    for (const auto& consumer : service.consumers)
      if (const auto retries = retry_topic_of(consumer))
        out << "            delayed retries of " << service.name << "'s " << *consumer.name << " in " << *retries
            << ", after which a message comes behind later ones of its key\n";
  for (const auto& each : brokers_of(plan))
    out << "  amqp      queues " << names_of(queues_at(plan, each)) << " at "
        << (each.shown.empty() ? "the address in " + to_string(*each.url) : each.shown)
        << "; dead letters in queues of their own, NAME.dlq\n";
}

std::string edge_services_here(const process_plan& plan) {
  std::string result;
  for (const auto& one : plan.edge_services)
    if (runs_here(plan, one))
      result += (result.empty() ? "" : ", ") + one;
  return result;
}

/// Where the documents of each service are.
void add_stores(std::ostream& out, const process_plan& plan) {
  std::map<std::string, std::string> services; // by where they are kept
  for (const auto& service : plan.services)
    if (std::ranges::find(service.actors, actor_kind::writer, &actor_plan::kind) != service.actors.end()) {
      auto where = "sqlite, in " + *plan.node.data;
      if (const auto& to = service.document_server)
        where = "mongodb, at " + (to->shown.empty() ? "the address in " + to_string(*to->uri) : to->shown);
      auto& names = services[where];
      names += (names.empty() ? "" : ", ") + service.name;
    }
  if (services.empty())
    out << "  store     no service keeps documents\n";
  for (const auto& [where, names] : services)
    out << "  store     documents of " << names << " in " << where << '\n';
}

void add_bridges(std::ostream& out, const process_plan& plan, const extension& program) {
  const auto& node = plan.node;
  out << "\nBridges\n\n";
  out << "  http      the edge at " << to_string(node.edge.listen) << '\n';
  program.print_routes(plan, out);
  if (plan.serves_grpc)
    out << "  grpc      " << edge_services_here(plan) << " at " << to_string(*node.grpc.listen)
        << (node.grpc.tls.certificate.empty() ? ", without TLS\n" : ", with TLS\n");
  for (const auto& peer : plan.peers)
    out << (peer.address.is_http() ? "  http      " : "  grpc      ") << "calls to " << peer.name << " at "
        << to_string(peer.address)
        << (peer.kind == policies::callee::idempotent ? "\n" : ", repeated only where they were not sent\n");
  out << "  http      administration at " << to_string(node.admin.listen)
      << (!node.admin.token.empty() ? ", with a token\n" : ", this machine only\n");
  add_streams(out, plan);
  add_stores(out, plan);
  out << "  telemetry logs from " << text_form<log_level>::print(node.level) << " on; metrics at /metrics\n";
  if (exports_traces(plan))
    out << "  otlp      traces to " << otlp::address_of(node.traces.out)
        << (otlp::can_send() ? "\n" : ": not in this build, which has no opentelemetry-cpp\n");
}

} // namespace

std::string check_report(const configuration& config, const extension& program, explanation explain) {
  std::ostringstream out;
  add_services(out, config.plan);
  add_bridges(out, config.plan, program);
  diagnostics none; // every setting begins with nothing
  out << "\nSettings, each with its source\n" << settings_report(config, explain, {}, none);
  if (!config.notes.empty())
    out << "\nNotes\n\n";
  for (const auto& note : config.notes)
    out << "  " << note << '\n';
  return out.str();
}

} // namespace troupe::host
