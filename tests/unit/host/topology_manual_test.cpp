#define CAF_SUITE topology_manual

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <troupe/deploy/host/topology/topology_files.hpp>
#include <troupe/deploy/host/topology/topology_schema.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>
#include <troupe/deploy/reference/platform.hpp>

using namespace troupe::host;
using namespace troupe::reference;

namespace {

using lines = std::vector<std::string>;

lines split(const std::string& text, const std::string& by) {
  lines result;
  std::size_t from = 0;
  for (auto at = text.find(by); at != std::string::npos; from = at + by.size(), at = text.find(by, from))
    result.push_back(text.substr(from, at - from));
  result.push_back(text.substr(from));
  return result;
}

/// A table of settings, with the paragraph in front of it.
struct manual_table {
  std::string before;
  lines columns;
  std::map<std::string, lines> rows; ///< by key

  /// The cell of a row; empty where the table has no such column.
  [[nodiscard]] std::string cell(const std::string& key, const std::string& column) const {
    const auto at = std::ranges::find(columns, column);
    return at == columns.end() ? std::string{} : rows.at(key).at(static_cast<std::size_t>(at - columns.begin()));
  }
};

lines cells_of(const std::string& row) {
  auto cells = split(row, "|");
  cells.erase(cells.begin());
  cells.pop_back();
  for (auto& one : cells) {
    one.erase(0, one.find_first_not_of(' '));
    one.erase(one.find_last_not_of(' ') + 1);
  }
  return cells;
}

std::vector<manual_table> read_manual() {
  std::vector<manual_table> result;
  std::string before;
  for (const auto& block : split(*read_small_file(std::string{TROUPE_TOPOLOGY_FOLDER} + "/README.md"), "\n\n")) {
    if (block.starts_with("| Key |")) {
      const auto rows = split(block, "\n");
      manual_table table{before, cells_of(rows.at(0)), {}};
      for (std::size_t i = 2; i < rows.size() && !rows[i].empty(); ++i) {
        auto cells = cells_of(rows[i]);
        const auto key = cells.at(0).substr(1, cells.at(0).size() - 2);
        table.rows.emplace(key, std::move(cells));
      }
      result.push_back(std::move(table));
    }
    before = block;
  }
  return result;
}

/// What a description says of one setting.
struct described_setting {
  std::string key;
  std::string initial; ///< none: the manual says in words what applies
  std::string range;
  lines words;                       ///< of a choice
  std::optional<std::string> reason; ///< none: a part, whose settings have theirs
};

/// Compares descriptions with the manual: a visitor, which looks into the parts of a struct too.
class manual_check {
public:
  manual_check(const std::vector<manual_table>& manual, lines& mistakes) : manual_(manual), mistakes_(mistakes) {}

  template <class T, class Rule>
  void value(std::string_view key, const T& initial, const Rule& rule, std::string_view reason = {}) {
    described_setting one{std::string{key}, troupe::settings::print(rule, initial), {}, {}, std::string{reason}};
    if (one.initial == "none" || one.initial == "\"\"")
      one.initial.clear();
    else if constexpr (std::is_same_v<T, std::string>)
      one.initial = initial;
    if (rule.expected().find(" to ") != std::string::npos && rule.expected().find("bytes") == std::string::npos)
      one.range = rule.expected();
    // Of the transports a stream has two and a queue two.
    if constexpr (troupe::settings::choice<T> && !std::is_same_v<T, transport>)
      for (const auto& [word, value] : text_form<T>::all)
        if (text_form<T>::print(value) == word) // the others are other words for the same
          one.words.emplace_back(word);
    settings_.push_back(std::move(one));
  }

  template <class Rule>
  void names(std::string_view key, const std::vector<called_service>&, const Rule&, std::string_view reason = {}) {
    settings_.push_back({std::string{key}, {}, {}, {}, std::string{reason}});
  }

  template <class Part>
  void section(std::string_view key, const Part& part) {
    settings_.push_back({std::string{key}, {}, {}, {}, std::nullopt});
    compare(std::string{key}, part);
  }

  void section_of(const owned_part<service_part>& /*part*/) { section("greeter", greeter_topology{}); }

  void added(const owned_part<added_settings>& part) {
    if (const auto* const process = dynamic_cast<const platform_settings*>(part.get()))
      describe(*this, *process);
    else
      describe(*this, dynamic_cast<const platform_grpc_settings&>(*part));
  }

  template <class Part>
  void list(std::string_view key, const std::vector<Part>&) {
    section(key, Part{});
  }

  void list(std::string_view key, const std::vector<consumer_topology>&) {
    consumer_topology consumer;
    consumer.forms = platform{}.stored_forms();
    consumer.as = consumer.forms.front();
    section(key, consumer);
  }

  template <class Part>
  void compare(const std::string& name, const Part& part) const {
    manual_check inner{manual_, mistakes_};
    describe(inner, part);
    inner.finish(name);
  }

private:
  [[nodiscard]] bool is_of_these(const manual_table& table) const {
    return table.rows.size() == settings_.size()
           && std::ranges::all_of(settings_, [&](const auto& one) { return table.rows.contains(one.key); });
  }

  void finish(const std::string& name) {
    const auto table = std::ranges::find_if(manual_, [this](const auto& one) { return is_of_these(one); });
    if (table == manual_.end()) {
      std::string keys;
      for (const auto& one : settings_)
        keys += ' ' + one.key;
      mistakes_.push_back("no table has just the keys of " + name + ':' + keys);
      return;
    }
    for (const auto& one : settings_)
      check(*table, one, name + '.' + one.key);
  }

  void check(const manual_table& table, const described_setting& one, const std::string& name) {
    const auto meaning = table.cell(one.key, "Meaning");
    const auto initial = table.cell(one.key, "Default");
    // One that another setting names may differ.
    if (!one.initial.empty() && !initial.starts_with('`' + one.initial + '`') && !initial.starts_with("`node."))
      mistakes_.push_back(name + " has the default " + one.initial + ", not " + initial);
    if ((meaning + table.cell(one.key, "Unit") + table.before).find(one.range) == std::string::npos)
      mistakes_.push_back(name + " may be " + one.range);
    for (const auto& word : one.words)
      if ((meaning + initial).find('`' + word + '`') == std::string::npos)
        mistakes_.push_back(name + " may be " + word);
    const bool has_reasons = std::ranges::find(table.columns, "Reason") != table.columns.end();
    if (const auto reason = table.cell(one.key, "Reason"); has_reasons && one.reason && reason != *one.reason)
      mistakes_.push_back(name + " has the reason " + *one.reason + ", not " + reason);
  }

  const std::vector<manual_table>& manual_;
  lines& mistakes_;
  std::vector<described_setting> settings_;
};

} // namespace

CAF_TEST(the manual has of every setting the key and the default and the range and the reason of its description) {
  const auto manual = read_manual();
  lines mistakes;
  const manual_check all{manual, mistakes};
  all.compare("service", service_topology{});
  all.compare("stream", stream_topology{});
  all.compare("queue", queue_topology{});
  node_topology node;
  platform{}.prepare(node);
  all.compare("node", node);
  CAF_CHECK_EQUAL(mistakes, lines{});
}
