#include <troupe/bridges/mongodb/connection_string.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include <troupe/bridges/mongodb/library.hpp>

namespace troupe::mongodb {

namespace {

std::int32_t milliseconds(duration span) noexcept {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

// What stands between the scheme and the hosts.
std::string_view login_of(std::string_view uri) noexcept {
  const auto begin = uri.find("://");
  if (begin == std::string_view::npos)
    return {};
  const auto rest = uri.substr(begin + 3);
  const auto end = rest.rfind('@'); // a password that should have been escaped may hold one
  return end == std::string_view::npos ? std::string_view{} : rest.substr(0, end);
}

// The library quotes some of the text that it cannot parse.
std::string without_secrets(std::string words, std::string_view uri) {
  const auto hide = [&words](std::string_view secret) {
    for (auto at = words.find(secret); !secret.empty() && at != std::string::npos; at = words.find(secret, at + 3))
      words.replace(at, secret.size(), "***");
  };
  const auto login = login_of(uri);
  hide(login);
  if (const auto colon = login.find(':'); colon != std::string_view::npos)
    hide(login.substr(colon + 1));
  if (const auto query = uri.find('?'); query != std::string_view::npos)
    for (auto rest = uri.substr(query + 1); !rest.empty();) { // the values of options, some of which are secrets too
      const auto option = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(option.size() + 1, rest.size()));
      if (const auto sign = option.find('='); sign != std::string_view::npos)
        hide(option.substr(sign + 1));
    }
  return words;
}

expected<uri_handle> parse(const secret& uri) {
  begin_library();
  const auto& text = uri.reveal();
  if (text.find('\0') != std::string::npos)
    return failure{errc::invalid, "the connection string holds a NUL"};
  bson_error_t problem{};
  uri_handle result{mongoc_uri_new_with_error(text.c_str(), &problem)};
  if (!result)
    return failure{errc::invalid, without_secrets(problem.message, text)};
  if (!mongoc_write_concern_is_acknowledged(mongoc_uri_get_write_concern(result.get())))
    return failure{errc::invalid, "w=0 asks for writes that are not acknowledged"};
  return result;
}

void default_to(mongoc_uri_t& uri, const char* option, duration span) {
  if (!mongoc_uri_has_option(&uri, option))
    mongoc_uri_set_option_as_int32(&uri, option, milliseconds(span));
}

void default_to(mongoc_uri_t& uri, const char* option, const std::string& text) {
  if (!text.empty() && !mongoc_uri_has_option(&uri, option))
    mongoc_uri_set_option_as_utf8(&uri, option, text.c_str());
}

void default_to(mongoc_uri_t& uri, const char* option, bool value) {
  if (!mongoc_uri_has_option(&uri, option))
    mongoc_uri_set_option_as_bool(&uri, option, value);
}

// The server must give up before we do, so that the error is its own.
void acknowledged_by_majority(mongoc_uri_t& uri, duration within) {
  const auto* given = mongoc_uri_get_write_concern(&uri);
  if (mongoc_write_concern_get_w(given) != MONGOC_WRITE_CONCERN_W_DEFAULT)
    return;
  const concern_handle wanted{mongoc_write_concern_copy(given)};
  const auto timeout = mongoc_write_concern_get_wtimeout(given);
  mongoc_write_concern_set_wmajority(wanted.get(), timeout != 0 ? timeout : milliseconds(within * 4 / 5));
  mongoc_uri_set_write_concern(&uri, wanted.get());
}

} // namespace

expected<uri_handle> complete(const secret& uri, const config& with) {
  auto result = parse(uri);
  if (result.has_error())
    return result;
  auto& made = **result;
  default_to(made, MONGOC_URI_CONNECTTIMEOUTMS, with.connect);
  default_to(made, MONGOC_URI_SOCKETTIMEOUTMS, with.operation);
  default_to(made, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, with.operation);
  default_to(made, MONGOC_URI_HEARTBEATFREQUENCYMS, with.heartbeat);
  default_to(made, MONGOC_URI_RETRYWRITES, true);
  default_to(made, MONGOC_URI_APPNAME, with.name);
  if (!with.files.authorities.empty() || !with.files.identity.empty())
    default_to(made, MONGOC_URI_TLS, true);
  default_to(made, MONGOC_URI_TLSCAFILE, with.files.authorities);
  default_to(made, MONGOC_URI_TLSCERTIFICATEKEYFILE, with.files.identity);
  acknowledged_by_majority(made, with.operation);
  return result;
}

std::string wrong_uri(const secret& uri) {
  const auto read = parse(uri);
  return read.has_error() ? read.error().reason : std::string{};
}

std::string masked(const secret& uri) {
  const auto read = parse(uri);
  if (read.has_error())
    return "***";
  const auto* const concern = read->get();
  const auto* const service = mongoc_uri_get_srv_hostname(concern);
  std::string result = service != nullptr ? "mongodb+srv://" : "mongodb://";
  if (const auto* const user = mongoc_uri_get_username(concern); user != nullptr)
    result.append(user).append(":***@");
  if (service != nullptr)
    return result.append(service);
  for (const auto* host = mongoc_uri_get_hosts(concern); host != nullptr; host = host->next)
    result.append(host->host_and_port).append(host->next != nullptr ? "," : "");
  return result;
}

} // namespace troupe::mongodb
