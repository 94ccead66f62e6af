#include <troupe/deploy/host/topology/topology_document.hpp>

#include <algorithm>
#include <exception>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <troupe/messages/values/utf8.hpp>

namespace troupe::host {

namespace {

/// Ends parsing early; the mistake is already in the diagnostics.
struct unreadable {};

/// Builds the tree from yaml-cpp's events. Not from its `Node`, which writes recursive aliases as cycles, forgets duplicate
/// keys and can be bounded only after it was built.
class tree_builder final : public YAML::EventHandler {
public:
  tree_builder(const std::string& file, diagnostics& found, const yaml_limits& limits)
    : file_(file), found_(found), limits_(limits) {}

  [[nodiscard]] const yaml_pointer& root() const noexcept { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_)
      refuse(at(mark), "a second document begins here", "one document in a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, yaml_kind::null, {}); }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& text) override {
    leaf(mark, anchor, yaml_kind::scalar, text);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end())
      refuse(at(mark), "an alias stands inside what it names", "an alias for something that ends before it");
    put_value(at(mark), known->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, anchor, yaml_kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, anchor, yaml_kind::map);
  }
  void OnMapEnd() override { close(); }

private:
  /// A sequence or map whose end has not come. In a map, `key` is the one whose value is awaited.
  struct unfinished {
    std::shared_ptr<yaml_node> node;
    YAML::anchor_t anchor;
    bool has_key = false;
    std::string key;
    position key_at;
  };

  [[nodiscard]] position at(const YAML::Mark& mark) const {
    return {file_, static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
            static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1};
  }

  [[noreturn]] void refuse(const position& where, std::string problem, std::string expected) {
    found_.add(where, std::move(problem), std::move(expected));
    throw unreadable{};
  }

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, yaml_kind kind, const std::string& text) {
    auto node = std::make_shared<yaml_node>();
    node->kind = kind;
    node->where = at(mark);
    node->text = text;
    const auto where = node->where;
    finish(where, anchor, std::move(node));
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, yaml_kind kind) {
    if (open_.size() >= limits_.depth)
      refuse(at(mark), "maps and lists are nested too deeply", "at most " + std::to_string(limits_.depth) + " levels");
    auto node = std::make_shared<yaml_node>();
    node->kind = kind;
    node->where = at(mark);
    open_.push_back({std::move(node), anchor, false, {}, {}});
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    const auto where = done.node->where;
    finish(where, done.anchor, std::move(done.node));
  }

  void finish(const position& where, YAML::anchor_t anchor, yaml_pointer node) {
    if (anchor != YAML::NullAnchor)
      anchors_[anchor] = node;
    put_value(where, std::move(node));
  }

  /// Puts a finished value where it belongs: in the innermost unfinished collection, or at the root.
  void put_value(const position& where, yaml_pointer value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& parent = open_.back();
    parent.node->size += value->size;
    parent.node->depth = std::max(parent.node->depth, value->depth + 1);
    if (parent.node->size > limits_.values || open_.size() + value->depth > limits_.depth + 1)
      refuse(where, "the file holds too much, its aliases written out",
             "at most " + std::to_string(limits_.values) + " values in " + std::to_string(limits_.depth) + " levels");
    if (parent.node->kind == yaml_kind::sequence)
      parent.node->items.push_back(std::move(value));
    else if (parent.has_key)
      take_member(parent, std::move(value));
    else
      take_key(parent, where, *value);
  }

  void take_key(unfinished& map, const position& where, const yaml_node& key) {
    if (key.kind != yaml_kind::scalar)
      refuse(where, "a key is " + settings::text_form<yaml_kind>::print(key.kind), "a name");
    map.has_key = true;
    map.key = key.text;
    map.key_at = where;
  }

  void take_member(unfinished& map, yaml_pointer value) {
    map.has_key = false;
    auto& members = map.node->members;
    const auto first = std::ranges::find(members, map.key, &yaml_member::key);
    if (first == members.end())
      members.push_back({std::move(map.key), std::move(map.key_at), std::move(value)});
    else
      found_.add(map.key_at, "the key " + in_quotes(map.key) + " is in this map twice",
                 "it once: it is first at line " + std::to_string(first->where.line) + ", column "
                   + std::to_string(first->where.column));
  }

  const std::string& file_;
  diagnostics& found_;
  const yaml_limits& limits_;
  std::vector<unfinished> open_;
  std::unordered_map<YAML::anchor_t, yaml_pointer> anchors_;
  yaml_pointer root_;
};

/// yaml-cpp guesses an encoding from the first bytes; here it is always UTF-8, so that others are refused before it guesses.
/// Control characters that YAML does not allow (YAML 1.2.2, 5.1) are refused too.
bool is_text(const std::string& file, std::string_view text, diagnostics& found) {
  position where{file, 1, 1};
  while (!text.empty()) {
    const auto next = first_code_point(text);
    const bool space = next.value == '\t' || next.value == '\n' || next.value == '\r';
    if (!next.valid || (next.value < 0x20 && !space) || next.value == 0x7f) {
      found.add(where, "this is not text", "UTF-8 without control characters");
      return false;
    }
    if (next.value == '\n')
      where = {file, where.line + 1, 1};
    else
      where.column += static_cast<std::uint32_t>(next.length);
    text.remove_prefix(next.length);
  }
  return true;
}

} // namespace

yaml_pointer read_yaml(const std::string& file, std::string_view text, diagnostics& found, const yaml_limits& limits) {
  if (text.size() > limits.bytes) {
    found.add(position{file}, "the file is too large", "at most " + std::to_string(limits.bytes) + " bytes");
    return nullptr;
  }
  if (!is_text(file, text, found))
    return nullptr;
  tree_builder builder{file, found, limits};
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.root();
  } catch (const unreadable&) {
    return nullptr;
  } catch (const YAML::Exception& error) {
    const auto& mark = error.mark;
    const auto at_or_first = [](int value) { return static_cast<std::uint32_t>(std::max(value, 0)) + 1; };
    found.add(position{file, at_or_first(mark.line), at_or_first(mark.column)}, "this is not YAML: " + error.msg);
    return nullptr;
  } catch (const std::exception& error) { // a library that promises no exceptions of other kinds still allocates
    found.add(position{file}, std::string{"this could not be read: "} + error.what());
    return nullptr;
  }
}

} // namespace troupe::host
