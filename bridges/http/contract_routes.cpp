#include <troupe/bridges/http/contract_routes.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <google/api/httpbody.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <troupe/actors/runtime/actor_client.hpp>
#include <troupe/bridges/http/call_codec.hpp>
#include <troupe/bridges/http/edge_span.hpp>
#include <troupe/bridges/http/pending_answer.hpp>
#include <troupe/bridges/http/target.hpp>
#include <troupe/messages/contracts/http_body.hpp>
#include <troupe/messages/contracts/route_table.hpp>
#include <troupe/messages/contracts/status.hpp>
#include <troupe/messages/contracts/transcoding.hpp>
#include <troupe/messages/contracts/transcoding_path.hpp>
#include <troupe/messages/contracts/transcoding_status.hpp>

namespace troupe::http {

namespace {

using contracts::rest_route;
using contracts::route_match;
using google::protobuf::Message;
using google::protobuf::ServiceDescriptor;

response error_answer(const failure& why, std::string_view request_id) {
  const auto status = contracts::to_status(why);
  response result;
  result.status = contracts::http_status_of(status.code());
  result.content_type = media_type::json;
  result.body = contracts::to_json(status);
  result.request_id = request_id;
  if (why.code == errc::overloaded || why.code == errc::throttled || why.code == errc::breaker_open)
    result.headers.push_back({"Retry-After", "1"});
  return result;
}

// The status of a failure of an actor, whose words may be anything, and of others as they are.
failure for_clients(failure why) {
  return why.code == errc::actor_failed ? failure{errc::actor_failed, "the service failed at this call"} : std::move(why);
}

/// Whether a header says what a browser or a cache does with a body that is no JSON.
bool describes_content(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 7> names{
    "cache-control", "content-disposition", "content-encoding", "content-language", "etag", "expires", "last-modified"};
  return std::ranges::find(names, name) != names.end();
}

/// Whether a body is JSON that is compressed, or encoded by another content coding: none is read.
bool is_encoded(const rest_route& route, const request& incoming) noexcept {
  const auto coding = incoming.header("content-encoding");
  return coding && !coding->empty() && !same_header_name(*coding, "identity") && !incoming.body.empty()
         && route.body != contracts::body_content::none && !contracts::takes_any_body(route);
}

/// The answer that a call owes its client. Its span ends with it.
class contract_reply final : public answer_receiver<contract_answer> {
public:
  contract_reply(pending_answer to, const rest_route& of, span watched, std::string request_id)
    : reply_(std::move(to)), route_(of), span_(std::move(watched)), request_id_(std::move(request_id)) {}
  ~contract_reply() override {
    if (!reply_.given())
      failed({errc::shutting_down, "the edge ended before it was answered"});
  }
  contract_reply(const contract_reply&) = delete;
  contract_reply& operator=(const contract_reply&) = delete;

  void answered(const contract_answer& answer) override {
    if (answer.response->GetDescriptor() != route_.method->output_type())
      return failed({errc::internal, route_.method->full_name() + " was answered with a " + answer.response->GetTypeName()});
    auto result = contracts::answers_any_body(route_) ? any_answer(answer) : json_answer(answer);
    if (!result)
      return failed(result.error());
    result->request_id = request_id_;
    result->status = route_.status;
    if (route_.location) {
      auto location = contracts::encode_path(*route_.location, *answer.response);
      if (!location)
        return failed({errc::internal, route_.method->full_name()
                                         + " was answered, but its location is not known: " + location.error().reason});
      result->headers.push_back({"Location", std::move(*location)});
    }
    for (const auto& [name, value] : answer.metadata)
      if (!name.ends_with("-bin") && contracts::is_header_text(name) && contracts::is_header_text(value))
        add_metadata(name, value, *result);
    answered_with(span_, result->status);
    reply_.give(std::move(*result));
  }
  void failed(failure why) override {
    span_.fail(why);
    auto result = error_answer(for_clients(std::move(why)), request_id_);
    span_.with("http.response.status_code", result.status);
    reply_.give(std::move(result));
  }

private:
  [[nodiscard]] expected<response> json_answer(const contract_answer& answer) const {
    auto body = contracts::encode_answer(route_, *answer.response);
    if (!body)
      return body.error();
    response result;
    result.content_type = media_type::json;
    result.body = std::move(*body);
    return result;
  }

  [[nodiscard]] expected<response> any_answer(const contract_answer& answer) const {
    const auto body = contracts::http_body_in(*answer.response, route_.response_body);
    if (!body)
      return failure{errc::internal, route_.method->full_name() + " was answered, but " + body.error().reason};
    response result;
    if (const auto type = contracts::content_type_of(**body); !type.empty()) {
      result.headers.push_back({"Content-Type", std::string{type}});
      result.headers.push_back({"X-Content-Type-Options", "nosniff"}); // what a handler calls a text is no script
    }
    result.shared = {answer.response, &(*body)->data()}; // the message owns the bytes, however many they are
    return result;
  }

  void add_metadata(const std::string& name, const std::string& value, response& to) const {
    to.headers.push_back({"Grpc-Metadata-" + name, value});
    if (contracts::answers_any_body(route_) && describes_content(name))
      to.headers.push_back({name, value});
  }

  pending_answer reply_;
  const rest_route& route_; // of the table, which lives as long as the listener
  span span_;
  std::string request_id_;
};

/// Answers what is below one of the prefixes.
class contract_gateway {
public:
  contract_gateway(std::vector<rest_route> routes, const std::vector<served_contract>& contracts, contract_terms terms)
    : table_(std::move(routes)), terms_(std::move(terms)), random_(one_at_a_time(terms_.random)) {
    for (const auto& [contract, actor] : contracts)
      actors_.emplace(contract, actor_client<contract_actor>{actor});
  }

