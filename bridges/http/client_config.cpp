#include <troupe/bridges/http/client_config.hpp>

#include <troupe/bridges/http/client_target.hpp>

namespace troupe::http {

std::vector<std::string> validate(const client_config& config) {
  std::vector<std::string> mistakes;
  if (const auto parsed = parse_client_target(config.target); !parsed)
    mistakes.push_back(parsed.error().reason);
  if (!config.via)
    mistakes.emplace_back("a client needs the inbox of an engine");
  if (config.tls.certificate.empty() != config.tls.key.empty())
    mistakes.emplace_back("a certificate and its key are given together");
  if (config.bounds.connections == 0)
    mistakes.emplace_back("a client needs at least one connection");
  if (config.patience.connect <= duration::zero() || config.patience.idle <= duration::zero()
      || config.default_deadline <= duration::zero())
    mistakes.emplace_back("a client's times are longer than zero");
  return mistakes;
}

} // namespace troupe::http
