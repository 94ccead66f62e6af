#include <troupe/bridges/http/administration.hpp>

#include <algorithm>

#include <boost/json/parse.hpp>

#include <troupe/actors/runtime/actor_client.hpp>
#include <troupe/bridges/http/dead_letter_codec.hpp>
#include <troupe/bridges/http/json_body.hpp>
#include <troupe/bridges/http/page.hpp>
#include <troupe/bridges/http/pending_answer.hpp>
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

  std::optional<refused_request> operator()(const request& incoming) const {
    if (is_probe(incoming.path))
      return std::nullopt;
    if (const auto host = host_of(incoming.authority); !any_host_ && (!host || !is_own(*host)))
      return refused_request{refusal::foreign_host, "this listener is not known by that Host"};
    if (const auto origin = incoming.header("origin"); origin && !is_own_page(*origin, incoming.authority))
      return refused_request{refusal::foreign_host, "requests from pages of other origins are refused"};
    if (!token_.empty() && !is_of_page(incoming.path) && !has_token(incoming))
      return refused_request{refusal::unauthorized,
                             "the header Authorization: Bearer TOKEN is needed, with the token of this process's "
                             "TROUPE_ADMIN_TOKEN or node.admin-token"};
    return std::nullopt;
  }

private:
  // Their clients have neither the token nor a name of this process, and learn nothing that the edge does not show.
  static bool is_probe(std::string_view path) noexcept { return path == "/livez" || path == "/readyz"; }

  // The page, which has no data of the process in it, asks for the token.
  static bool is_of_page(std::string_view path) noexcept { return path == "/" || path.starts_with(page_folder); }

  // A proxy that ends TLS in front of this listener makes its pages https.
  static bool is_own_page(std::string_view origin, std::string_view authority) {
    return origin == "http://" + std::string{authority} || origin == "https://" + std::string{authority};
  }

  bool is_own(std::string_view host) const {
    return std::any_of(hosts_.begin(), hosts_.end(), [host](const auto& own) { return same_header_name(own, host); });
  }

  bool has_token(const request& incoming) const {
    constexpr std::string_view scheme = "bearer ";
    const auto given = incoming.header("authorization");
    return given && given->size() > scheme.size() && same_header_name(given->substr(0, scheme.size()), scheme)
           && token_.matches(given->substr(scheme.size()));
  }

  secret token_;
  std::vector<std::string> hosts_;
  bool any_host_;
};

// The answer that one request for dead letters owes its client. Dropped, it says that nobody answers any more.
template <class Answer>
class dead_letters_reply final : public answer_receiver<Answer> {
public:
  dead_letters_reply(pending_answer to, std::string request_id)
    : reply_(std::move(to)), request_id_(std::move(request_id)) {}
  ~dead_letters_reply() override {
    if (!reply_.given())
      failed({errc::shutting_down, "the administration ended before it was answered"});
  }
  dead_letters_reply(const dead_letters_reply&) = delete;
  dead_letters_reply& operator=(const dead_letters_reply&) = delete;

  void answered(const Answer& answer) override { reply_.give({200, media_type::json, to_json(answer), {}, request_id_}); }
  void failed(failure why) override { reply_.give(problem(why, request_id_)); }

private:
  pending_answer reply_;
  std::string request_id_;
};

using dead_letters_client = actor_client<dead_letters_actor>;

// Asks for what `decode` reads from a request.
template <class Answer, class Decode>
deferred_handler asking(const dead_letters_client& letters, duration at_most, Decode decode) {
  return [letters, at_most, decode](const request& asked, pending_answer answer) {
    auto message = decode(asked);
    if (!message) {
      answer.give(problem(message.error(), asked.request_id));
      return instant::max();
    }
    const auto answer_by = deadline::after(at_most, steady_now()).at();
    auto owed = std::make_unique<dead_letters_reply<Answer>>(std::move(answer), std::string{asked.request_id});
    letters.ask(std::move(*message), answer_by, std::move(owed), turns::scheduler);
    return answer_by;
  };
}

deferred_handler redrive_handler(const dead_letters_client& letters, duration at_most) {
  auto ask = asking<redriven>(letters, at_most, [](const request& asked) { return decode_redrive(asked.body); });
  return [ask = std::move(ask)](const request& asked, pending_answer answer) {
    if (has_json(asked))
      return ask(asked, std::move(answer));
    answer.give(no_json(asked));
    return instant::max();
  };
}

// The level that an object {"level": NAME} names.
expected<std::string> decode_log_level(std::string_view body) {
  boost::json::error_code wrong;
  const auto parsed = boost::json::parse({body.data(), body.size()}, wrong);
  const auto* const members = wrong ? nullptr : parsed.if_object();
  const auto* const level = members != nullptr && members->size() == 1 ? members->if_contains("level") : nullptr;
  if (level == nullptr || !level->is_string())
    return failure{errc::invalid, "the body must be a JSON object whose one member, level, is a text"};
  return std::string{level->get_string()};
}

// Answers the log level, and before that sets it where the request brings one.
handler log_level_handler(const administration_ports& ports) {
  return [level = ports.log_level, change = ports.set_log_level](const request& asked) -> response {
    if (asked.verb == method::put) {
      if (!has_json(asked))
        return no_json(asked);
      const auto wanted = decode_log_level(asked.body);
      const auto outcome = wanted ? change(*wanted) : wanted.error();
      if (!outcome)
        return problem(outcome.error(), std::string{asked.request_id});
    }
    std::string text = R"({"level":)";
    append_json_string(text, level());
    return {200, media_type::json, text + '}', {}, std::string{asked.request_id}};
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
  if (ports.log_level && ports.set_log_level)
    routes.push_back({"/log-level", {method::get, method::put}, log_level_handler(ports)});
  if (!ports.dead_letters)
    return routes;
  const dead_letters_client letters{ports.dead_letters};
  const auto list = [](const request& asked) { return decode_list(asked.query); };
  const auto show = [](const request& asked) { return decode_show(asked.parameter); };
  routes.push_back({"/dead-letters", reading, asking<dead_letter_page>(letters, config.deadline, list)});
  routes.push_back({"/dead-letters/{number}", reading, asking<numbered_dead_letter>(letters, config.deadline, show)});
  routes.push_back({"/dead-letters/redrive", {method::post}, redrive_handler(letters, config.deadline)});
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
    each.audience = audience::operators;
  options.watcher = ports.watcher;
  options.clock = ports.clock;
  auto body = listener::listen(std::move(options));
  if (!body)
    return body.error();
  return std::unique_ptr<administration>{new administration{std::move(*body)}};
}

} // namespace troupe::http
