#include <troupe/bridges/aws/config.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <troupe/bridges/aws/profile.hpp>

namespace troupe::aws {

namespace {

bool is_region(std::string_view name) {
  return !name.empty()
         && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// No path: what is signed is the root.
bool is_endpoint(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (url.starts_with(scheme)) {
      const auto authority = url.substr(scheme.size());
      return !authority.empty() && authority.find_first_of("/?#@ \t\r\n") == std::string_view::npos;
    }
  return false;
}

std::string without_slash(std::string url) {
  if (url.ends_with('/'))
    url.pop_back();
  return url;
}

expected<std::string> region_of(const surroundings& around) {
  for (const auto* const name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto value = around.variable(name))
      return std::move(*value);
  const auto read = read_profile(around);
  if (!read)
    return read.error();
  const auto found = read->find("region");
  return found == read->end() || found->second.empty() ? config{}.region : found->second;
}

} // namespace

endpoints endpoints_of(const std::string& region) {
  const auto host = "." + region + (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
  return {"https://secretsmanager" + host, "https://ssm" + host, "https://sts" + host};
}

expected<config> configure(surroundings around) {
  auto region = region_of(around);
  if (!region)
    return region.error();
  config result;
  result.region = std::move(*region);
  result.at = endpoints_of(result.region);
  const auto everywhere = around.variable("AWS_ENDPOINT_URL");
  const auto override_with = [&](std::string& endpoint, const char* name) {
    if (auto value = around.variable(name))
      endpoint = without_slash(std::move(*value));
    else if (everywhere)
      endpoint = without_slash(*everywhere);
  };
  override_with(result.at.secrets_manager, "AWS_ENDPOINT_URL_SECRETS_MANAGER");
  override_with(result.at.parameter_store, "AWS_ENDPOINT_URL_SSM");
  override_with(result.at.sts, "AWS_ENDPOINT_URL_STS");
  result.authorities = around.variable("AWS_CA_BUNDLE").value_or("");
  result.around = std::move(around);
  return result;
}

std::vector<std::string> validate(const config& given) {
  std::vector<std::string> mistakes;
  if (!is_region(given.region))
    mistakes.emplace_back("an AWS region is written as in us-east-1");
  for (const auto* const url : {&given.at.secrets_manager, &given.at.parameter_store, &given.at.sts})
    if (!is_endpoint(*url))
      mistakes.emplace_back("an AWS endpoint is https://host[:port], without a path");
  if (std::min({given.connect, given.attempt, given.default_deadline, given.again.min}) <= duration::zero()
      || given.again.max < given.again.min)
    mistakes.emplace_back("the times of an AWS source are longer than zero, and the longest wait is not the shorter one");
  if (given.keep < duration::zero() || given.renew_before < std::chrono::nanoseconds::zero())
    mistakes.emplace_back("how long secrets and credentials are kept is not negative");
  if (given.most_kept == 0 || given.most_waiting == 0)
    mistakes.emplace_back("an AWS source keeps at least one secret and lets at least one request wait");
  return mistakes;
}

} // namespace troupe::aws
