#include <troupe/deploy/host/process/fault_routes.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <boost/json/parse.hpp>

#include <troupe/bridges/http/json_body.hpp>
#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/target.hpp>

namespace troupe::host {

namespace {

constexpr std::int64_t longest_seconds = 300;

struct fault_wish {
  std::string kind;
  std::string target;
  std::int64_t seconds = 10;
};

expected<fault_wish> decode_fault(std::string_view body) {
  boost::json::error_code wrong;
  const auto parsed = boost::json::parse({body.data(), body.size()}, wrong);
  const auto* const members = wrong ? nullptr : parsed.if_object();
  if (members == nullptr)
    return failure{errc::invalid, "the body must be a JSON object"};
  fault_wish result;
  for (const auto& each : *members) {
    const bool is_kind = each.key() == "kind";
    if ((is_kind || each.key() == "target") && each.value().is_string())
      (is_kind ? result.kind : result.target) = each.value().get_string();
    else if (each.key() == "seconds" && each.value().is_int64())
      result.seconds = each.value().get_int64();
    else
      return failure{errc::invalid, "a fault has the texts kind and target, and seconds, a number"};
  }
  if (result.kind.empty() || result.target.empty())
    return failure{errc::invalid, "a fault has a kind and a target"};
  if (result.seconds < 1 || result.seconds > longest_seconds)
    return failure{errc::invalid, "seconds is a number from 1 to " + std::to_string(longest_seconds)};
  return result;
}

http::response json_answer(unsigned status, std::string text, const http::request& asked) {
  http::response result{status, http::media_type::json, std::move(text), {}, std::string{asked.request_id}};
  result.headers.push_back({"Cache-Control", "no-store"});
  return result;
}

http::response begin_fault(faults& of, const http::request& asked) {
  if (!http::has_json(asked))
    return http::no_json(asked);
  const auto wish = decode_fault(asked.body);
  auto begun = wish ? of.begin(wish->kind, wish->target, std::chrono::seconds{wish->seconds}) : wish.error();
  return begun ? json_answer(201, std::move(*begun), asked) : http::problem(begun.error(), asked.request_id);
}

http::response end_fault(faults& of, const http::request& asked) {
  const auto number = http::parse_number(asked.parameter, std::numeric_limits<std::int64_t>::max());
  const auto ended = number ? of.end(static_cast<std::uint64_t>(*number)) : expected<void>{number.error()};
  if (!ended)
    return http::problem(ended.error(), asked.request_id);
  http::response result;
  result.status = 204;
  return result;
}

} // namespace

std::vector<http::route> fault_routes(faults& of) {
  const http::handler listed_or_begun = [&of](const http::request& asked) {
    return asked.verb == http::method::post ? begin_fault(of, asked) : json_answer(200, of.list(), asked);
  };
  const http::handler ended = [&of](const http::request& asked) { return end_fault(of, asked); };
  return {{"/faults", {http::method::get, http::method::post}, listed_or_begun},
          {"/faults/{number}", {http::method::remove}, ended}};
}

} // namespace troupe::host
