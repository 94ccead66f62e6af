#include <troupe/deploy/reference/project/project.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include <troupe/deploy/reference/project/built_in.hpp>
#include <troupe/deploy/reference/project/template.hpp>

namespace troupe::reference {

namespace {

namespace files = std::filesystem;

constexpr std::size_t longest = 40; // names of Kubernetes are made of it

// The keywords that a name of lower-case letters can be; the namespaces and functions that every source may have; and what
// CMake has targets of.
constexpr std::array taken{
  "alignas", "alignof", "and",      "asm",       "auto",      "bool",    "boost",    "break",    "caf",      "case",
  "catch",   "char",    "class",    "clock",     "compl",     "concept", "const",    "continue", "default",  "delete",
  "do",      "double",  "else",     "enum",      "explicit",  "export",  "extern",   "false",    "float",    "for",
  "friend",  "goto",    "google",   "grpc",      "if",        "index",   "inline",   "int",      "kill",     "link",
  "log",     "long",    "main",     "mutable",   "namespace", "new",     "noexcept", "not",      "nullptr",  "operator",
  "or",      "pause",   "private",  "protected", "public",    "random",  "read",     "register", "remove",   "requires",
  "return",  "select",  "short",    "signal",    "signed",    "sizeof",  "sleep",    "stat",     "static",   "std",
  "struct",  "switch",  "system",   "template",  "this",      "throw",   "time",     "true",     "troupe",   "try",
  "typedef", "typeid",  "typename", "union",     "unsigned",  "using",   "virtual",  "void",     "volatile", "wait",
  "while",   "write",   "xor",      "all",       "clean",     "depend",  "help",     "install",  "package",  "test"};

bool is_word(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && is_letter(name.front()) && name.back() != '_' && name.find("__") == std::string_view::npos
         && std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool has_part(const std::vector<host::project_part>& parts, host::project_part one) {
  return parts.empty() || std::ranges::find(parts, one) != parts.end();
}

} // namespace

std::string wrong_project_name(const std::string& name) {
  if (name.size() > longest || !is_word(name))
    return "it is no identifier: at most 40 lower-case letters, digits and single underscores, beginning with a letter";
  if (std::ranges::find(taken, name) != taken.end())
    return "it has a meaning of its own in C++, in the C library or in CMake";
  return {};
}

std::vector<project_file> project_files(const std::string& name, const std::vector<host::project_part>& parts) {
  const bool contract = has_part(parts, host::project_part::contract);
  const bool consumer = has_part(parts, host::project_part::consumer);
  auto service_name = name; // as Kubernetes has it
  std::ranges::replace(service_name, '_', '-');
  template_values values{{{"name", name},
                          {"service-name", service_name},
                          {"service", contract ? "notes" : "archive"},
                          {"version", TROUPE_RELEASE}},
                         {}};
  if (contract)
    values.parts.insert("contract");
  if (consumer)
    values.parts.insert("consumer");
  if (contract && consumer)
    values.parts.insert("both");
  std::vector<project_file> result;
  for (const auto& [path, text] : built_in_templates())
    result.push_back({fill_in(path, values), fill_in(text, values)});
  return result;
}

expected<void> write_project(const std::string& folder, const std::vector<project_file>& all) {
  std::error_code problem;
  const auto failed = [&](const std::string& what) { return failure{errc::invalid, what + ": " + problem.message()}; };
  if (files::exists(folder, problem)) {
    if (!files::is_directory(folder, problem))
      return failure{errc::invalid, folder + " is no folder"};
    const files::directory_iterator first{folder, problem};
    if (problem)
      return failed(folder);
    if (first != files::directory_iterator{})
      return failure{errc::invalid, folder + " is not empty: it has " + first->path().filename().string()};
  }
  for (const auto& each : all) {
    const auto path = files::path{folder} / each.path;
    files::create_directories(path.parent_path(), problem);
    if (problem)
      return failed(path.parent_path().string());
    std::ofstream out{path, std::ios::binary};
    if (!out.write(each.text.data(), static_cast<std::streamsize>(each.text.size())).flush())
      return failure{errc::invalid, path.string() + " cannot be written"};
  }
  return {};
}

} // namespace troupe::reference
