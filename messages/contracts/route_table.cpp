#include <troupe/messages/contracts/route_table.hpp>

#include <algorithm>
#include <set>

#include <troupe/messages/contracts/transcoding_escapes.hpp>

namespace troupe::contracts {

namespace {

/// Routes of one shape up to the verb: by verb, then by HTTP method.
using ends = std::map<std::string, std::map<std::string, std::size_t, std::less<>>, std::less<>>;

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1); // the slash
    segments.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

/// What a variable captures of the path's segments, still encoded.
std::string_view captured_text(const path_template& matched, const path_variable& variable,
                               const std::vector<std::string_view>& segments) {
  const auto first = variable.first;
  const bool to_the_end = matched.segments[first + variable.count - 1].is == path_segment::form::rest;
  const auto last = to_the_end ? segments.size() : first + variable.count;
  if (first >= last)
    return {};
  const auto* const begin = segments[first].data();
  return {begin, static_cast<std::size_t>(segments[last - 1].data() + segments[last - 1].size() - begin)};
}

expected<std::vector<std::string>> captures_of(const path_template& matched, const std::vector<std::string_view>& segments) {
  std::vector<std::string> captures;
  for (const auto& variable : matched.variables) {
    auto text = decode_path_text(captured_text(matched, variable, segments),
                                 matched.takes_several(variable) ? escaped_slash::kept : escaped_slash::resolved);
    if (!text)
      return text.error();
    captures.push_back(std::move(*text));
  }
  return captures;
}

} // namespace

/// What stands behind the same segments.
struct route_table::node {
  std::map<std::string, std::unique_ptr<node>, std::less<>> literals;
  std::unique_ptr<node> one;
  ends here;
  ends rest;
};

/// One look-up. Visits each node once at most, since the depth of a node is the number of segments before it.
struct route_table::search {
  std::string_view http_method;
  std::vector<std::string_view> segments;
  std::vector<std::string> decoded;
  std::string verb;
  std::set<std::string, std::less<>> allowed;

  /// Fails for a malformed escape.
  expected<void> read(std::string_view path) {
    segments = split_path(path);
    for (const auto segment : segments) {
      auto text = decode_path_text(segment, escaped_slash::resolved);
      if (!text)
        return failure{errc::invalid, "the path: " + text.error().reason};
      decoded.push_back(std::move(*text));
    }
    return {};
  }

  /// With what stands behind the last colon as the verb, else without a verb.
  const std::size_t* run(const node& root) {
    auto& last = segments.back();
    const auto whole = last;
    if (const auto colon = whole.rfind(':'); colon != std::string_view::npos && colon + 1 < whole.size()) {
      const auto whole_decoded = decoded.back();
      verb = *decode_path_text(whole.substr(colon + 1), escaped_slash::resolved);
      last = whole.substr(0, colon);
      decoded.back() = *decode_path_text(last, escaped_slash::resolved);
      if (const auto* const found = descend(root, 0))
        return found;
      last = whole;
      decoded.back() = whole_decoded;
      verb.clear();
    }
    return descend(root, 0);
  }

  const std::size_t* descend(const node& at, std::size_t depth) {
    if (depth == segments.size()) {
      if (const auto* const found = take(at.here))
        return found;
      return take(at.rest);
    }
    if (const auto literal = at.literals.find(decoded[depth]); literal != at.literals.end())
      if (const auto* const found = descend(*literal->second, depth + 1))
        return found;
    if (at.one != nullptr && !segments[depth].empty())
      if (const auto* const found = descend(*at.one, depth + 1))
        return found;
    return take(at.rest);
  }

  const std::size_t* take(const ends& from) {
    const auto methods = from.find(verb);
    if (methods == from.end())
      return nullptr;
    for (const auto name : {http_method, std::string_view{"*"}})
      if (const auto found = methods->second.find(name); found != methods->second.end())
        return &found->second;
    for (const auto& [name, index] : methods->second)
      allowed.insert(name);
    return nullptr;
  }
};

route_table::route_table(std::vector<rest_route> routes) : routes_(std::move(routes)), root_(std::make_unique<node>()) {
  for (std::size_t index = 0; index < routes_.size(); ++index) {
    const auto& route = routes_[index];
    auto* at = root_.get();
    bool rest = false;
    for (const auto& segment : route.path.segments) {
      rest = segment.is == path_segment::form::rest;
      if (rest)
        break; // it is the last
      auto& next = segment.is == path_segment::form::literal ? at->literals[segment.text] : at->one;
      if (next == nullptr)
        next = std::make_unique<node>();
      at = next.get();
    }
    (rest ? at->rest : at->here)[route.path.verb].emplace(route.http_method, index);
  }
}

route_table::route_table(route_table&&) noexcept = default;
route_table& route_table::operator=(route_table&&) noexcept = default;
route_table::~route_table() = default;

route_table::result route_table::find(std::string_view http_method, std::string_view path) const {
  if (!path.starts_with('/'))
    return path_unknown{};
  search looking;
  looking.http_method = http_method;
  if (auto read = looking.read(path); !read)
    return read.error();
  if (const auto* const found = looking.run(*root_)) {
    const auto& route = routes_[*found];
    auto captures = captures_of(route.path, looking.segments);
    if (!captures)
      return captures.error();
    return route_match{&route, std::move(*captures)};
  }
  if (looking.allowed.empty())
    return path_unknown{};
  method_refused refused;
  for (const auto& name : looking.allowed)
    refused.allow += (refused.allow.empty() ? "" : ", ") + name;
  return refused;
}

} // namespace troupe::contracts
