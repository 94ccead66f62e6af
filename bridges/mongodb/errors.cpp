#include <troupe/bridges/mongodb/errors.hpp>

#include <string>

namespace troupe::mongodb {

namespace {

constexpr std::int64_t atlas_error = 8000; // AtlasError, which only its message specifies

} // namespace

errc to_errc(std::int64_t server_code, scope of) noexcept {
  switch (server_code) {
    case 11:  // UserNotFound
    case 18:  // AuthenticationFailed
    case 334: // MechanismUnavailable
    case 391: // ReauthenticationRequired
    case atlas_error:
      return errc::unauthenticated;

    case 13: // Unauthorized
      return errc::forbidden;

    case 50:  // MaxTimeMSExpired
    case 89:  // NetworkTimeout
    case 202: // NetworkInterfaceExceededTimeLimit
    case 262: // ExceededTimeLimit
      return errc::deadline_exceeded;

    case 12501: // QuotaExceeded
    case 64:    // WriteConcernFailed
    case 79:    // UnknownReplWriteConcern
    case 100:   // UnsatisfiableWriteConcern
    case 14031: // OutOfDiskSpace
      return errc::storage_failed;

    case 365:   // TemporarilyUnavailable
    case 462:   // IngressRequestRateLimitExceeded
    case 16500: // Azure's way to say that it is too much
      return errc::throttled;

    case 1:     // InternalError
    case 6:     // HostUnreachable
    case 7:     // HostNotFound
    case 8:     // UnknownError
    case 24:    // LockTimeout
    case 46:    // LockBusy
    case 63:    // StaleShardVersion
    case 91:    // ShutdownInProgress
    case 107:   // LockFailed
    case 112:   // WriteConflict
    case 117:   // ConflictingOperationInProgress
    case 133:   // FailedToSatisfyReadPreference
    case 150:   // StaleEpoch
    case 189:   // PrimarySteppedDown
    case 371:   // UserWritesBlocked, as while a cluster is moved
    case 9001:  // SocketException
    case 10107: // NotWritablePrimary
    case 11600: // InterruptedAtShutdown
    case 11601: // Interrupted
    case 11602: // InterruptedDueToReplStateChange
    case 13388: // StaleConfig
    case 13435: // NotPrimaryNoSecondaryOk
    case 13436: // NotPrimaryOrSecondary
      return errc::unavailable;

    case 2:     // BadValue
    case 9:     // FailedToParse
    case 14:    // TypeMismatch
    case 15:    // Overflow
    case 16:    // InvalidLength
    case 22:    // InvalidBSON
    case 30:    // InvalidPath
    case 52:    // DollarPrefixedFieldName
    case 53:    // InvalidIdField
    case 55:    // InvalidDBRef
    case 56:    // EmptyFieldName
    case 57:    // DottedFieldName
    case 61:    // ShardKeyNotFound
    case 73:    // InvalidNamespace
    case 121:   // DocumentValidationFailure
    case 166:   // CommandNotSupportedOnView
    case 10334: // BSONObjectTooLarge
    case 11000: // DuplicateKey
    case 17280: // KeyTooLong
      return errc::rejected;

    default:
      return of == scope::document ? errc::rejected : errc::unavailable;
  }
}

namespace {

bool says(std::string_view text, std::string_view words) noexcept {
  return text.find(words) != std::string_view::npos;
}

bool says(const bson_error_t& error, std::string_view words) noexcept {
  return says(std::string_view{error.message}, words);
}

// "bad auth : Authentication failed.", "you are over your space quota, using 513 MB of 512 MB", "user is not allowed to do
// action [insert] on [d.c]" (https://www.mongodb.com/docs/atlas/reference/faq/storage/).
errc atlas_failure(std::string_view words) noexcept {
  if (says(words, "quota"))
    return errc::storage_failed;
  return says(words, "not allowed") ? errc::forbidden : to_errc(atlas_error, scope::write);
}

// The library has one code for every reason for which it finds no server, and the reasons in words.
errc selection_failure(const bson_error_t& error) noexcept {
  return says(error, "TLS handshake failed") || says(error, "certificate verify failed") ? errc::untrusted
                                                                                         : errc::unavailable;
}

errc stream_failure(const bson_error_t& error) noexcept {
  return says(error, "timeout") || says(error, "timed out") ? errc::deadline_exceeded : selection_failure(error);
}

errc client_failure(const bson_error_t& error) noexcept {
  switch (error.code) {
    case MONGOC_ERROR_CLIENT_AUTHENTICATE:
    case MONGOC_ERROR_CLIENT_GETNONCE:
      return errc::unauthenticated;
    case MONGOC_ERROR_CLIENT_NO_ACCEPTABLE_PEER:
      return errc::untrusted;
    default:
      return errc::unavailable;
  }
}

} // namespace

failure to_failure(std::int64_t server_code, std::string_view words, scope of) {
  const auto code = server_code == atlas_error ? atlas_failure(words) : to_errc(server_code, of);
  return {code, std::string{words} + " (error " + std::to_string(server_code) + ")"};
}

failure to_failure(const bson_error_t& error) {
  switch (error.domain) {
    case MONGOC_ERROR_SERVER:
    case MONGOC_ERROR_WRITE_CONCERN:
      return to_failure(error.code, error.message, scope::write);
    case MONGOC_ERROR_SERVER_SELECTION:
      return {selection_failure(error), error.message};
    case MONGOC_ERROR_STREAM:
      return {stream_failure(error), error.message};
    case MONGOC_ERROR_CLIENT:
      return {client_failure(error), error.message};
    case MONGOC_ERROR_SASL:
    case MONGOC_ERROR_SCRAM:
      return {errc::unauthenticated, error.message};
    case MONGOC_ERROR_BSON: // it will not send such a document
      return {errc::rejected, error.message};
    default:
      return {errc::unavailable, error.message};
  }
}

} // namespace troupe::mongodb
