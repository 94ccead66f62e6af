#include "generator.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>
#include <string_view>

#include <google/protobuf/compiler/cpp/names.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>
#include <google/protobuf/io/zero_copy_stream.h>

namespace troupe::contracts {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using google::protobuf::SourceLocation;

// Sorted. C++20's keywords, and the members of the classes that functions for rpcs stand beside.
constexpr std::array<std::string_view, 96> reserved{
  "alignas",       "alignof",     "and",       "and_eq",     "answer_call", "asm",
  "auto",          "bitand",      "bitor",     "bool",       "break",       "case",
  "catch",         "char",        "char16_t",  "char32_t",   "char8_t",     "class",
  "co_await",      "co_return",   "co_yield",  "compl",      "concept",     "const",
  "const_cast",    "consteval",   "constexpr", "constinit",  "continue",    "contract",
  "decltype",      "default",     "delete",    "descriptor", "do",          "double",
  "dynamic_cast",  "else",        "enum",      "explicit",   "export",      "extern",
  "false",         "float",       "for",       "friend",     "goto",        "if",
  "inline",        "int",         "long",      "mutable",    "namespace",   "new",
  "noexcept",      "not",         "not_eq",    "nullptr",    "operator",    "or",
  "or_eq",         "private",     "protected", "public",     "register",    "reinterpret_cast",
  "requires",      "return",      "short",     "signed",     "sizeof",      "static",
  "static_assert", "static_cast", "struct",    "switch",     "template",    "this",
  "thread_local",  "throw",       "true",      "try",        "typedef",     "typeid",
  "typename",      "union",       "unsigned",  "using",      "virtual",     "void",
  "volatile",      "wchar_t",     "while",     "xor",        "xor_eq",      "std"};

// "PlaceOrder" -> "place_order", "GetHTTPInfo" -> "get_http_info".
std::string snake_case(std::string_view name) {
  std::string result;
  const auto is_upper = [&](std::size_t at) { return std::isupper(static_cast<unsigned char>(name[at])) != 0; };
  const auto is_lower = [&](std::size_t at) { return std::islower(static_cast<unsigned char>(name[at])) != 0; };
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool begins_word =
      at > 0 && is_upper(at) && name[at - 1] != '_' && (!is_upper(at - 1) || (at + 1 < name.size() && is_lower(at + 1)));
    if (begins_word)
      result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(name[at])));
  }
  return result;
}

std::string function_name(const MethodDescriptor& rpc) {
  auto name = snake_case(rpc.name());
  if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
    name += '_';
  return name;
}

template <class Declared>
std::string position_of(const Declared& declared, const FileDescriptor& file) {
  SourceLocation found;
  if (!declared.GetSourceLocation(&found))
    return file.name();
  return file.name() + ":" + std::to_string(found.start_line + 1) + ":" + std::to_string(found.start_column + 1);
}

std::string qualified(const Descriptor& message) {
  return google::protobuf::compiler::cpp::QualifiedClassName(&message);
}

