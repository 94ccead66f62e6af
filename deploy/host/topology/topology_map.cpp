#include <troupe/deploy/host/topology/topology_map.hpp>

#include <algorithm>

namespace troupe::host {

namespace {

std::vector<std::string> keys_in_quotes(const std::vector<std::string>& keys) {
  std::vector<std::string> result;
  result.reserve(keys.size());
  for (const auto& key : keys)
    result.push_back(in_quotes(key));
  return result;
}

} // namespace

void map_reader::section_of(owned_part<service_part>& part) {
  if (!initial_.part)
    return;
  const auto* const node = member(initial_.part->key());
  if (node == nullptr)
    return;
  part = initial_.part;
  part->where = node->where;
  if (node->kind == yaml_kind::null) // a key with nothing behind it: all defaults
    return;
  if (node->kind != yaml_kind::map) {
    wrong_kind(*node, "a map of keys and values");
    return;
  }
  map_reader inner{*node, initial_, found_, part.get()};
  part->read(inner);
  inner.report_unknown_keys();
}

void map_reader::each(std::vector<written_setting>& into) {
  for (const auto& one : map_.members) {
    known_.push_back(one.key);
    if (one.value->kind == yaml_kind::scalar)
      into.push_back({one.key, one.value->text, one.where, one.value->where});
    else
      wrong_kind(*one.value, "a value");
  }
}

const yaml_node* map_reader::member(std::string_view key) {
  known_.emplace_back(key);
  const auto found = std::ranges::find(map_.members, key, &yaml_member::key);
  return found == map_.members.end() ? nullptr : found->value.get();
}

void map_reader::report_unknown_keys() {
  for (const auto& one : map_.members)
    if (std::ranges::find(known_, one.key) == known_.end())
      found_.add(one.where, "unknown key " + in_quotes(one.key), listed(keys_in_quotes(known_)), nearest(one.key, known_));
}

std::vector<const yaml_node*> map_reader::list_items(const yaml_node& node) {
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

void map_reader::wrong_kind(const yaml_node& node, std::string expected) {
  found_.add(node.where, text_form<yaml_kind>::print(node.kind) + " is not allowed here", std::move(expected));
}

} // namespace troupe::host
