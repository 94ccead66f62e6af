#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/kafka/config.hpp>

namespace troupe::kafka {

/// Whether connections to a cluster are encrypted.
enum class encryption : std::uint8_t { tls, none };

constexpr auto words_of(encryption) {
  return settings::words<encryption>({{"tls", encryption::tls}, {"none", encryption::none}});
}

/// The settings of a cluster. They make a `connection` once its secrets are read.
struct cluster_config {
  std::vector<std::string> brokers;            ///< HOST:PORT, or a reference to a list of these
  std::optional<secret_reference> credentials; ///< a JSON object with username and password
  std::optional<std::string> username;
  std::optional<secret_reference> password;
  std::string mechanism = connection{}.mechanism;
  encryption encrypted = encryption::tls;
  tls_files tls;
  membership_config member;            ///< of every consumer
  std::vector<std::string> properties; ///< of librdkafka, as NAME=VALUE
};

/// HOST:PORT, with a name, an IPv4 address or an IPv6 address in brackets; or a secret reference to a list of these.
inline bool is_broker(std::string_view text) noexcept {
  if (text.starts_with("env:") || text.starts_with("file:") || text.starts_with("aws-"))
    return parse_secret_reference(text).has_value();
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || text.find_first_of(" ,/@") != std::string_view::npos)
    return false;
  const auto port = settings::text_form<std::uint32_t>::read(text.substr(colon + 1));
  const bool bracketed = text.front() == '[' && text[colon - 1] == ']';
  return port && *port >= 1 && *port <= 65'535 && (bracketed || text.find(':') == colon);
}

/// NAME=VALUE, as librdkafka's properties are written.
inline bool is_property(std::string_view text) noexcept {
  const auto sign = text.find('=');
  return sign != std::string_view::npos && sign > 0 && text.size() <= 4096
         && std::ranges::all_of(text.substr(0, sign), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
            });
}

/// Whether the value of a NAME=VALUE is a secret, by librdkafka's names for those: `sasl.password`, `ssl.key.pem`.
inline bool is_secret_property(std::string_view text) noexcept {
  const auto name = text.substr(0, text.find('='));
  return std::ranges::any_of(std::to_array<std::string_view>({"password", "secret", "key.pem", "sasl.oauthbearer.config"}),
                             [name](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

/// Properties are printed without the secrets among them.
struct properties_rule : settings::spelled {
  [[nodiscard]] static std::string print(std::vector<std::string> properties) {
    for (auto& each : properties)
      if (is_secret_property(each))
        each.replace(each.find('=') + 1, std::string::npos, "***");
    return settings::text_form<std::vector<std::string>>::print(properties);
  }
};

inline constexpr settings::spelled broker_address{
  is_broker, "HOST:PORT, or where a list of these is kept, such as aws-ssm:/msk/scram/brokers"};

template <class Visitor, settings::self_of<cluster_config> Self>
void describe(Visitor& v, Self& cluster) {
  v.value("brokers", cluster.brokers, broker_address, "any of them names the others");
  v.value("credentials", cluster.credentials, settings::anything{}, "as Amazon MSK keeps them");
  v.value("username", cluster.username, settings::short_text);
  v.value("password", cluster.password, settings::anything{});
  v.value("mechanism", cluster.mechanism, settings::one_of{"SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"});
  v.value("encryption", cluster.encrypted, settings::anything{},
          "what crosses a network is encrypted, unless you say otherwise");
  v.section("tls", cluster.tls);
  describe(v, cluster.member);
  v.value("properties", cluster.properties, properties_rule{{is_property, "NAME=VALUE, such as fetch.min.bytes=1024"}},
          "https://github.com/confluentinc/librdkafka/blob/v2.0.2/CONFIGURATION.md");
}

} // namespace troupe::kafka
