#include <troupe/deploy/node/topology_reader.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/deploy/node/topology_document.hpp>
#include <troupe/deploy/node/topology_scalar.hpp>
#include <troupe/deploy/node/topology_schema.hpp>

namespace troupe::node {

namespace {

/// What the items of a file have before their own keys are read: its `defaults`.
struct prototypes {
  greeter_topology greeter;
  producer_topology producer;
  consumer_topology consumer;
  service_topology service; ///< its supervision

  template <class T>
  [[nodiscard]] T make() const {
    if constexpr (std::is_same_v<T, greeter_topology>)
      return greeter;
    else if constexpr (std::is_same_v<T, producer_topology>)
      return producer;
    else
      return consumer;
  }
};

std::vector<std::string> keys_in_quotes(const std::vector<std::string>& keys) {
  std::vector<std::string> result;
  result.reserve(keys.size());
  for (const auto& key : keys)
    result.push_back(in_quotes(key));
  return result;
}

setting_source stands_at(const position& where) {
  return {setting_source::kind::file, where, {}};
}

/// Reads the members of one map into the settings of one struct, whose sources `owner` keeps.
class map_reader {
public:
  map_reader(const yaml_node& map, const prototypes& initial, diagnostics& found, sourced* owner = nullptr)
    : map_(map), initial_(initial), found_(found), owner_(owner) {}

  template <class T, class Rule>
  void value(std::string_view key, T& into, const Rule& rule, std::string_view /*reason*/ = {}) {
    if (const auto* node = member(key))
      if (auto read = scalar<T>(*node, rule))
        give(key, into, std::move(*read), node->where);
  }

  template <class T, class Rule>
  void value(std::string_view key, std::vector<T>& into, const Rule& rule, std::string_view /*reason*/ = {}) {
    const auto* node = member(key);
    if (node == nullptr)
      return;
    std::vector<T> all;
    for (const auto* item : list_items(*node))
      if (auto read = scalar<T>(*item, rule))
        all.push_back(std::move(*read));
    give(key, into, std::move(all), node->where);
  }

  template <class Rule>
  void names(std::string_view key, std::vector<called_service>& into, const Rule& rule, std::string_view /*reason*/ = {}) {
    const auto* node = member(key);
    if (node == nullptr)
      return;
    into.clear();
    for (const auto* item : list_items(*node))
      if (auto read = scalar<std::string>(*item, rule))
        into.push_back({std::move(*read), stands_at(item->where)});
  }

  template <class Part>
  void section(std::string_view key, Part& part) {
    if (const auto* node = member(key))
      read_map(*node, part);
  }

  template <class Part>
  void optional_section(std::string_view key, std::optional<Part>& part) {
    const auto* node = member(key);
    if (node == nullptr)
      return;
    part = initial_.make<Part>();
    part->where = node->where;
    read_map(*node, *part);
  }

  template <class Part>
  void list(std::string_view key, std::vector<Part>& parts) {
    const auto* node = member(key);
    if (node == nullptr)
      return;
    if (node->kind != yaml_kind::sequence) {
      wrong_kind(*node, "a list of maps, each beginning with \"- \"");
      return;
    }
    for (const auto& item : node->items) {
      auto& part = parts.emplace_back(initial_.make<Part>());
      part.where = item->where;
      read_map(*item, part);
    }
  }

  /// The value of a key that has a shape of its own; null when it is absent.
  const yaml_node* member(std::string_view key) {
    known_.emplace_back(key);
    const auto found = std::ranges::find(map_.members, key, &yaml_member::key);
    return found == map_.members.end() ? nullptr : found->value.get();
  }

  /// Reports every key that the description does not have.
  void report_unknown_keys() {
    for (const auto& one : map_.members)
      if (std::ranges::find(known_, one.key) == known_.end())
        found_.add(one.where, "unknown key " + in_quotes(one.key), listed(keys_in_quotes(known_)), nearest(one.key, known_));
  }

  template <class Part>
  void read_map(const yaml_node& node, Part& part) {
    if (node.kind == yaml_kind::null) // a key with nothing behind it: all defaults
      return;
    if (node.kind != yaml_kind::map) {
      wrong_kind(node, "a map of keys and values");
      return;
    }
    map_reader inner{node, initial_, found_, owner_};
    if constexpr (std::is_base_of_v<sourced, Part>)
      inner.owner_ = &part;
    describe(inner, part);
    inner.report_unknown_keys();
  }

private:
  /// A setting in two files is a mistake: neither file would show which of them applies.
  template <class T>
  void give(std::string_view key, T& into, T value, const position& where) {
    const auto& before = owner_->source(into);
    if (before.from == setting_source::kind::file && before.where.file != where.file)
      found_.add(where, in_quotes(key) + " is given in " + to_string(before.where) + " too", "it in one of the files");
    else
      owner_->give(into, std::move(value), stands_at(where));
  }

  template <class T, class Rule>
  std::optional<T> scalar(const yaml_node& node, const Rule& rule) {
    if (node.kind != yaml_kind::scalar) {
      wrong_kind(node, expectation<T>(rule));
      return std::nullopt;
    }
    misreading why;
    auto read = read_scalar<T>(node.text, rule, why);
    if (!read)
      found_.add(node.where, std::move(why.problem), std::move(why.expected), std::move(why.nearest));
    return read;
  }

  /// A list, or a single value that stands for a list of one; `none` is the empty list.
  std::vector<const yaml_node*> list_items(const yaml_node& node) {
    std::vector<const yaml_node*> result;
    if (node.kind == yaml_kind::sequence)
      for (const auto& item : node.items)
        result.push_back(item.get());
    else if (node.kind == yaml_kind::scalar) {
      if (node.text != "none")
        result.push_back(&node);
    } else
      wrong_kind(node, "a list of values, such as [a, b]");
    return result;
  }

  void wrong_kind(const yaml_node& node, std::string expected) {
    found_.add(node.where, text_form<yaml_kind>::print(node.kind) + " is not allowed here", std::move(expected));
  }

  const yaml_node& map_;
  const prototypes& initial_;
  diagnostics& found_;
  sourced* owner_;
  std::vector<std::string> known_;
};

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
  const prototypes none;
  if (node->kind != yaml_kind::map) {
    found.add(node->where, text_form<yaml_kind>::print(node->kind) + " is not allowed here", "a map of keys and values");
    return;
  }
  map_reader reader{*node, none, found, &into.service};
  reader.section("greeter", into.greeter);
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

void read_topology(const std::string& file, std::string_view text, topology& into, diagnostics& found) {
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

} // namespace troupe::node
