#include <troupe/bridges/http/page.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

#include <troupe/bridges/http/problem.hpp>

namespace troupe::http {

namespace {

constexpr std::string_view security_policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
  "form-action 'none'; frame-ancestors 'none'";

std::string_view media_type_of(std::string_view name) noexcept {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{{
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
  }};
  for (const auto& [extension, type] : types)
    if (name.ends_with(extension))
      return type;
  return "application/octet-stream";
}

// Whether one of the entity tags of an If-None-Match is ours. Weak ones compare equal too (RFC 9110, section 13.1.2).
bool names_tag(std::string_view list, std::string_view tag) noexcept {
  while (!list.empty()) {
    auto one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    while (one.starts_with(' '))
      one.remove_prefix(1);
    while (one.ends_with(' '))
      one.remove_suffix(1);
    if (one.starts_with("W/"))
      one.remove_prefix(2);
    if (one == tag || one == "*")
      return true;
  }
  return false;
}

class served_file {
public:
  explicit served_file(const page_file& from)
    : tag_('"' + std::string{from.tag} + '"'),
      content_type_(media_type_of(from.name)),
      content_(std::make_shared<const std::string>(from.content)) {}

  [[nodiscard]] response answer(const request& asked) const {
    response result;
    result.headers = {{"ETag", tag_},
                      {"Cache-Control", "no-cache"},
                      {"Content-Security-Policy", std::string{security_policy}},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
    if (const auto known = asked.header("if-none-match"); known && names_tag(*known, tag_)) {
      result.status = 304;
      return result;
    }
    result.content_type = content_type_;
    result.shared = content_;
    return result;
  }

private:
  std::string tag_;
  std::string_view content_type_;
  std::shared_ptr<const std::string> content_;
};

} // namespace

std::vector<route> page_routes(const std::vector<page_file>& files, const std::vector<page_path>& paths) {
  const auto served = std::make_shared<std::map<std::string_view, served_file>>();
  for (const auto& each : files)
    served->emplace(each.name, served_file{each});
  constexpr method_set reading{method::get};
  std::vector<route> result;
  for (const auto& each : paths)
    if (const auto found = served->find(each.file); found != served->end())
      result.push_back({each.path, reading, [file = found->second](const request& asked) { return file.answer(asked); }});
  if (served->empty())
    return result;
  result.push_back({std::string{page_folder} + "{file}", reading, [served](const request& asked) {
                      const auto found = served->find(asked.parameter);
                      return found == served->end()
                               ? problem({errc::not_found, "the page has no such file"}, asked.request_id)
                               : found->second.answer(asked);
                    }});
  return result;
}

} // namespace troupe::http
