#include <troupe/bridges/aws/errors.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::aws {

namespace {

enum class error_kind : std::uint8_t {
  unknown,
  no_such_secret,
  no_such_parameter,
  no_such_version,
  not_decrypted,
  service_failed,
  bad_parameter,
  bad_state,
  not_allowed,
  expired_credentials,
  unknown_credentials,
  bad_signature,
  wrong_clock,
  no_credentials,
  bad_token,
  identity_provider_away,
  throttled,
};

struct entry {
  std::string_view name;
  error_kind meaning;
};

// Names of the services' API references and of what they have in common
// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors,
// .../systems-manager/latest/APIReference/API_GetParameter.html,
// .../STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html,
// .../CommonErrors.html); JSON services append "Exception" where STS does not.
constexpr auto names = std::to_array<entry>({
  {"ResourceNotFoundException", error_kind::no_such_secret},
  {"ParameterNotFound", error_kind::no_such_parameter},
  {"ParameterVersionNotFound", error_kind::no_such_version},
  {"DecryptionFailure", error_kind::not_decrypted},
  {"InvalidKeyId", error_kind::not_decrypted},
  {"InternalServiceError", error_kind::service_failed},
  {"InternalServerError", error_kind::service_failed},
  {"InternalFailure", error_kind::service_failed},
  {"ServiceUnavailable", error_kind::service_failed},
  {"ServiceUnavailableException", error_kind::service_failed},
  {"InvalidParameterException", error_kind::bad_parameter},
  {"InvalidParameterValue", error_kind::bad_parameter},
  {"ValidationException", error_kind::bad_parameter},
  {"ValidationError", error_kind::bad_parameter},
  {"InvalidRequestException", error_kind::bad_state},
  {"AccessDeniedException", error_kind::not_allowed},
  {"AccessDenied", error_kind::not_allowed},
  {"OptInRequired", error_kind::not_allowed},
  {"ExpiredTokenException", error_kind::expired_credentials},
  {"ExpiredToken", error_kind::expired_credentials},
  {"UnrecognizedClientException", error_kind::unknown_credentials},
  {"InvalidClientTokenId", error_kind::unknown_credentials},
  {"InvalidAccessKeyId", error_kind::unknown_credentials},
  {"NotAuthorized", error_kind::unknown_credentials},
  {"InvalidSignatureException", error_kind::bad_signature},
  {"SignatureDoesNotMatch", error_kind::bad_signature},
  {"IncompleteSignature", error_kind::bad_signature},
  {"IncompleteSignatureException", error_kind::bad_signature},
  {"RequestExpired", error_kind::wrong_clock},
  {"RequestTimeTooSkewed", error_kind::wrong_clock},
  {"MissingAuthenticationToken", error_kind::no_credentials},
  {"MissingAuthenticationTokenException", error_kind::no_credentials},
  {"InvalidIdentityToken", error_kind::bad_token},
  {"IDPRejectedClaim", error_kind::bad_token},
  {"IDPCommunicationError", error_kind::identity_provider_away},
  {"ThrottlingException", error_kind::throttled},
  {"Throttling", error_kind::throttled},
  {"ThrottledException", error_kind::throttled},
  {"TooManyRequestsException", error_kind::throttled},
  {"RequestLimitExceeded", error_kind::throttled},
  {"RequestThrottled", error_kind::throttled},
  {"RequestThrottledException", error_kind::throttled},
  {"SlowDown", error_kind::throttled},
});

errc code_of_status(unsigned status) {
  if (status == 401)
    return errc::unauthenticated;
  if (status == 403)
    return errc::forbidden;
  if (status == 404)
    return errc::not_found;
  if (status == 429)
    return errc::throttled;
  return status >= 500 ? errc::unavailable : errc::rejected;
}

failure meaning_of(error_kind kind, unsigned status) {
  switch (kind) {
    case error_kind::no_such_secret:
      return {errc::not_found, "no such secret in this region, or none of that stage"};
    case error_kind::no_such_parameter:
      return {errc::not_found, "no such parameter in this region"};
    case error_kind::no_such_version:
      return {errc::not_found, "the parameter has no such version"};
    case error_kind::not_decrypted:
      return {errc::forbidden, "it cannot be decrypted with its KMS key"};
    case error_kind::service_failed:
      return {errc::unavailable, "the service failed"};
    case error_kind::bad_parameter:
      return {errc::invalid, "the service does not take the name or the stage"};
    case error_kind::bad_state:
      return {errc::rejected, "the secret cannot be read in its present state, such as marked for deletion"};
    case error_kind::not_allowed:
      return {errc::forbidden, "these credentials may not do this"};
    case error_kind::expired_credentials:
      return {errc::unauthenticated, "the credentials have expired"};
    case error_kind::unknown_credentials:
      return {errc::unauthenticated, "these credentials are unknown"};
    case error_kind::bad_signature:
      return {errc::unauthenticated, "the secret key does not belong to the key id, or something changed the request"};
    case error_kind::wrong_clock:
      return {errc::unauthenticated, "this machine's clock is wrong"};
    case error_kind::no_credentials:
      return {errc::unauthenticated, "the request has no credentials"};
    case error_kind::bad_token:
      return {errc::unauthenticated, "STS does not take the web identity's token"};
    case error_kind::identity_provider_away:
      return {errc::unavailable, "STS does not reach the identity provider"};
    case error_kind::throttled:
      return {errc::throttled, "too many requests"};
    case error_kind::unknown:
      break;
  }
  return {code_of_status(status), "the service refuses it"};
}

} // namespace

failure to_failure(const service_error& error) {
  const auto* const found = std::ranges::find(names, error.name, &entry::name);
  auto result = meaning_of(found == names.end() ? error_kind::unknown : found->meaning, error.status);
  result.reason = (error.name.empty() ? "status " + std::to_string(error.status) : error.name) + ": " + result.reason;
  if (!error.message.empty())
    result.reason += " (" + error.message + ")";
  return result;
}

bool is_worth_another_attempt(errc code) noexcept {
  return code == errc::unavailable || code == errc::throttled;
}

} // namespace troupe::aws
