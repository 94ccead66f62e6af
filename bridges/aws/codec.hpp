#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/aws/credentials.hpp>
#include <troupe/bridges/aws/errors.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::aws {

/// A request before its signature. It may hold secrets: never log it.
struct request {
  std::string url;
  header_list headers;
  std::optional<std::string> body;   ///< a POST where there is one, else a GET
  std::string service;               ///< for the signature; empty: not signed
  std::optional<credentials> signer; ///< there where `service` is
};

struct http_response {
  unsigned status = 0;
  std::string error_type; ///< the header x-amzn-errortype
  duration retry_after{}; ///< what the header Retry-After asks for
  std::string body;
};

/// Asks Secrets Manager or Parameter Store, whose protocol is JSON 1.1, at `url`.
request encode_read(const secret_reference& reference, const std::string& url, const credentials& signer);

/// Asks STS for a role, with a form and without a signature.
request encode_assume_role(const web_identity& who, const std::string& token, const std::string& url);

/// Asks a container's endpoint. Fails with `invalid` for a token that no header can carry.
expected<request> encode_container_question(const container_endpoint& endpoint, const std::string& token);

/// What `CURLOPT_AWS_SIGV4` takes.
std::string signing_scope(std::string_view region, std::string_view service);

/// The secret in the answer to `encode_read`. A binary one is taken as the bytes it is. Fails with `undecodable`, or with
/// what a refusal means.
expected<secret_value> decode_read(const secret_reference& reference, const http_response& response);

/// The credentials in the answer of STS, which is XML.
expected<credentials> decode_assume_role(const http_response& response);

/// The credentials in the answer of a container's endpoint.
expected<credentials> decode_container_answer(const http_response& response);

/// What a refusal says, be it JSON or XML or neither.
service_error decode_error(const http_response& response);

} // namespace troupe::aws
