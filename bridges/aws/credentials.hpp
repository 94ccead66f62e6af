#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/secret.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::aws {

/// What a request is signed with.
struct credentials {
  std::string key_id;
  secret key;
  secret session_token; ///< empty for the keys of a user
  std::optional<timestamp> expires;
};

/// The environment of the process, so that tests can replace it.
struct surroundings {
  std::function<std::optional<std::string>(const std::string& name)> variable; ///< of the environment; empty ones are none
  std::function<expected<std::string>(const std::string& path)> file; ///< the text of a small file, or `not_found` and so on
};

/// The process's own.
surroundings process_surroundings();

/// Keys that are simply known.
struct known_keys {
  credentials keys;
};

/// A role that STS lends for a token: IAM roles for service accounts (IRSA) of EKS.
struct web_identity {
  std::string role;
  std::string token_file; ///< read again for every loan, because it is rotated
  std::string session_name;
};

/// An endpoint beside the process that hands out keys: EKS Pod Identity and ECS.
struct container_endpoint {
  std::string url;
  std::string token_file; ///< read again for every question; goes before `token`
  secret token;
};

/// Where credentials come from.
struct provider {
  std::variant<known_keys, web_identity, container_endpoint> how;
  std::string found_in; ///< for people: "the environment"
};

/// The first that is configured of: the environment (AWS_ACCESS_KEY_ID ...), web identity (AWS_WEB_IDENTITY_TOKEN_FILE,
/// AWS_ROLE_ARN), the profile of the shared files, the container's endpoint (AWS_CONTAINER_CREDENTIALS_...). This is the
/// order of the AWS SDKs for Go, which the reference platform is written with, Java and PHP
/// (https://docs.aws.amazon.com/sdk-for-php/v3/developer-guide/guide_credentials_default_chain.html); the machine's instance
/// metadata, their last one, is left out: a container is not to act with the rights of its node.
///
/// Fails with `unauthenticated` when there is none, and `invalid` for one that is configured wrongly, which no later one
/// hides.
expected<provider> choose_provider(const surroundings& around);

/// The URL of the container's endpoint. Tokens go over plain HTTP only to this machine (127.0.0.0/8, ::1, localhost) and to
/// the addresses that ECS (169.254.170.2) and EKS (169.254.170.23, fd00:ec2::23) have for it, as in
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html. `relative` goes before `full`.
expected<std::string> container_url(const std::string& relative, const std::string& full);

} // namespace troupe::aws
