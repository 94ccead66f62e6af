#include <troupe/bridges/http/contract_client.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <troupe/bridges/http/call_codec.hpp>
#include <troupe/bridges/http/client_codec.hpp>
#include <troupe/bridges/http/client_state.hpp>
#include <troupe/messages/contracts/status.hpp>
#include <troupe/messages/contracts/transcoding_client.hpp>
#include <troupe/messages/contracts/transcoding_status.hpp>

namespace troupe::http {

namespace {

using contracts::rest_route;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.find(c) != others.npos;
  });
}

/// How calls of contracts become requests.
class contract_calls {
public:
  using actor_type = contract_actor;
  using call_type = contract_call;
  using answer_type = contract_answer;

  struct request_type {
    std::string http_method;
    std::string span_name;
    std::string url;
    std::string target;
    std::string body;
    std::string content_type;
    const rest_route* route;
  };

  contract_calls(const client_target& target, const std::vector<const ServiceDescriptor*>& contracts)
    : prefix_(target.path.substr(0, target.path.find_last_not_of('/') + 1)),
      host_(target.authority()),
      origin_((target.via == client_target::scheme::https ? "https://" : "http://") + host_) {
    auto routes = std::make_shared<routes_by_method>();
    for (const auto* const each : contracts)
      for (auto& route : contracts::rest_surface_of({each}).routes)
        (*routes)[route.method].push_back(std::move(route));
    routes_ = std::move(routes);
  }

  static const call_context& context_of(const contract_call& call) noexcept { return call.context; }

  [[nodiscard]] expected<request_type> plan(const contract_call& call) const {
    const auto found = routes_->find(call.method);
    if (found == routes_->end())
      return failure{errc::unsupported,
                     call.method->full_name() + " has no google.api.http option, and is called over HTTP"};
    auto encoded = contracts::encode_request(found->second, *call.request);
    if (!encoded)
      return failure{encoded.error().code, call.method->full_name() + ": " + encoded.error().reason};
    const auto& route = *encoded->route;
    auto target = prefix_ + encoded->target;
    return request_type{encoded->http_method,
                        encoded->http_method + ' ' + route.path.text,
                        origin_ + target.substr(0, target.find('?')), // a query may hold what traces must not
                        std::move(target),
                        std::move(encoded->body),
                        std::move(encoded->content_type),
                        &route};
  }

  [[nodiscard]] outgoing_request encode(request_type& request, const contract_call& call, const trace_context& trace) const {
    outgoing_request result;
    auto& head = result.head;
    head.reserve(1024);
    head.append(request.http_method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
    append_header(head, "Host", host_);
    append_header(head, "Accept", contracts::answers_any_body(*request.route) ? "*/*" : "application/json");
    if (request.route->body != contracts::body_content::none) {
      append_header(head, "Content-Type", request.content_type);
      append_header(head, "Content-Length", std::to_string(request.body.size()));
    }
    for (const auto& [name, value] : call.context.metadata)
      if (is_metadata(name) && is_token(name) && !name.ends_with("-bin")
          && (name != "content-encoding" || contracts::takes_any_body(*request.route)))
        append_header(head, name, value);
    append_trace(head, trace);
    append_header(head, header_name::call_id, call.context.id);
    result.body = std::move(request.body);
    if (request.http_method == "HEAD")
      result.expects = answer_body::none;
    return result;
  }

  [[nodiscard]] static expected<contract_answer> decode(const request_type& request, http_answer answer) {
    if (answer.status < 200 || answer.status > 299)
      return failure_of(answer);
    const auto& type = *request.route->method->output_type();
    contract_answer result;
    result.response.reset(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
    if (const auto read = contracts::decode_answer(*request.route, {answer.body, answer.content_type}, *result.response);
        !read)
      return read.error();
    result.metadata = std::move(answer.metadata);
    return result;
  }

private:
  using routes_by_method = std::map<const MethodDescriptor*, std::vector<rest_route>>;

  // A body that says something else than its HTTP status is somebody else's.
  static failure failure_of(const http_answer& answer) {
    if (const auto status = contracts::status_of_json(answer.body);
        status && contracts::http_status_of(status->code()) == answer.status)
      return contracts::to_failure(*status);
    return {error_of_status(answer.status, answer.body), "it answered " + std::to_string(answer.status)};
  }

  std::string prefix_;
  std::string host_;
  std::string origin_;
  std::shared_ptr<const routes_by_method> routes_; // requests under way point into it
};

} // namespace

std::vector<std::string> mistakes_of_client(const ServiceDescriptor& contract) {
  auto surface = contracts::rest_surface_of({&contract});
  if (surface.mistakes.empty() && surface.routes.empty())
    surface.mistakes.push_back("no method of " + contract.full_name() + " has a google.api.http option");
  return std::move(surface.mistakes);
}

contract_actor spawn_contract_client(const spawn_context& context, client_config config,
                                     const std::vector<const ServiceDescriptor*>& contracts) {
  auto target = target_or_throw(config, {});
  if (target.path.find('?') != std::string::npos)
    throw std::invalid_argument{"the HTTP client for " + config.name + ": its target has a query"};
  for (const auto* const each : contracts)
    if (const auto mistakes = mistakes_of_client(*each); !mistakes.empty())
      throw std::invalid_argument{"the HTTP client for " + config.name + ": " + mistakes.front()};
  contract_calls calls{target, contracts};
  return spawn_client(context, std::move(config), std::move(target), std::move(calls));
}

} // namespace troupe::http
