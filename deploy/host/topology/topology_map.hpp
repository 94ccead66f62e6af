#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/settings_part.hpp>
#include <troupe/deploy/host/topology/topology_document.hpp>
#include <troupe/deploy/host/topology/topology_scalar.hpp>
#include <troupe/deploy/host/topology/topology_schema.hpp>

namespace troupe::host {

/// What the items of a file have before their own keys are read: its `defaults`.
struct prototypes {
  producer_topology producer;
  consumer_topology consumer;
  service_topology service;      ///< its supervision
  owned_part<service_part> part; ///< of the program; none: services have no section for their code

  template <class T>
  [[nodiscard]] const T& of() const {
    if constexpr (std::is_same_v<T, producer_topology>)
      return producer;
    else
      return consumer;
  }
};

/// A setting as a file has it, whatever its type.
struct written_setting {
  std::string key;
  std::string text;
  position where; ///< of the key
  position of_value;
};

/// The source of what stands there.
inline setting_source stands_at(const position& where) {
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

  /// The scalars of the map, whatever their keys are.
  void each(std::vector<written_setting>& into);

  /// The section of a service's code.
  void section_of(owned_part<service_part>& part);

  /// What the program adds to this map.
  void added(owned_part<added_settings>& part) {
    if (!part)
      return;
    auto* const outer = std::exchange(owner_, part.get());
    part->read(*this);
    owner_ = outer;
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
      auto& part = parts.emplace_back(initial_.of<Part>());
      part.where = item->where;
      read_map(*item, part);
    }
  }

  /// The value of a key that has a shape of its own; null when it is absent.
  const yaml_node* member(std::string_view key);

  /// Reports every key that the description does not have.
  void report_unknown_keys();

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
  std::vector<const yaml_node*> list_items(const yaml_node& node);

  void wrong_kind(const yaml_node& node, std::string expected);

  const yaml_node& map_;
  const prototypes& initial_;
  diagnostics& found_;
  sourced* owner_;
  std::vector<std::string> known_;
};

} // namespace troupe::host
