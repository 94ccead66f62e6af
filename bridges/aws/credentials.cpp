#include <troupe/bridges/aws/credentials.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include <troupe/bridges/aws/profile.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::aws {

namespace {

constexpr std::size_t largest_file = std::size_t{64} << 10U;

expected<std::string> read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return failure{errc::not_found, path + " cannot be opened"};
  std::string text(largest_file + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || text.size() > largest_file)
    return failure{errc::invalid, path + " cannot be read, or is larger than 64 KiB"};
  return text;
}

// Each finds nothing where it is not configured, and fails where it is by halves.
expected<std::optional<provider>> from_environment(const surroundings& around) {
  auto id = around.variable("AWS_ACCESS_KEY_ID");
  auto key = around.variable("AWS_SECRET_ACCESS_KEY");
  if (!id && !key)
    return std::optional<provider>{};
  if (!id || !key)
    return failure{errc::invalid, std::string{id ? "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY"
                                                 : "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID"}
                                    + " is not"};
  const auto token = around.variable("AWS_SESSION_TOKEN").value_or("");
  return std::optional{
    provider{known_keys{{std::move(*id), secret{std::move(*key)}, secret{token}, {}}}, "the environment"}};
}

expected<std::optional<provider>> from_web_identity(const surroundings& around) {
  auto file = around.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file)
    return std::optional<provider>{};
  auto role = around.variable("AWS_ROLE_ARN");
  if (!role)
    return failure{errc::invalid, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not"};
  auto session = around.variable("AWS_ROLE_SESSION_NAME").value_or("troupe");
  return std::optional{provider{web_identity{std::move(*role), std::move(*file), std::move(session)}, "web identity"}};
}

std::string setting(const profile& from, std::string_view name) {
  const auto found = from.find(name);
  return found == from.end() ? std::string{} : found->second;
}

expected<std::optional<provider>> from_profile(const surroundings& around) {
  const auto read = read_profile(around);
  if (!read)
    return read.error();
  const auto role = setting(*read, "role_arn");
  const auto token_file = setting(*read, "web_identity_token_file");
  if (!role.empty() && !token_file.empty()) {
    const auto session = setting(*read, "role_session_name");
    return std::optional{
      provider{web_identity{role, token_file, session.empty() ? "troupe" : session}, "web identity of the profile"}};
  }
  const auto id = setting(*read, "aws_access_key_id");
  const auto key = setting(*read, "aws_secret_access_key");
  // A role that is assumed with these keys would have other rights than they.
  if (role.empty() && !id.empty() && !key.empty())
    return std::optional{
      provider{known_keys{{id, secret{key}, secret{setting(*read, "aws_session_token")}, {}}}, "the shared files"}};
  for (const auto* const other : {"role_arn", "credential_process", "sso_session", "sso_start_url"})
    if (!setting(*read, other).empty())
      return failure{errc::invalid, "the AWS profile has " + std::string{other}
                                      + ", which is not supported; expected keys, or role_arn with web_identity_token_file"};
  return std::optional<provider>{};
}

expected<std::optional<provider>> from_container(const surroundings& around) {
  const auto relative = around.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").value_or("");
  const auto full = around.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI").value_or("");
  if (relative.empty() && full.empty())
    return std::optional<provider>{};
  auto url = container_url(relative, full);
  if (!url)
    return url.error();
  container_endpoint found{std::move(*url), around.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").value_or(""),
                           secret{around.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("")}};
  return std::optional{provider{std::move(found), "the container's endpoint"}};
}

// 127.0.0.0/8 as four decimal numbers.
bool is_loopback_literal(std::string_view host) {
  unsigned parts = 0;
  while (parts < 4) {
    unsigned value = 0;
    const auto* const end = host.data() + host.size();
    const auto [rest, problem] = std::from_chars(host.data(), end, value);
    if (problem != std::errc{} || value > 255 || (parts == 0 && value != 127))
      return false;
    host.remove_prefix(static_cast<std::size_t>(rest - host.data()));
    if (++parts == 4)
      return host.empty();
    if (!host.starts_with('.'))
      return false;
    host.remove_prefix(1);
  }
  return false;
}

bool may_be_asked_in_plain(std::string_view host) {
  constexpr std::array<std::string_view, 5> others{"localhost", "[::1]", "169.254.170.2", "169.254.170.23",
                                                   "[fd00:ec2::23]"};
  return is_loopback_literal(host) || std::ranges::find(others, host) != others.end();
}

// Without a port; empty where the text tries to hide it.
std::string_view host_of(std::string_view url) {
  const auto authority = url.substr(0, url.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return {};
  if (authority.starts_with('['))
    return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

} // namespace

surroundings process_surroundings() {
  return {[](const std::string& name) -> std::optional<std::string> {
            // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment.
            const auto* const value = std::getenv(name.c_str());
            auto text = without_line_ends(value == nullptr ? "" : value);
            return text.empty() ? std::nullopt : std::optional{std::move(text)};
          },
          read_file};
}

expected<std::string> container_url(const std::string& relative, const std::string& full) {
  if (!relative.empty()) {
    if (relative.front() != '/')
      return failure{errc::invalid, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with /"};
    return "http://169.254.170.2" + relative;
  }
  constexpr std::string_view plain = "http://";
  constexpr std::string_view secured = "https://";
  const std::string_view url{full};
  if (url.starts_with(secured) && !host_of(url.substr(secured.size())).empty())
    return full;
  if (url.starts_with(plain) && may_be_asked_in_plain(host_of(url.substr(plain.size()))))
    return full;
  return failure{errc::invalid,
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to this machine or to the addresses "
                 "169.254.170.2, 169.254.170.23 and fd00:ec2::23"};
}

expected<provider> choose_provider(const surroundings& around) {
  for (const auto look : {from_environment, from_web_identity, from_profile, from_container}) {
    auto found = look(around);
    if (!found)
      return found.error();
    if (*found)
      return std::move(**found);
  }
  return failure{errc::unauthenticated,
                 "no AWS credentials: none in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), web identity "
                 "(AWS_WEB_IDENTITY_TOKEN_FILE), the shared files' profile or a container's endpoint"};
}

} // namespace troupe::aws
