#define CAF_SUITE aws_errors
#include <troupe_test/suite.hpp>

#include <troupe/bridges/aws/errors.hpp>

using namespace troupe;
using namespace troupe::aws;

CAF_TEST(each refusal of the services has its code and is reported with its name and their words) {
  const std::vector<std::pair<const char*, errc>> wanted{{"ResourceNotFoundException", errc::not_found},
                                                         {"ParameterNotFound", errc::not_found},
                                                         {"ParameterVersionNotFound", errc::not_found},
                                                         {"DecryptionFailure", errc::forbidden},
                                                         {"InternalServiceError", errc::unavailable},
                                                         {"InternalServerError", errc::unavailable},
                                                         {"InvalidParameterException", errc::invalid},
                                                         {"ValidationException", errc::invalid},
                                                         {"InvalidRequestException", errc::rejected},
                                                         {"AccessDeniedException", errc::forbidden},
                                                         {"AccessDenied", errc::forbidden},
                                                         {"ExpiredTokenException", errc::unauthenticated},
                                                         {"ExpiredToken", errc::unauthenticated},
                                                         {"UnrecognizedClientException", errc::unauthenticated},
                                                         {"InvalidClientTokenId", errc::unauthenticated},
                                                         {"InvalidSignatureException", errc::unauthenticated},
                                                         {"SignatureDoesNotMatch", errc::unauthenticated},
                                                         {"RequestTimeTooSkewed", errc::unauthenticated},
                                                         {"MissingAuthenticationToken", errc::unauthenticated},
                                                         {"InvalidIdentityToken", errc::unauthenticated},
                                                         {"IDPCommunicationError", errc::unavailable},
                                                         {"ThrottlingException", errc::throttled},
                                                         {"Throttling", errc::throttled},
                                                         {"TooManyRequestsException", errc::throttled}};
  for (const auto& [name, code] : wanted) {
    const auto failed = aws::to_failure({400, name, "in their words"});
    CAF_CHECK_EQUAL(to_string(failed.code), to_string(code));
    CAF_CHECK(failed.reason.starts_with(std::string{name} + ": "));
    CAF_CHECK(failed.reason.ends_with("(in their words)"));
  }
}

CAF_TEST(a refusal without a known name means what its status does) {
  const std::vector<std::pair<unsigned, errc>> wanted{
    {400, errc::rejected},  {401, errc::unauthenticated}, {403, errc::forbidden},   {404, errc::not_found},
    {429, errc::throttled}, {500, errc::unavailable},     {503, errc::unavailable}, {302, errc::rejected}};
  for (const auto& [status, code] : wanted) {
    CAF_CHECK_EQUAL(to_string(aws::to_failure({status, "", ""}).code), to_string(code));
    CAF_CHECK_EQUAL(to_string(aws::to_failure({status, "SomethingNew", ""}).code), to_string(code));
  }
  CAF_CHECK_EQUAL(aws::to_failure({503, "", ""}).reason, "status 503: the service refuses it");
}

CAF_TEST(only what passes by itself is worth another attempt) {
  CAF_CHECK(is_worth_another_attempt(errc::throttled));
  CAF_CHECK(is_worth_another_attempt(errc::unavailable));
  for (const auto code : {errc::not_found, errc::forbidden, errc::unauthenticated, errc::invalid, errc::rejected,
                          errc::undecodable, errc::not_sent, errc::shutting_down, errc::deadline_exceeded})
    CAF_CHECK(!is_worth_another_attempt(code));
}
