#include <troupe/bridges/http/target.hpp>

#include <algorithm>
#include <charconv>

namespace troupe::http {

namespace {

failure invalid(std::string reason) {
  return {errc::invalid, std::move(reason)};
}

bool is_visible(char c) noexcept {
  return c > ' ' && c < '\x7f';
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::optional<unsigned> hex_digit(char c) noexcept {
  if (is_digit(c))
    return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F')
    return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

// The byte that the escape at `text[at]` stands for.
std::optional<unsigned char> unescape(std::string_view text, std::size_t at) noexcept {
  if (at + 2 >= text.size())
    return std::nullopt;
  const auto high = hex_digit(text[at + 1]);
  const auto low = hex_digit(text[at + 2]);
  if (!high || !low)
    return std::nullopt;
  return static_cast<unsigned char>(*high * 16 + *low);
}

expected<std::string> decode_component(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+') {
      result += ' ';
    } else if (text[at] != '%') {
      result += text[at];
    } else {
      const auto byte = unescape(text, at);
      if (!byte)
        return invalid("a percent escape in the query is malformed");
      result += static_cast<char>(*byte);
      at += 2;
    }
  }
  return result;
}

bool starts_with_scheme(std::string_view text, std::string_view scheme) noexcept {
  return text.size() > scheme.size() && same_header_name(text.substr(0, scheme.size()), scheme);
}

expected<request_target> split_origin(std::string_view text, std::string_view authority) {
  const auto question = text.find('?');
  const auto path = text.substr(0, question);
  const auto query = question == std::string_view::npos ? std::string_view{} : text.substr(question + 1);
  return request_target{authority, path.empty() ? std::string_view{"/"} : path, query};
}

} // namespace

expected<request_target> split_target(std::string_view text, method verb) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_visible))
    return invalid("the request target holds bytes that may not stand in it");
  if (text.find('#') != std::string_view::npos)
    return invalid("the request target holds a fragment");
  if (text.front() == '/')
    return split_origin(text, {});
  if (text == "*") {
    if (verb == method::options)
      return request_target{{}, text, {}};
    return invalid("the target * is for OPTIONS");
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!starts_with_scheme(text, scheme))
      continue;
    const auto rest = text.substr(scheme.size());
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (auto host = host_of(authority); !host)
      return host.error();
    return split_origin(rest.substr(authority.size()), authority);
  }
  return invalid("the request target is neither a path nor an http URL");
}

expected<std::string> decode_path(std::string_view path) {
  std::string result;
  result.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] != '%') {
      result += path[at];
      continue;
    }
    const auto byte = unescape(path, at);
    if (!byte || *byte < 0x20 || *byte == 0x7f)
      return invalid("a percent escape in the path is malformed");
    if (*byte == '/')
      result += "%2F";
    else
      result += static_cast<char>(*byte);
    at += 2;
  }
  return result;
}

expected<std::optional<std::string>> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    auto key = decode_component(pair.substr(0, equals));
    if (!key)
      return key.error();
    if (*key != name)
      continue;
    auto value = decode_component(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    if (!value)
      return value.error();
    return std::optional<std::string>{std::move(*value)};
  }
  return std::optional<std::string>{};
}

expected<unsigned> parse_status(std::string_view text) {
  const auto number = parse_number(text, 599);
  if (!number || text.size() != 3 || *number < 200)
    return invalid("a status code is a number from 200 to 599");
  return static_cast<unsigned>(*number);
}

expected<std::int64_t> parse_number(std::string_view text, std::int64_t at_most) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || !is_digit(text.front()) || error != std::errc{} || stop != end || value > at_most)
    return invalid("expected a number from 0 to " + std::to_string(at_most));
  return value;
}

expected<std::string_view> host_of(std::string_view authority) {
  std::string_view host;
  std::string_view rest;
  if (!authority.empty() && authority.front() == '[') {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos)
      return invalid("the brackets of the host are not closed");
    host = authority.substr(1, bracket - 1);
    rest = authority.substr(bracket + 1);
  } else {
    host = authority.substr(0, authority.find(':'));
    rest = authority.substr(host.size());
  }
  const auto fits = [](char c) { return is_visible(c) && c != '@' && c != '/' && c != '[' && c != ']' && c != '?'; };
  if (host.empty() || !std::all_of(host.begin(), host.end(), fits))
    return invalid("the host is malformed");
  if (!rest.empty() && (rest.front() != ':' || (rest.size() > 1 && !parse_number(rest.substr(1), 65535))))
    return invalid("the port of the host is malformed");
  return host;
}

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36)
    return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool hyphen = at == 8 || at == 13 || at == 18 || at == 23;
    if (hyphen ? text[at] != '-' : !hex_digit(text[at]))
      return false;
  }
  return true;
}

bool is_repeatable_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), is_visible);
}

} // namespace troupe::http
