#pragma once

#include <string_view>

#include <sqlite3.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// Our code for a result code of SQLite (https://www.sqlite.org/rescode.html). `SQLITE_OK`, `SQLITE_ROW` and
/// `SQLITE_DONE` are `errc::none`.
errc to_errc(int code) noexcept;

/// Whether, after this code, what the connection and the operating system hold of the file may differ from what is on disk,
/// so that the connection must be opened again. See https://wiki.postgresql.org/wiki/Fsync_Errors for why.
bool doubts_file(int code) noexcept;

/// The code with SQLite's own words for the connection's last failure; `doing` says what was tried.
failure to_failure(sqlite3* connection, int code, std::string_view doing);

} // namespace troupe::sqlite