// The comment before a declaration, as comment lines.
template <class Declared>
void print_comment(const Declared& declared, google::protobuf::io::Printer& to) {
  SourceLocation found;
  if (!declared.GetSourceLocation(&found))
    return;
  std::string_view text = found.leading_comments;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    to.Print("///$line$\n", "line", std::string{text.substr(0, end)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string streams(const MethodDescriptor& rpc) {
  if (rpc.client_streaming())
    return rpc.server_streaming() ? "streams both ways" : "streams its request";
  return rpc.server_streaming() ? "streams its answer" : "";
}

// One line for each rpc that cannot be a message of an actor.
std::string mistakes_of(const ServiceDescriptor& service, const FileDescriptor& file) {
  std::string result;
  std::map<std::string, const MethodDescriptor*> names;
  for (int number = 0; number < service.method_count(); ++number) {
    const auto& rpc = *service.method(number);
    const auto prefix = "\n" + position_of(rpc, file) + ": rpc " + rpc.full_name();
    if (const auto how = streams(rpc); !how.empty())
      result +=
        prefix + " " + how
        + ", and a message of an actor has one request and one answer: declare the stream in a service of its own, in a "
          "file that is not compiled as a contract";
    if (const auto [same, added] = names.emplace(function_name(rpc), &rpc); !added)
      result += prefix + " and rpc " + same->second->full_name() + " both become the function " + same->first
                + ": rename one of them";
  }
  return result;
}

void print_service(const ServiceDescriptor& service, google::protobuf::io::Printer& to) {
  std::map<std::string, std::string> words{{"class", snake_case(service.name()) + "_service"},
                                           {"full", service.full_name()}};
  print_comment(service, to);
  to.Print(words, "class $class$ : public ::troupe::contract_service {\n"
                  "public:\n"
                  "  static const ::google::protobuf::ServiceDescriptor& contract() {\n"
                  "    static const auto& linked = ::troupe::linked_contract(\"$full$\");\n"
                  "    return linked;\n"
                  "  }\n");
  for (int number = 0; number < service.method_count(); ++number) {
    const auto& rpc = *service.method(number);
    to.Print("\n");
    to.Indent();
    print_comment(rpc, to);
    to.Outdent();
    to.Print("  virtual ::troupe::task<$response$> $function$(const $request$& request, ::troupe::call& at) = 0;\n",
             "response", qualified(*rpc.output_type()), "function", function_name(rpc), "request",
             qualified(*rpc.input_type()));
  }
  to.Print("\n"
           "  const ::google::protobuf::ServiceDescriptor& descriptor() const final { return contract(); }\n"
           "  ::troupe::task<::troupe::contract_answer> answer_call(::troupe::contract_call asked) final {\n"
           "    if (asked.method->service() != &contract())\n"
           "      return ::troupe::refuse_method(std::move(asked), contract());\n"
           "    switch (asked.method->index()) {\n");
  for (int number = 0; number < service.method_count(); ++number)
    to.Print("      case $number$:\n"
             "        return ::troupe::answer_by_method(std::move(asked), *this, &$class$::$function$);\n",
             "number", std::to_string(number), "class", words["class"], "function", function_name(*service.method(number)));
  to.Print("      default:\n"
           "        return ::troupe::refuse_method(std::move(asked), contract());\n"
           "    }\n"
           "  }\n"
           "};\n\n");
}

void print_client(const ServiceDescriptor& service, google::protobuf::io::Printer& to) {
  const auto base = snake_case(service.name());
  to.Print("/// Calls $full$.\n"
           "class $base$_client {\n"
           "public:\n"
           "  static const ::google::protobuf::ServiceDescriptor& contract() { return $base$_service::contract(); }\n"
           "\n"
           "  explicit $base$_client(::troupe::contract_callee callee) : callee_(std::move(callee)) {}\n",
           "full", service.full_name(), "base", base);
  for (int number = 0; number < service.method_count(); ++number) {
    const auto& rpc = *service.method(number);
    to.Print("\n");
    to.Indent();
    print_comment(rpc, to);
    to.Outdent();
    to.Print("  ::troupe::outbound_call<$response$> $function$($request$ request, ::troupe::call& at) const {\n"
             "    return ::troupe::call_method<$response$>(callee_, *$base$_service::contract().method($number$),\n"
             "      \"$path$\", std::move(request), at);\n"
             "  }\n",
             "response", qualified(*rpc.output_type()), "function", function_name(rpc), "request",
             qualified(*rpc.input_type()), "base", base, "number", std::to_string(number), "path",
             service.full_name() + "/" + rpc.name());
  }
  to.Print("\n"
           "private:\n"
           "  ::troupe::contract_callee callee_;\n"
           "};\n\n");
}

// "shop.v1" -> "shop::v1".
std::string namespace_of(const FileDescriptor& file) {
  std::string result;
  for (const char c : file.package())
    result += c == '.' ? std::string{"::"} : std::string{c};
  return result;
}

} // namespace

bool generator::Generate(const FileDescriptor* file, const std::string& /*parameter*/,
                         google::protobuf::compiler::GeneratorContext* context, std::string* error) const {
  for (int number = 0; number < file->service_count(); ++number)
    *error += mistakes_of(*file->service(number), *file);
  if (!error->empty()) {
    error->erase(0, 1); // the first of the line ends
    return false;
  }
  const auto base = file->name().substr(0, file->name().rfind('.'));
  const std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> written{context->Open(base + ".troupe.hpp")};
  google::protobuf::io::Printer to{written.get(), '$'};
  to.Print("// Generated from $file$. Do not edit.\n"
           "#pragma once\n\n"
           "#include <utility>\n\n"
           "#include <troupe/actors/contracts/client.hpp>\n"
           "#include <troupe/actors/contracts/service.hpp>\n\n"
           "#include \"$base$.pb.h\"\n\n",
           "file", file->name(), "base", base);
  const auto space = namespace_of(*file);
  if (!space.empty())
    to.Print("namespace $space$ {\n\n", "space", space);
  for (int number = 0; number < file->service_count(); ++number) {
    print_service(*file->service(number), to);
    print_client(*file->service(number), to);
  }
  if (!space.empty())
    to.Print("} // namespace $space$\n", "space", space);
  return true;
}

} // namespace troupe::contracts
