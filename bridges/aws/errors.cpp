#include <troupe/bridges/aws/errors.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::aws {

namespace {

enum class refusal : std::uint8_t {
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
  refusal meaning;
};

// Names of the services' API references and of what they have in common
// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors,
// .../systems-manager/latest/APIReference/API_GetParameter.html,
// .../STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html,
// .../CommonErrors.html); JSON services append "Exception" where STS does not.
constexpr auto names = std::to_array<entry>({
  {"ResourceNotFoundException", refusal::no_such_secret},
  {"ParameterNotFound", refusal::no_such_parameter},
  {"ParameterVersionNotFound", refusal::no_such_version},
  {"DecryptionFailure", refusal::not_decrypted},
  {"InvalidKeyId", refusal::not_decrypted},
  {"InternalServiceError", refusal::service_failed},
  {"InternalServerError", refusal::service_failed},
  {"InternalFailure", refusal::service_failed},
  {"ServiceUnavailable", refusal::service_failed},
  {"ServiceUnavailableException", refusal::service_failed},
  {"InvalidParameterException", refusal::bad_parameter},
  {"InvalidParameterValue", refusal::bad_parameter},
  {"ValidationException", refusal::bad_parameter},
  {"ValidationError", refusal::bad_parameter},
  {"InvalidRequestException", refusal::bad_state},
  {"AccessDeniedException", refusal::not_allowed},
  {"AccessDenied", refusal::not_allowed},
  {"OptInRequired", refusal::not_allowed},
  {"ExpiredTokenException", refusal::expired_credentials},
  {"ExpiredToken", refusal::expired_credentials},
  {"UnrecognizedClientException", refusal::unknown_credentials},
  {"InvalidClientTokenId", refusal::unknown_credentials},
  {"InvalidAccessKeyId", refusal::unknown_credentials},
  {"NotAuthorized", refusal::unknown_credentials},
  {"InvalidSignatureException", refusal::bad_signature},
  {"SignatureDoesNotMatch", refusal::bad_signature},
  {"IncompleteSignature", refusal::bad_signature},
  {"IncompleteSignatureException", refusal::bad_signature},
  {"RequestExpired", refusal::wrong_clock},
  {"RequestTimeTooSkewed", refusal::wrong_clock},
  {"MissingAuthenticationToken", refusal::no_credentials},
  {"MissingAuthenticationTokenException", refusal::no_credentials},
  {"InvalidIdentityToken", refusal::bad_token},
  {"IDPRejectedClaim", refusal::bad_token},
  {"IDPCommunicationError", refusal::identity_provider_away},
  {"ThrottlingException", refusal::throttled},
  {"Throttling", refusal::throttled},
  {"ThrottledException", refusal::throttled},
  {"TooManyRequestsException", refusal::throttled},
  {"RequestLimitExceeded", refusal::throttled},
  {"RequestThrottled", refusal::throttled},
  {"RequestThrottledException", refusal::throttled},
  {"SlowDown", refusal::throttled},
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

failure meaning_of(refusal what, unsigned status) {
  switch (what) {
    case refusal::no_such_secret:
      return {errc::not_found, "no such secret in this region, or none of that stage"};
    case refusal::no_such_parameter:
      return {errc::not_found, "no such parameter in this region"};
    case refusal::no_such_version:
      return {errc::not_found, "the parameter has no such version"};
    case refusal::not_decrypted:
      return {errc::forbidden, "it cannot be decrypted with its KMS key"};
    case refusal::service_failed:
      return {errc::unavailable, "the service failed"};
    case refusal::bad_parameter:
      return {errc::invalid, "the service does not take the name or the stage"};
    case refusal::bad_state:
      return {errc::rejected, "the secret cannot be read in its present state, such as marked for deletion"};
    case refusal::not_allowed:
      return {errc::forbidden, "these credentials may not do this"};
    case refusal::expired_credentials:
      return {errc::unauthenticated, "the credentials are over"};
    case refusal::unknown_credentials:
      return {errc::unauthenticated, "nobody has these credentials"};
    case refusal::bad_signature:
      return {errc::unauthenticated, "the secret key does not belong to the key id, or something changed the request"};
    case refusal::wrong_clock:
      return {errc::unauthenticated, "this machine's clock is wrong"};
    case refusal::no_credentials:
      return {errc::unauthenticated, "the request bore no credentials"};
    case refusal::bad_token:
      return {errc::unauthenticated, "STS does not take the web identity's token"};
    case refusal::identity_provider_away:
      return {errc::unavailable, "STS does not reach the identity provider"};
    case refusal::throttled:
      return {errc::throttled, "too many requests"};
    case refusal::unknown:
      break;
  }
  return {code_of_status(status), "the service refuses it"};
}

} // namespace

failure to_failure(const service_error& what) {
  const auto* const found = std::ranges::find(names, what.name, &entry::name);
  auto result = meaning_of(found == names.end() ? refusal::unknown : found->meaning, what.status);
  result.reason = (what.name.empty() ? "status " + std::to_string(what.status) : what.name) + ": " + result.reason;
  if (!what.message.empty())
    result.reason += " (" + what.message + ")";
  return result;
}

bool is_worth_another_attempt(errc code) noexcept {
  return code == errc::unavailable || code == errc::throttled;
}

} // namespace troupe::aws
