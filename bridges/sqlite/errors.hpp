#pragma once

#include <filesystem>
#include <string_view>

#include <sqlite3.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// The code for a result code of SQLite (https://www.sqlite.org/rescode.html). `SQLITE_OK`, `SQLITE_ROW` and
/// `SQLITE_DONE` are `errc::none`.
errc to_errc(int code) noexcept;

/// Whether, after this code, the state of the connection and of the operating system's cache may differ from the file on
/// disk, so that the connection must be opened again. See https://wiki.postgresql.org/wiki/Fsync_Errors for why.
bool doubts_file(int code) noexcept;

/// The code with SQLite's own message for the connection's last failure; `doing` names the operation.
failure to_failure(sqlite3* connection, int code, std::string_view doing);

/// The failure with the name of the file, where its reason does not have it.
failure about_file(failure why, const std::filesystem::path& file);

} // namespace troupe::sqlite
