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

response answer_by(const handler& of_route, const request& incoming, observer& watcher) {
  try {
    return of_route(incoming);
  } catch (...) {
    watcher.log(severity::error, {"http", "listener"}, "a route's handler threw: " + words_of_exception());
    return problem({errc::internal, "the handler of this route failed"}, incoming.request_id);
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

std::optional<response> dispatcher::turn_away(request& incoming, std::string& path, listener_metrics& metrics) const {
  auto target = split_target(incoming.target, incoming.verb);
  if (!target) {
    metrics.refused(refusal::malformed);
    return problem(target.error(), incoming.request_id);
  }
  // The absolute form overrides Host (RFC 9112, section 3.2.2).
  if (!target->authority.empty())
    incoming.authority = target->authority;
  incoming.path = target->path;
  incoming.query = target->query;
  if (incoming.path.find('%') != std::string_view::npos) {
    auto decoded = decode_path(incoming.path);
    if (!decoded) {
      metrics.refused(refusal::malformed);
      return problem(decoded.error(), incoming.request_id);
    }
    path = std::move(*decoded);
    incoming.path = path;
  }
  if (!admit_)
    return std::nullopt;
  if (auto refused = admit_(incoming)) {
    metrics.refused(refused->why);
    return problem(refused->why, std::move(refused->detail), incoming.request_id);
  }
  return std::nullopt;
}

decision dispatcher::decide(request& incoming, std::string& path, audience role, listener_metrics& metrics,
                            observer& watcher) const {
  const auto unmatched = metrics.unmatched();
  if (auto refused = turn_away(incoming, path, metrics))
    return {unmatched, std::move(*refused)};
  if (role == audience::operators && !is_for_operators(incoming.path)) {
    metrics.refused(refusal::connection_bound);
    return {unmatched, problem(refusal::connection_bound, "too many connections", incoming.request_id)};
  }
  if (incoming.path == "*")
    return {unmatched, answer_options({method::get, method::post, method::put, method::patch, method::remove})};
  const auto found = table_.find(incoming.path);
  if (!found)
    return {unmatched, problem({errc::not_found, "there is no such route"}, incoming.request_id)};
  incoming.parameter = found->parameter;
  if (cors_ && is_preflight(incoming))
    return {found->index, answer_preflight(*cors_, incoming)};
  const auto methods = table_.routes()[found->index].methods;
  if (methods.contains(incoming.verb))
    return of_route(incoming, found->index, watcher);
  if (incoming.verb == method::options)
    return {found->index, answer_options(methods)};
  auto refused =
    problem(405, {errc::invalid, "this route does not answer " + std::string{incoming.verb_text}}, incoming.request_id);
  refused.headers.push_back({"Allow", allow_value(methods)});
  return {found->index, std::move(refused)};
}

bool dispatcher::is_for_operators(std::string_view path) const {
  const auto found = table_.find(path);
  return found && table_.routes()[found->index].audience == audience::operators;
}

decision dispatcher::of_route(const request& incoming, std::size_t index, observer& watcher) const {
  const auto& answer = table_.routes()[index].answer;
  if (const auto* const deferred = std::get_if<deferred_handler>(&answer))
    return {index, deferred};
  if (const auto* const events = std::get_if<event_source>(&answer))
    return {index, events};
  if (const auto* const costly = std::get_if<rendering>(&answer))
    return {index, costly};
  return {index, answer_by(std::get<handler>(answer), incoming, watcher)};
}

} // namespace troupe::http
