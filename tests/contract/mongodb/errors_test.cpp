#define CAF_SUITE mongodb_errors
#include <troupe_test/suite.hpp>

#include <cstdio>

#include <troupe/bridges/mongodb/errors.hpp>

namespace {

using namespace troupe;
using mongodb::scope;

failure of_library(std::uint32_t domain, std::uint32_t code, const char* words) {
  bson_error_t problem{};
  problem.domain = domain;
  problem.code = code;
  std::snprintf(problem.message, sizeof problem.message, "%s", words);
  return mongodb::to_failure(problem);
}

} // namespace

CAF_TEST(what passes is transient and what a document brings is permanent) {
  for (const auto passing : {1, 6, 50, 64, 91, 112, 189, 262, 10107, 11600, 11602, 13435, 16500, 14031, 12501, 371})
    for (const auto of : {scope::write, scope::document})
      CAF_CHECK(is_transient(mongodb::to_errc(passing, of)));
  for (const auto permanent : {2, 22, 52, 73, 121, 10334, 17280})
    for (const auto of : {scope::write, scope::document})
      CAF_CHECK(mongodb::to_errc(permanent, of) == errc::rejected);
}

CAF_TEST(what Atlas refuses is known by its words) {
  const auto code_of = [](std::string_view words) { return mongodb::to_failure(8000, words, scope::document).code; };
  CAF_CHECK_EQUAL(code_of("you are over your space quota, using 513 MB of 512 MB"), errc::storage_failed);
  CAF_CHECK_EQUAL(code_of("user is not allowed to do action [insert] on [d.c]"), errc::forbidden);
  CAF_CHECK_EQUAL(code_of("bad auth : Authentication failed."), errc::unauthenticated);
}

CAF_TEST(what nobody knows is permanent for a document and passes for a whole write) {
  CAF_CHECK(mongodb::to_errc(987'654, scope::document) == errc::rejected);
  CAF_CHECK(mongodb::to_errc(987'654, scope::write) == errc::unavailable);
}

CAF_TEST(credentials and rights and trust are distinguished) {
  CAF_CHECK(of_library(MONGOC_ERROR_SERVER, 18, "Authentication failed.").code == errc::unauthenticated);
  CAF_CHECK(of_library(MONGOC_ERROR_SERVER, 8000, "bad auth").code == errc::unauthenticated);
  CAF_CHECK(of_library(MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE, "no").code == errc::unauthenticated);
  CAF_CHECK(of_library(MONGOC_ERROR_SCRAM, MONGOC_ERROR_SCRAM_PROTOCOL_ERROR, "no").code == errc::unauthenticated);
  CAF_CHECK(of_library(MONGOC_ERROR_SERVER, 13, "not authorized").code == errc::forbidden);
  CAF_CHECK(of_library(MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE,
                       "No suitable servers found: [TLS handshake failed: certificate verify failed]")
              .code
            == errc::untrusted);
}

CAF_TEST(a server that is away and one that is silent are distinguished) {
  CAF_CHECK(of_library(MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE,
                       "No suitable servers found: [connection refused calling hello on '127.0.0.1:1']")
              .code
            == errc::unavailable);
  CAF_CHECK(
    of_library(MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, "Failed to read 4 bytes: socket error or timeout").code
    == errc::deadline_exceeded);
  CAF_CHECK(of_library(MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_NAME_RESOLUTION, "Failed to resolve x").code
            == errc::unavailable);
}

CAF_TEST(the servers words stand beside its number) {
  CAF_CHECK_EQUAL(mongodb::to_failure(121, "Document failed validation", scope::document).reason,
                  "Document failed validation (error 121)");
}
