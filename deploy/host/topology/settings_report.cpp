#include <troupe/deploy/host/topology/settings_report.hpp>

#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/columns.hpp>
#include <troupe/deploy/host/topology/settings_lister.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::host {

namespace {

/// The settings under one heading. `path` is that of all of them.
struct setting_group {
  std::string heading;
  std::string path;
  std::vector<setting_line> lines;
};

template <class Part>
setting_group group_of(std::string heading, std::string path, const Part& part) {
  setting_group result{std::move(heading), std::move(path), {}};
  setting_lister::list_settings({}, part, result.lines);
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
    rows.push_back({one.key, one.value, to_string(one.source)});
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

void add_member(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  if (value.empty())
    out += "null";
  else
    append_json_string(out, value);
}

std::string place_of(const setting_source& source) {
  return source.from == setting_source::kind::file ? to_string(source.where) : source.name;
}

constexpr std::string_view word_of(setting_source::kind from) noexcept {
  switch (from) {
    case setting_source::kind::standard:
      return "default";
    case setting_source::kind::file:
      return "file";
    case setting_source::kind::environment:
      return "environment";
    case setting_source::kind::flag:
      return "flag";
    case setting_source::kind::code:
      return "code";
  }
  return "default";
}

void add_setting(std::string& out, const std::string& path, const setting_line& one) {
  out += R"({"name":)";
  append_json_string(out, path + one.key);
  out += R"(,"value":)";
  append_json_string(out, one.value);
  add_member(out, "source", word_of(one.source.from));
  add_member(out, "place", place_of(one.source));
  add_member(out, "default", one.standard);
  add_member(out, "range", one.allowed);
  add_member(out, "reason", one.reason);
  out += '}';
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

std::string settings_json(const configuration& config) {
  std::string out = R"({"settings":[)";
  for (const auto& group : groups_of(config))
    for (const auto& one : group.lines) {
      if (out.back() == '}')
        out += ',';
      add_setting(out, group.path, one);
    }
  return out + "]}";
}

} // namespace troupe::host
