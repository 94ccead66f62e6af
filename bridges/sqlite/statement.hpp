#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <troupe/bridges/sqlite/handles.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// Bytes, as opposed to text: bound and compared without regard to an encoding.
struct blob {
  std::string_view bytes;
};

/// The current row of a statement. Valid, with every view of it, until the statement steps or ends.
class row {
public:
  explicit row(sqlite3_stmt* raw) noexcept : raw_(raw) {}

  [[nodiscard]] std::int64_t integer(int column) const noexcept { return sqlite3_column_int64(raw_, column); }
  /// Text or bytes, whatever the column holds.
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] bool null(int column) const noexcept { return sqlite3_column_type(raw_, column) == SQLITE_NULL; }

private:
  sqlite3_stmt* raw_;
};

/// State of a connection at a stable address, which SQLite's hooks and the statements in use keep.
struct connection_facts {
  int log_pages = 0;    ///< in the log after the last commit
  bool doubted = false; ///< a failure put the connection's state of the file in doubt
};

/// What a visitor of rows may return, to end the visit.
enum class reading : std::uint8_t { on, enough };

/// The use of a prepared statement that its connection keeps: reset, with its bindings cleared, when it ends. Parameters are
/// bound by their index and must outlive the step. One thread.
class statement {
public:
  /// `in_use` is the connection's mark against using the statement twice at a time.
  statement(sqlite3* connection, sqlite3_stmt* raw, bool& in_use, connection_facts& facts) noexcept;
  statement(statement&& other) noexcept;
  statement& operator=(statement&&) = delete;
  ~statement();

  /// Binds every parameter and runs to the end, ignoring rows.
  template <class... Args>
  expected<void> run(const Args&... args) {
    if (auto bound = bind_all(args...); bound.has_error())
      return bound;
    return finish();
  }

  /// Binds every parameter, calls `on_row(row)` for each row, and runs to the end or to an answer of `reading::enough`.
  template <class OnRow, class... Args>
  expected<void> each(OnRow&& on_row, const Args&... args) {
    if (auto bound = bind_all(args...); bound.has_error())
      return bound;
    for (;;) {
      auto stepped = step();
      if (stepped.has_error())
        return stepped.error();
      if (!*stepped)
        return {};
      if constexpr (std::same_as<std::invoke_result_t<OnRow&, row>, reading>) {
        if (on_row(row{raw_}) == reading::enough)
          return {};
      } else {
        on_row(row{raw_});
      }
    }
  }

private:
  template <class... Args>
  expected<void> bind_all(const Args&... args) {
    sqlite3_reset(raw_);
    int index = 0;
    int code = SQLITE_OK;
    static_cast<void>((((code = bind(++index, args)) == SQLITE_OK) && ...));
    return checked(code);
  }

  template <std::integral T>
  int bind(int index, T value) noexcept {
    return sqlite3_bind_int64(raw_, index, static_cast<std::int64_t>(value));
  }
  int bind(int index, std::string_view value) noexcept;
  int bind(int index, blob value) noexcept;
  template <class T>
  int bind(int index, const std::optional<T>& value) noexcept {
    return value ? bind(index, *value) : sqlite3_bind_null(raw_, index);
  }

  expected<bool> step();
  expected<void> finish();
  [[nodiscard]] expected<void> checked(int code) const;
  [[nodiscard]] failure failed(int code) const;

  sqlite3* connection_;
  sqlite3_stmt* raw_;
  bool* in_use_;
  connection_facts* facts_;
};

} // namespace troupe::sqlite
