#include <troupe/bridges/sqlite/errors.hpp>

#include <algorithm>
#include <string>

namespace troupe::sqlite {

namespace {

// A script is shown by its beginning: a failure is one line.
std::string_view first_line(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
  return text.substr(0, text.find('\n'));
}

} // namespace

errc to_errc(int code) noexcept {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return errc::none;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return errc::unavailable;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOMEM:
    case SQLITE_CORRUPT: // kept transient: what cannot be written stays unsettled until the file is repaired
    case SQLITE_NOTADB:
      return errc::storage_failed;
    case SQLITE_CONSTRAINT:
      return errc::conflict;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return errc::rejected;
    case SQLITE_INTERRUPT:
      return errc::cancelled;
    default:
      return errc::internal;
  }
}

bool doubts_file(int code) noexcept {
  switch (code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      return true;
    default:
      return false;
  }
}

failure to_failure(sqlite3* connection, int code, std::string_view doing) {
  std::string reason{first_line(doing)};
  reason += ": ";
  reason += connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  if (const int system = connection != nullptr ? sqlite3_system_errno(connection) : 0; system != 0 && doubts_file(code))
    reason += " (errno " + std::to_string(system) + ")";
  return {to_errc(code), std::move(reason)};
}

failure about_file(failure why, const std::filesystem::path& file) {
  if (why.reason.find(file.string()) == std::string::npos)
    why.reason = file.string() + ": " + why.reason;
  return why;
}

} // namespace troupe::sqlite
