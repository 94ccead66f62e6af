#include <troupe/bridges/aws/codec.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

#include <boost/json.hpp>

#include <troupe/bridges/aws/xml.hpp>

namespace troupe::aws {

namespace {

constexpr std::size_t longest_message = 300;

// Nothing where the text is no JSON object.
std::optional<boost::json::object> object_of(std::string_view text) {
  boost::system::error_code problem;
  auto parsed = boost::json::parse(text, problem);
  if (problem || !parsed.is_object())
    return {};
  return std::move(parsed.get_object());
}

std::string text_of(const boost::json::object& from, std::string_view name) {
  const auto* const member = from.if_contains(name);
  const auto* const text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

// RFC 4648, with its padding.
std::optional<std::string> from_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0)
    return {};
  const auto padding = text.size() - std::min(text.find('='), text.size());
  if (padding > 2 || text.substr(text.size() - padding) != std::string_view{"=="}.substr(0, padding))
    return {};
  std::string result;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const auto c : text.substr(0, text.size() - padding)) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos)
      return {};
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      result += static_cast<char>((bits >> held) & 0xFFU);
    }
  }
  return result;
}

// As a form has it: all but the unreserved signs of RFC 3986.
std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  std::string result;
  for (const auto c : text) {
    if (unreserved.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
  }
  return result;
}

// One line that fits into a log, from any author.
std::string shown(std::string text) {
  text.resize(std::min(text.size(), longest_message));
  std::ranges::replace_if(
    text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return text;
}

// "aws.protocols#ResourceNotFoundException:http://..." is a ResourceNotFoundException.
std::string bare_name(std::string_view type) {
  type = type.substr(0, type.find_first_of(":,"));
  if (const auto sign = type.rfind('#'); sign != std::string_view::npos)
    type.remove_prefix(sign + 1);
  return shown(std::string{type});
}

expected<credentials> complete(std::string id, std::string key, std::string token, const std::string& until) {
  const auto expires = parse_timestamp(until);
  if (id.empty() || key.empty() || token.empty() || !expires)
    return failure{errc::undecodable, "expected a key id, a secret key, a session token and when they expire"};
  return credentials{std::move(id), secret{std::move(key)}, secret{std::move(token)}, *expires};
}

expected<secret_value> decode_secret(const boost::json::object& from) {
  auto version = text_of(from, "VersionId");
  if (const auto* const text = from.if_contains("SecretString"); text != nullptr && text->is_string())
    return secret_value{secret{std::string{text->get_string()}}, std::move(version)};
  if (const auto* const binary = from.if_contains("SecretBinary"); binary != nullptr && binary->is_string())
    if (auto bytes = from_base64(binary->get_string()))
      return secret_value{secret{std::move(*bytes)}, std::move(version)};
  return failure{errc::undecodable, "the answer of Secrets Manager holds no secret"};
}

expected<secret_value> decode_parameter(const boost::json::object& from) {
  const auto* const parameter = from.if_contains("Parameter");
  const auto* const members = parameter == nullptr ? nullptr : parameter->if_object();
  const auto* const value = members == nullptr ? nullptr : members->if_contains("Value");
  if (value == nullptr || !value->is_string())
    return failure{errc::undecodable, "the answer of Parameter Store holds no parameter"};
  const auto* const version = members->if_contains("Version");
  return secret_value{secret{std::string{value->get_string()}}, version == nullptr ? "" : boost::json::serialize(*version)};
}

} // namespace

request encode_read(const secret_reference& reference, const std::string& url, const credentials& signer) {
  boost::json::object body;
  const auto manager = reference.keeper == secret_keeper::secrets_manager;
  if (manager) {
    body["SecretId"] = reference.name;
    body["VersionStage"] = reference.stage.empty() ? "AWSCURRENT" : reference.stage;
  } else {
    body["Name"] = reference.name;
    body["WithDecryption"] = true;
  }
  request result{url + "/",
                 {{"Content-Type", "application/x-amz-json-1.1"},
                  {"X-Amz-Target", manager ? "secretsmanager.GetSecretValue" : "AmazonSSM.GetParameter"}},
                 boost::json::serialize(body),
                 manager ? "secretsmanager" : "ssm",
                 signer};
  if (!signer.session_token.empty())
    result.headers.push_back({"X-Amz-Security-Token", signer.session_token.reveal()});
  return result;
}

request encode_assume_role(const web_identity& who, const std::string& token, const std::string& url) {
  return {url + "/",
          {{"Content-Type", "application/x-www-form-urlencoded"}},
          "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" + escaped(who.role)
            + "&RoleSessionName=" + escaped(who.session_name) + "&WebIdentityToken=" + escaped(token),
          {},
          {}};
}

expected<request> encode_container_question(const container_endpoint& endpoint, const std::string& token) {
  request result{endpoint.url, {{"Accept", "application/json"}}, {}, {}, {}};
  if (std::ranges::any_of(token, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }))
    return failure{errc::invalid, "the authorization token of the container's endpoint holds line breaks"};
  if (!token.empty())
    result.headers.push_back({"Authorization", token});
  return result;
}

std::string signing_scope(std::string_view region, std::string_view service) {
  return "aws:amz:" + std::string{region} + ":" + std::string{service};
}

expected<secret_value> decode_read(const secret_reference& reference, const http_response& response) {
  if (response.status != 200)
    return to_failure(decode_error(response));
  const auto object = object_of(response.body);
  if (!object)
    return failure{errc::undecodable, "the answer is no JSON object"};
  auto value = reference.keeper == secret_keeper::secrets_manager ? decode_secret(*object) : decode_parameter(*object);
  if (!value)
    return value;
  auto picked = select_field(value->text, reference.field);
  if (!picked)
    return picked.error();
  value->text = std::move(*picked);
  return value;
}

expected<credentials> decode_assume_role(const http_response& response) {
  if (response.status != 200)
    return to_failure(decode_error(response));
  const auto element = [&](std::string_view name) { return element_text(response.body, name).value_or(""); };
  return complete(element("AccessKeyId"), element("SecretAccessKey"), element("SessionToken"), element("Expiration"));
}

expected<credentials> decode_container_answer(const http_response& response) {
  if (response.status != 200)
    return to_failure(decode_error(response));
  const auto object = object_of(response.body);
  if (!object)
    return failure{errc::undecodable, "the container's endpoint did not answer with a JSON object"};
  return complete(text_of(*object, "AccessKeyId"), text_of(*object, "SecretAccessKey"), text_of(*object, "Token"),
                  text_of(*object, "Expiration"));
}

service_error decode_error(const http_response& response) {
  service_error result{response.status, bare_name(response.error_type), {}};
  if (const auto object = object_of(response.body)) {
    for (const auto* const name : {"__type", "code", "Code"})
      if (result.name.empty())
        result.name = bare_name(text_of(*object, name));
    for (const auto* const name : {"message", "Message"})
      if (result.message.empty())
        result.message = shown(text_of(*object, name));
    return result;
  }
  if (const auto code = element_text(response.body, "Code"); code && result.name.empty())
    result.name = bare_name(*code);
  result.message = shown(element_text(response.body, "Message").value_or(""));
  return result;
}

} // namespace troupe::aws
