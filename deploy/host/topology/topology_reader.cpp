#include <troupe/deploy/host/topology/topology_reader.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/host/topology/topology_map.hpp>

namespace troupe::host {

namespace {

/// Reads a map from names to things: the services, the streams, the queues.
template <class Thing>
void read_named(const yaml_node* node, const Thing& initial, const spelled& rule, const prototypes& of_parts,
                std::vector<Thing>& into, diagnostics& found) {
  if (node == nullptr || node->kind == yaml_kind::null)
    return;
  if (node->kind != yaml_kind::map) {
    found.add(node->where, text_form<yaml_kind>::print(node->kind) + " is not allowed here", "a map from names");
    return;
  }
  map_reader reader{*node, of_parts, found};
  for (const auto& one : node->members) {
    if (!rule.allows(one.key))
      found.add(one.where, in_quotes(one.key) + " cannot be a name here", rule.expected());
    auto thing = initial;
    thing.name = one.key;
    thing.where = one.where;
    reader.read_map(*one.value, thing);
    const auto first = std::ranges::find(into, one.key, &Thing::name);
    if (first == into.end())
      into.push_back(std::move(thing));
    else
      found.add(one.where, in_quotes(one.key) + " is also in " + to_string(first->where), "a name of its own");
  }
}

void read_defaults(const yaml_node* node, prototypes& into, diagnostics& found) {
  if (node == nullptr || node->kind == yaml_kind::null)
    return;
  prototypes none;
  none.part = into.part;
  if (node->kind != yaml_kind::map) {
    found.add(node->where, text_form<yaml_kind>::print(node->kind) + " is not allowed here", "a map of keys and values");
    return;
  }
  map_reader reader{*node, none, found, &into.service};
  if (into.part && into.part->has_defaults())
    reader.section_of(into.part);
  reader.section("producer", into.producer);
  reader.section("consumer", into.consumer);
  reader.section("supervision", into.service.supervision);
  reader.report_unknown_keys();
}

/// Keys that begin so hold anchors and are not read, as in compose files.
bool is_ignored(const yaml_member& one) {
  return one.key.starts_with("x-");
}

} // namespace

void read_topology(const std::string& file, std::string_view text, const extension& program, topology& into,
                   diagnostics& found) {
  const auto mistakes = found.count();
  const auto services = into.services.size();
  const auto root = read_yaml(file, text, found);
  if (!root || root->kind != yaml_kind::map) {
    if (found.count() == mistakes)
      found.add(root ? root->where : position{file}, "this is not a topology", "a map with \"services\"");
    return;
  }
  auto map = *root;
  std::erase_if(map.members, is_ignored);
  prototypes initial;
  initial.part = program.make_part();
  initial.consumer.forms = program.stored_forms();
  initial.consumer.as = initial.consumer.forms.front();
  map_reader reader{map, initial, found};
  read_defaults(reader.member("defaults"), initial, found);
  read_named(reader.member("services"), initial.service, service_name, initial, into.services, found);
  read_named(reader.member("streams"), stream_topology{}, channel_name, initial, into.streams, found);
  read_named(reader.member("queues"), queue_topology{}, channel_name, initial, into.queues, found);
  reader.section("node", into.node);
  reader.report_unknown_keys();
  // A file may also say only how the services of others run.
  if (into.services.size() == services && reader.member("node") == nullptr && found.count() == mistakes)
    found.add(root->where, "this has no services", "at least one below \"services\"");
}

} // namespace troupe::host