  instant begin(const request& incoming, pending_answer answer) const {
    const auto refuse = [&](response with) {
      answer.give(std::move(with));
      return instant::max();
    };
    const auto target = split_target(incoming.target, incoming.verb); // still encoded
    if (!target)
      return refuse(error_answer(target.error(), incoming.request_id));
    // RFC 9110, section 9.3.2: HEAD is GET, without its content.
    const auto verb = incoming.verb == method::head ? std::string_view{"GET"} : incoming.verb_text;
    auto found = table_.find(verb, target->path);
    if (const auto* const malformed = std::get_if<failure>(&found))
      return refuse(error_answer(*malformed, incoming.request_id));
    if (std::holds_alternative<contracts::path_unknown>(found))
      return refuse(error_answer({errc::not_found, "there is no such route"}, incoming.request_id));
    if (const auto* const refused = std::get_if<contracts::method_refused>(&found)) {
      auto with = error_answer({errc::unsupported, "this route does not answer " + std::string{incoming.verb_text}},
                               incoming.request_id);
      with.status = incoming.verb == method::options ? 204 : 405;
      if (with.status == 204)
        with.body.clear(), with.content_type = {};
      with.headers.push_back({"Allow", refused->allow});
      return refuse(std::move(with));
    }
    return send(std::get<route_match>(found), target->query, incoming, std::move(answer));
  }

private:
  instant send(const route_match& found, std::string_view query, const request& incoming, pending_answer answer) const {
    const auto& method = *found.route->method;
    const auto refuse = [&](const failure& why) {
      answer.give(error_answer(why, incoming.request_id));
      return instant::max();
    };
    if (is_encoded(*found.route, incoming)) {
      auto with =
        error_answer({errc::invalid, "the body has a content coding, and this route reads none"}, incoming.request_id);
      with.status = 415;
      with.headers.push_back({"Accept-Encoding", "identity"}); // RFC 9110, section 12.5.3
      answer.give(std::move(with));
      return instant::max();
    }
    auto received = decode_call(incoming, terms_.at_most, steady_now(), random_);
    if (!received)
      return refuse(received.error());
    auto& context = received->context;
    auto watched = edge_span(terms_.watcher, incoming, found.route->path.text, context.trace);
    std::shared_ptr<Message> request_message{
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New()};
    const contracts::body_view body{incoming.body, incoming.header("content-type").value_or(std::string_view{})};
    if (const auto decoded = transcode(found, query, body, watched.context(), *request_message); !decoded) {
      auto refusal = error_answer(decoded.error(), incoming.request_id);
      answered_with(watched, refusal.status);
      answer.give(std::move(refusal));
      return instant::max();
    }
    context.metadata = metadata_of(incoming);
    context.abandoned = answer.abandoned();
    context.trace = watched.context();
    const auto answer_by = context.answer_by.at();
    auto owed =
      std::make_unique<contract_reply>(std::move(answer), *found.route, std::move(watched), context.trace.request_id);
    actors_.at(method.service())
      .ask(contract_call{&method, std::move(request_message), std::move(context)}, answer_by, std::move(owed),
           turns::scheduler);
    return answer_by;
  }

  expected<void> transcode(const route_match& found, std::string_view query, const contracts::body_view& body,
                           const trace_context& trace, Message& into) const {
    span work{terms_.watcher, "transcode", span_kind::internal, trace};
    if (work.recorded())
      work.with("rpc.service", found.route->method->service()->full_name())
        .with("rpc.method", found.route->method->name())
        .with("http.request.body.size", body.bytes.size());
    auto decoded = contracts::decode_request(found, query, body, contracts::transcoding_limits{.body = terms_.body}, into);
    if (!decoded)
      work.fail({decoded.error().code, "the request is not what the route takes"}); // its words may quote the body
    return decoded;
  }

  const contracts::route_table table_;
  const contract_terms terms_;
  const random_source random_;
  std::map<const ServiceDescriptor*, actor_client<contract_actor>> actors_;
};

// "/v1/{**}" for a template that begins with the literal `v1`, "/{**}" for one that begins with a variable, and the path
// itself where that is one literal.
std::vector<std::string> patterns_of(const rest_route& route) {
  const auto& segments = route.path.segments;
  if (segments.empty() || segments.front().is != contracts::path_segment::form::literal)
    return {"/{**}"};
  if (segments.size() > 1)
    return {"/" + segments.front().text + "/{**}"};
  return {"/" + segments.front().text + (route.path.verb.empty() ? "" : ":" + route.path.verb)};
}

} // namespace

expected<std::vector<route>> contract_routes(const std::vector<served_contract>& contracts, contract_terms terms) {
  std::vector<const ServiceDescriptor*> services;
  for (const auto& each : contracts)
    services.push_back(each.contract);
  auto surface = contracts::rest_surface_of(services);
  if (!surface.mistakes.empty())
    return invalid(surface.mistakes);
  std::set<std::string> patterns;
  for (const auto& each : surface.routes)
    for (auto& pattern : patterns_of(each))
      patterns.insert(std::move(pattern));
  const auto gateway = std::make_shared<const contract_gateway>(std::move(surface.routes), contracts, std::move(terms));
  constexpr method_set every{method::get,   method::head,   method::post,    method::put,
                             method::patch, method::remove, method::options, method::other};
  std::vector<route> result;
  for (const auto& pattern : patterns)
    result.push_back({pattern, every, deferred_handler{[gateway](const request& incoming, pending_answer answer) {
                        return gateway->begin(incoming, std::move(answer));
                      }}});
  return result;
}

} // namespace troupe::http
