#include <troupe/deploy/node/settings_report.hpp>

#include <sstream>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/deploy/node/columns.hpp>
#include <troupe/deploy/node/topology_scalar.hpp>
#include <troupe/deploy/node/topology_schema.hpp>
#include <troupe/deploy/node/topology_validation.hpp>

namespace troupe::node {

namespace {

struct setting_line {
  std::string key;
  std::string value;
  std::string source;
  std::string allowed;
  std::string standard; ///< empty: it has its default
  std::string_view reason;
};

/// The settings under one heading. `path` is that of all of them.
struct setting_group {
  std::string heading;
  std::string path;
  std::vector<setting_line> lines;
};

/// The values that a setting of type `T` may have.
template <class T, class Rule>
std::string allowed(const Rule& rule) {
  if constexpr (settings::may_be_left_out<T>) {
    return allowed<typename T::value_type>(rule) + ", or none";
  } else if constexpr (requires(T list) { list.push_back(list.front()); } && !std::is_same_v<T, std::string>) {
    return "a list, each " + allowed<typename T::value_type>(rule);
  } else {
    auto range = rule.expected();
    return range.empty() ? expectation<T>(rule) : range;
  }
}

std::string print(const std::vector<called_service>& services) {
  std::vector<std::string> names;
  for (const auto& one : services)
    names.push_back(one.name);
  return text_form<std::vector<std::string>>::print(names);
}

/// Collects the defaults of a struct in the order of its description: a visitor.
class default_values {
public:
  template <class Part>
  static std::vector<std::string> of() {
    const Part standard{};
    default_values all;
    describe(all, standard);
    return std::move(all.values_);
  }

  template <class T, class Rule>
  void value(std::string_view /*key*/, const T& one, const Rule& rule, std::string_view /*reason*/ = {}) {
    values_.push_back(settings::print(rule, one));
  }

  template <class Rule>
  void names(std::string_view /*key*/, const std::vector<called_service>& all, const Rule& /*rule*/,
             std::string_view /*reason*/ = {}) {
    values_.push_back(print(all));
  }

  template <class Part>
  void section(std::string_view /*key*/, const Part& part) {
    describe(*this, part);
  }

  // These have the defaults of their own type.
  template <class Part>
  void optional_section(std::string_view /*key*/, const std::optional<Part>& /*part*/) {}
  template <class Part>
  void list(std::string_view /*key*/, const std::vector<Part>& /*parts*/) {}

private:
  std::vector<std::string> values_;
};

/// Lists the settings of a struct that keeps their sources: a visitor.
class lister {
public:
  template <class Part>
  static void list_settings(std::string prefix, const Part& part, std::vector<setting_line>& lines) {
    lister all{std::move(prefix), part, default_values::of<Part>(), lines};
    describe(all, part);
  }

  template <class T, class Rule>
  void value(std::string_view key, const T& one, const Rule& rule, std::string_view reason = {}) {
    add(key, settings::print(rule, one), owner_.source(one), allowed<T>(rule), reason);
  }

  template <class Rule>
  void names(std::string_view key, const std::vector<called_service>& all, const Rule& rule, std::string_view reason = {}) {
    add(key, print(all), all.empty() ? setting_source{} : all.front().source, allowed<std::vector<std::string>>(rule),
        reason);
  }

  template <class Part>
  void section(std::string_view key, const Part& part) {
    auto outer = std::exchange(prefix_, prefix_ + std::string{key} + '.');
    describe(*this, part);
    prefix_ = std::move(outer);
  }

  template <class Part>
  void optional_section(std::string_view key, const std::optional<Part>& part) {
    if (part)
      list_settings(prefix_ + std::string{key} + '.', *part, lines_);
  }

  template <class Part>
  void list(std::string_view key, const std::vector<Part>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i)
      list_settings(prefix_ + std::string{key} + '[' + std::to_string(i) + "].", parts[i], lines_);
  }

private:
  lister(std::string prefix, const sourced& owner, std::vector<std::string> defaults, std::vector<setting_line>& lines)
    : prefix_(std::move(prefix)), owner_(owner), defaults_(std::move(defaults)), lines_(lines) {}

  void add(std::string_view key, std::string value, const setting_source& source, std::string allowed_values,
           std::string_view reason) {
    auto standard = std::move(defaults_.at(next_++));
    if (source.from == setting_source::kind::standard) // it may depend on other settings
      standard.clear();
    lines_.push_back({prefix_ + std::string{key}, std::move(value), to_string(source), std::move(allowed_values),
                      std::move(standard), reason});
  }

  std::string prefix_;
  const sourced& owner_;
  std::vector<std::string> defaults_;
  std::size_t next_ = 0;
  std::vector<setting_line>& lines_;
};

template <class Part>
setting_group group_of(std::string heading, std::string path, const Part& part) {
  setting_group result{std::move(heading), std::move(path), {}};
  lister::list_settings({}, part, result.lines);
  return result;
}

std::vector<setting_group> groups_of(const configuration& config) {
  const auto& all = config.settings;
  std::vector<setting_group> result{group_of("node", "node.", all.node)};
  for (const auto& one : all.streams)
    result.push_back(group_of("stream " + one.name, "streams." + one.name + '.', one));
  for (const auto& one : all.queues)
    result.push_back(group_of("queue " + one.name, "queues." + one.name + '.', one));
  for (const auto& name : config.running)
    result.push_back(group_of("service " + name, "services." + name + '.', *find_service(all, name)));
  return result;
}

void add_group(std::string& out, const setting_group& group, explanation explain) {
  constexpr std::size_t widest = 44;
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : group.lines)
    rows.push_back({one.key, one.value, one.source});
  std::stringstream text;
  print_columns(rows, text, "    ", widest);
  out += "\n  " + group.heading + '\n';
  const auto explain_as = [&out](std::string_view label, std::string_view words) {
    if (!words.empty())
      (((out += "        ") += label) += words) += '\n';
  };
  for (const auto& one : group.lines) {
    std::string line;
    std::getline(text, line);
    out += line + '\n';
    if (explain == explanation::none)
      continue;
    explain_as("allowed: ", one.allowed);
    explain_as("default: ", one.standard);
    explain_as("reason: ", one.reason);
  }
}

} // namespace

std::string settings_report(const configuration& config, explanation explain, const std::string& prefix,
                            diagnostics& found) {
  std::string out;
  std::vector<std::string> paths;
  for (auto& group : groups_of(config)) {
    for (const auto& one : group.lines)
      paths.push_back(group.path + one.key);
    std::erase_if(group.lines, [&](const setting_line& one) { return !(group.path + one.key).starts_with(prefix); });
    if (!group.lines.empty())
      add_group(out, group, explain);
  }
  if (out.empty())
    found.add("command line: --key", "no setting begins with " + in_quotes(prefix),
              R"("node", "streams.NAME", "queues.NAME" or "services.NAME", and the keys below)", nearest(prefix, paths));
  return out;
}

} // namespace troupe::node
