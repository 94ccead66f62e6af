#include <troupe/bridges/http/engine/dispatch.hpp>

#include <exception>

#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/target.hpp>

namespace troupe::http {

namespace {

response answer_options(method_set methods) {
  response result;
  result.status = 204;
  result.headers.push_back({"Allow", allow_value(methods)});
  return result;
}

response answer_by(const handler& of_route, const request& what, observer& watcher) {
  try {
    return of_route(what);
  } catch (...) {
    watcher.log(severity::error, {"http", "listener"}, "a route's handler threw: " + words_of_exception());
    return problem({errc::internal, "the handler of this route failed"}, what.request_id);
  }
}

} // namespace

std::string words_of_exception() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

dispatcher::dispatcher(std::vector<route> routes, gate admit, std::optional<cors_policy> cors)
  : table_(std::move(routes)), admit_(std::move(admit)), cors_(std::move(cors)) {}

std::optional<response> dispatcher::turn_away(request& what, std::string& path, listener_metrics& metrics) const {
  auto target = split_target(what.target, what.verb);
  if (!target) {
    metrics.refused(refusal::malformed);
    return problem(target.error(), what.request_id);
  }
  // The absolute form overrides Host (RFC 9112, section 3.2.2).
  if (!target->authority.empty())
    what.authority = target->authority;
  what.path = target->path;
  what.query = target->query;
  if (what.path.find('%') != std::string_view::npos) {
    auto decoded = decode_path(what.path);
    if (!decoded) {
      metrics.refused(refusal::malformed);
      return problem(decoded.error(), what.request_id);
    }
    path = std::move(*decoded);
    what.path = path;
  }
  if (!admit_)
    return std::nullopt;
  if (auto refused = admit_(what)) {
    metrics.refused(refused->why);
    return problem(refused->why, std::move(refused->detail), what.request_id);
  }
  return std::nullopt;
}

decision dispatcher::decide(request& what, std::string& path, audience whom, listener_metrics& metrics,
                            observer& watcher) const {
  const auto unmatched = metrics.unmatched();
  if (auto refused = turn_away(what, path, metrics))
    return {unmatched, std::move(*refused)};
  if (whom == audience::operators && !is_for_operators(what.path)) {
    metrics.refused(refusal::connection_bound);
    return {unmatched, problem(refusal::connection_bound, "too many connections", what.request_id)};
  }
  if (what.path == "*")
    return {unmatched, answer_options({method::get, method::post, method::put, method::patch, method::remove})};
  const auto found = table_.find(what.path);
  if (!found)
    return {unmatched, problem({errc::not_found, "there is no such route"}, what.request_id)};
  what.parameter = found->parameter;
  if (cors_ && is_preflight(what))
    return {found->index, answer_preflight(*cors_, what)};
  const auto methods = table_.routes()[found->index].methods;
  if (methods.contains(what.verb))
    return of_route(what, found->index, watcher);
  if (what.verb == method::options)
    return {found->index, answer_options(methods)};
  auto refused = problem(405, {errc::invalid, "this route does not answer " + std::string{what.verb_text}}, what.request_id);
  refused.headers.push_back({"Allow", allow_value(methods)});
  return {found->index, std::move(refused)};
}

bool dispatcher::is_for_operators(std::string_view path) const {
  const auto found = table_.find(path);
  return found && table_.routes()[found->index].whom == audience::operators;
}

decision dispatcher::of_route(const request& what, std::size_t index, observer& watcher) const {
  const auto& answer = table_.routes()[index].answer;
  if (const auto* const deferred = std::get_if<deferred_handler>(&answer))
    return {index, deferred};
  if (const auto* const events = std::get_if<event_source>(&answer))
    return {index, events};
  if (const auto* const costly = std::get_if<rendering>(&answer))
    return {index, costly};
  return {index, answer_by(std::get<handler>(answer), what, watcher)};
}

} // namespace troupe::http
