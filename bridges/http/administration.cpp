#include <troupe/bridges/http/administration.hpp>

#include <algorithm>

#include <troupe/bridges/http/dead_letter_codec.hpp>
#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/routes.hpp>
#include <troupe/bridges/http/target.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::http {

namespace {

constexpr method_set reading{method::get};

// Refuses what a hostile page could make a browser send.
class page_guard {
public:
  explicit page_guard(const administration_config& config)
    : token_(config.token), hosts_(config.allowed_hosts), any_host_(!token_.empty() && hosts_.empty()) {
    hosts_.insert(hosts_.end(), {"localhost", "127.0.0.1", "::1", config.listen.address});
  }

  std::optional<refused_request> operator()(const request& what) const {
    if (is_probe(what.path))
      return std::nullopt;
    if (const auto host = host_of(what.authority); !any_host_ && (!host || !is_own(*host)))
      return refused_request{refusal::foreign_host, "this listener is not known by that Host"};
    if (const auto origin = what.header("origin"); origin && !is_own_page(*origin, what.authority))
      return refused_request{refusal::foreign_host, "requests from pages of other origins are refused"};
    if (!token_.empty() && !bears_token(what))
      return refused_request{refusal::unauthorized, "a bearer token is needed"};
    return std::nullopt;
  }

private:
  // What asks for these has neither the token nor a name of this process, and is told nothing that the edge does not tell.
  static bool is_probe(std::string_view path) noexcept { return path == "/livez" || path == "/readyz"; }

  // Whoever ends TLS in front of this listener makes its pages https.
  static bool is_own_page(std::string_view origin, std::string_view authority) {
    return origin == "http://" + std::string{authority} || origin == "https://" + std::string{authority};
  }

  bool is_own(std::string_view host) const {
    return std::any_of(hosts_.begin(), hosts_.end(), [host](const auto& own) { return same_header_name(own, host); });
  }

  bool bears_token(const request& what) const {
    constexpr std::string_view scheme = "bearer ";
    const auto given = what.header("authorization");
    return given && given->size() > scheme.size() && same_header_name(given->substr(0, scheme.size()), scheme)
           && token_.matches(given->substr(scheme.size()));
  }

  secret token_;
  std::vector<std::string> hosts_;
  bool any_host_;
};

// Hands what `decode` reads from a request to the clerk.
template <class Decode>
deferred_handler ask_clerk(clerk_actor clerk, duration at_most, Decode decode) {
  return [clerk = std::move(clerk), at_most, decode](const request& what, reply answer) {
    auto asked = decode(what);
    if (!asked) {
      answer.give(problem(asked.error(), what.request_id));
      return instant::max();
    }
    const auto answer_by = deadline::after(at_most, steady_now());
    auto owed = std::make_shared<administration_reply>(std::move(answer), std::string{what.request_id});
    send_anonymously(clerk, dead_letters_job{std::move(*asked), answer_by, std::move(owed)});
    return answer_by.at();
  };
}

deferred_handler redrive_handler(clerk_actor clerk, duration at_most) {
  auto ask = ask_clerk(std::move(clerk), at_most, [](const request& what) { return decode_redrive(what.body); });
  return [ask = std::move(ask)](const request& what, reply answer) {
    const auto type = what.header("content-type").value_or(std::string_view{});
    if (same_header_name(type.substr(0, type.find(';')), "application/json"))
      return ask(what, std::move(answer));
    answer.give(problem(415, {errc::invalid, "the body must be application/json"}, what.request_id));
    return instant::max();
  };
}

std::vector<route> routes_of(const administration_config& config, administration_ports& ports) {
  auto routes = std::move(ports.routes);
  const auto tree = [tree = ports.tree] { return to_json(tree()); };
  routes.push_back({"/tree", reading, rendering{media_type::json, tree}});
  routes.push_back({"/tree/events", reading, event_source{"tree", ports.tree_version, tree}});
  if (ports.liveness)
    routes.push_back({"/livez", reading, health_handler(ports.liveness)});
  if (ports.readiness)
    routes.push_back({"/readyz", reading, health_handler(ports.readiness)});
  if (!ports.clerk)
    return routes;
  routes.push_back({"/dead-letters", reading,
                    ask_clerk(ports.clerk, config.deadline, [](const request& what) { return decode_list(what.query); })});
  routes.push_back({"/dead-letters/{number}", reading, ask_clerk(ports.clerk, config.deadline, [](const request& what) {
                      return decode_show(what.parameter);
                    })});
  routes.push_back({"/dead-letters/redrive", {method::post}, redrive_handler(ports.clerk, config.deadline)});
  return routes;
}

} // namespace

expected<std::unique_ptr<administration>> administration::listen(const administration_config& config,
                                                                 administration_ports ports) {
  if (const auto mistakes = validate(config); !mistakes.empty())
    return failure{errc::invalid, mistakes.front()};
  if (!ports.tree || !ports.tree_version)
    return failure{errc::invalid, "the administration was given no supervision tree"};
  listener_options options;
  options.name = "administration";
  options.where = config.listen;
  options.bounds = config.bounds;
  options.patience = config.patience;
  options.admit = page_guard{config};
  options.routes = routes_of(config, ports);
  for (auto& each : options.routes)
    each.whom = audience::operators;
  options.watcher = ports.watcher;
  options.clock = ports.clock;
  auto body = listener::listen(std::move(options));
  if (!body)
    return body.error();
  return std::unique_ptr<administration>{new administration{std::move(*body)}};
}

} // namespace troupe::http
