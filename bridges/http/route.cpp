#include <troupe/bridges/http/route.hpp>

namespace troupe::http {

router::router(std::vector<route> routes) : routes_(std::move(routes)) {
  for (std::size_t index = 0; index < routes_.size(); ++index) {
    const auto& pattern = routes_[index].pattern;
    const auto slash = pattern.rfind('/');
    if (pattern.substr(slash + 1) == "{**}")
      below_.emplace(pattern.substr(0, slash + 1), index);
    else if (pattern.size() > slash + 2 && pattern[slash + 1] == '{' && pattern.back() == '}')
      open_.emplace(pattern.substr(0, slash + 1), index);
    else
      exact_.emplace(pattern, index);
  }
}

std::optional<router::match> router::find(std::string_view path) const {
  if (const auto found = exact_.find(path); found != exact_.end())
    return match{found->second, {}};
  auto slash = path.rfind('/');
  if (slash != std::string_view::npos && slash + 1 != path.size())
    if (const auto found = open_.find(path.substr(0, slash + 1)); found != open_.end())
      return match{found->second, path.substr(slash + 1)};
  for (; slash != std::string_view::npos && !below_.empty(); slash = slash > 0 ? path.rfind('/', slash - 1) : path.npos)
    if (const auto found = below_.find(path.substr(0, slash + 1)); found != below_.end())
      return match{found->second, path.substr(slash + 1)};
  return std::nullopt;
}

} // namespace troupe::http
