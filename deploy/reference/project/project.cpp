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

// The keywords that a name of lower-case letters can be; the namespaces, functions and macros that every source may have;
// and what CMake has targets of.
constexpr std::array taken{"abort",        "abs",           "accept",
                           "access",       "alignas",       "alignof",
                           "all",          "and",           "and_eq",
                           "asm",          "auto",          "bind",
                           "bitand",       "bitor",         "bool",
                           "boost",        "break",         "caf",
                           "case",         "catch",         "ceil",
                           "char",         "char16_t",      "char32_t",
                           "char8_t",      "class",         "clean",
                           "clock",        "close",         "co_await",
                           "co_return",    "co_yield",      "compl",
                           "concept",      "connect",       "const",
                           "const_cast",   "consteval",     "constexpr",
                           "constinit",    "continue",      "cos",
                           "decltype",     "default",       "delete",
                           "depend",       "div",           "do",
                           "double",       "dup",           "dynamic_cast",
                           "else",         "enum",          "environ",
                           "exit",         "exp",           "explicit",
                           "export",       "extern",        "false",
                           "float",        "floor",         "for",
                           "fork",         "free",          "friend",
                           "gamma",        "getline",       "google",
                           "goto",         "grpc",          "help",
                           "if",           "index",         "inline",
                           "install",      "int",           "isnan",
                           "kill",         "link",          "linux",
                           "listen",       "log",           "long",
                           "main",         "malloc",        "mutable",
                           "namespace",    "new",           "noexcept",
                           "not",          "not_eq",        "nullptr",
                           "open",         "operator",      "or",
                           "or_eq",        "package",       "pause",
                           "pipe",         "pow",           "printf",
                           "private",      "protected",     "public",
                           "rand",         "random",        "read",
                           "recv",         "register",      "reinterpret_cast",
                           "remove",       "rename",        "requires",
                           "return",       "round",         "select",
                           "send",         "short",         "signal",
                           "signbit",      "signed",        "sin",
                           "sizeof",       "sleep",         "stat",
                           "static",       "static_assert", "static_cast",
                           "std",          "struct",        "switch",
                           "sync",         "system",        "tan",
                           "template",     "test",          "this",
                           "thread_local", "throw",         "time",
                           "troupe",       "true",          "truncate",
                           "try",          "typedef",       "typeid",
                           "typename",     "union",         "unix",
                           "unsigned",     "using",         "virtual",
                           "void",         "volatile",      "wait",
                           "wchar_t",      "while",         "write",
                           "xor",          "xor_eq"};

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
