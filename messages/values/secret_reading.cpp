#include <troupe/messages/values/secret_reading.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/json.hpp>

namespace troupe {

namespace {

struct scheme {
  std::string_view name;
  secret_keeper keeper;
};

constexpr std::array<scheme, 4> schemes{{{"env", secret_keeper::environment},
                                         {"file", secret_keeper::file},
                                         {"aws-secretsmanager", secret_keeper::secrets_manager},
                                         {"aws-ssm", secret_keeper::parameter_store}}};

constexpr std::size_t longest = 2048; // what AWS takes of a name

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_variable(std::string_view name) {
  return !is_digit(name.front())
         && std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
}

// Names of secrets and parameters, and ARNs.
bool is_aws_name(std::string_view name) {
  constexpr std::string_view signs = "/_+=.@:-";
  return std::ranges::all_of(name,
                             [&](char c) { return is_letter(c) || is_digit(c) || signs.find(c) != std::string_view::npos; });
}

failure wrong(std::string_view expectation) {
  return {errc::invalid, "expected " + std::string{expectation}};
}

std::optional<failure> mistake_in(const secret_reference& reference) {
  if (reference.name.empty() || reference.name.size() > longest)
    return wrong("a name of 1 to 2048 bytes after the colon");
  switch (reference.keeper) {
    case secret_keeper::environment:
      if (!is_variable(reference.name))
        return wrong("the name of a variable after env:");
      break;
    case secret_keeper::file:
      if (reference.name.front() != '/' || reference.name.find('\0') != std::string::npos)
        return wrong("an absolute path after file:");
      break;
    case secret_keeper::secrets_manager:
    case secret_keeper::parameter_store:
      if (!is_aws_name(reference.name))
        return wrong("letters, digits and /_+=.@:- in the name of a secret or parameter");
      break;
  }
  if (!is_printable(reference.stage))
    return wrong("a stage without blanks");
  return {};
}

// Takes what follows `sign` off the text.
std::optional<std::string_view> cut_off(std::string_view& text, std::string_view sign) {
  const auto at = text.find(sign);
  if (at == std::string_view::npos)
    return {};
  const auto rest = text.substr(at + sign.size());
  text = text.substr(0, at);
  return rest;
}

expected<secret> trimmed(const std::string& text) {
  auto result = without_line_ends(text);
  if (result.empty() && !text.empty())
    return failure{errc::invalid, "the secret is empty but for line ends"};
  return secret{std::move(result)};
}

} // namespace

expected<secret_reference> parse_secret_reference(std::string_view text) {
  const auto colon = text.find(':');
  const auto* const found = std::ranges::find(schemes, text.substr(0, colon), &scheme::name);
  if (colon == std::string_view::npos || found == schemes.end())
    return wrong("env:NAME, file:/PATH, aws-secretsmanager:NAME[?stage=STAGE] or aws-ssm:NAME, and then [#FIELD]");
  secret_reference result{.keeper = found->keeper};
  text.remove_prefix(colon + 1);
  if (const auto field = cut_off(text, "#")) {
    if (field->empty())
      return wrong("the member of a JSON object after #");
    result.field = *field;
  }
  if (result.keeper == secret_keeper::secrets_manager)
    if (const auto query = cut_off(text, "?")) {
      constexpr std::string_view key = "stage=";
      if (!query->starts_with(key) || query->size() == key.size())
        return wrong("stage=STAGE after ?");
      result.stage = query->substr(key.size());
    }
  result.name = text;
  if (auto mistake = mistake_in(result))
    return std::move(*mistake);
  return result;
}

std::string to_string(const secret_reference& reference) {
  const auto* const found = std::ranges::find(schemes, reference.keeper, &scheme::keeper);
  auto result = std::string{found->name} + ":" + reference.name;
  if (!reference.stage.empty())
    result += "?stage=" + reference.stage;
  if (!reference.field.empty())
    result += "#" + reference.field;
  return result;
}

std::string without_line_ends(std::string text) {
  text.resize(text.find_last_not_of("\r\n") + 1);
  return text;
}

expected<secret> select_field(const secret& whole, const std::string& field) {
  if (field.empty())
    return trimmed(whole.reveal());
  boost::system::error_code problem;
  const auto parsed = boost::json::parse(whole.reveal(), problem);
  const auto* const object = problem ? nullptr : parsed.if_object();
  if (object == nullptr)
    return failure{errc::undecodable, "the secret is no JSON object, so it has no member " + field};
  const auto* const member = object->if_contains(field);
  if (member == nullptr)
    return failure{errc::not_found, "the secret has no member " + field};
  if (const auto* const text = member->if_string())
    return trimmed(std::string{*text});
  return secret{boost::json::serialize(*member)};
}

std::vector<std::string> split_list(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string> result;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto part = text.substr(0, comma);
    if (const auto first = part.find_first_not_of(blanks); first != std::string_view::npos)
      result.emplace_back(part.substr(first, part.find_last_not_of(blanks) - first + 1));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return result;
}

} // namespace troupe
