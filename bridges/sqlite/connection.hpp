#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <troupe/bridges/sqlite/handles.hpp>
#include <troupe/bridges/sqlite/log_length.hpp>
#include <troupe/bridges/sqlite/statement.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// `make` creates the file where it is missing, `write` does not.
enum class access : std::uint8_t { make, write, read };

/// What a commit survives. `synced` survives a power loss; `unsynced` survives the end of the process, and is never
/// reordered with a synced one.
enum class durability : std::uint8_t { unsynced, synced };

/// A connection with the statements it has prepared. Owned by one thread at a time.
class connection {
public:
  /// Opens the file.
  static expected<connection> open(const std::filesystem::path& file, access how);

  /// Runs statements that take no parameters. `script` ends with a zero.
  expected<void> execute(const char* script);

  /// The statement for `sql`, prepared once. Fails with `internal` while an earlier use of it has not ended.
  expected<statement> prepare(std::string_view sql);

  template <class... Args>
  expected<void> run(std::string_view sql, const Args&... args) {
    auto use = prepare(sql);
    return use.has_error() ? expected<void>{use.error()} : use->run(args...);
  }

  /// Calls `on_row(row)` for each row.
  template <class OnRow, class... Args>
  expected<void> each(std::string_view sql, OnRow&& on_row, const Args&... args) {
    auto use = prepare(sql);
    return use.has_error() ? expected<void>{use.error()} : use->each(std::forward<OnRow>(on_row), args...);
  }

  /// The integer in the first column of the last row; `otherwise` where there is no row.
  template <class... Args>
  expected<std::int64_t> number(std::string_view sql, std::int64_t otherwise, const Args&... args) {
    auto done = each(
      sql, [&otherwise](const row& found) { otherwise = found.integer(0); }, args...);
    return done.has_error() ? expected<std::int64_t>{done.error()} : otherwise;
  }

  /// Rows that the last statement changed.
  [[nodiscard]] std::int64_t changes() const noexcept { return sqlite3_changes64(raw_.get()); }

  [[nodiscard]] bool in_transaction() const noexcept { return sqlite3_get_autocommit(raw_.get()) == 0; }

  /// Whether a failure put the connection's state of the file in doubt: open another connection.
  [[nodiscard]] bool doubted() const noexcept { return facts_->doubted; }

  /// Sets the durability of the following commits. Outside a transaction only.
  expected<void> commit_as(durability how);

  /// Moves committed pages from the log into the file. `passive` moves those that it can without waiting. `restart` makes
  /// the log start over, and fails with `unavailable` where a reader prevents it.
  enum class checkpoint_mode : std::uint8_t { passive, restart };
  expected<log_progress> checkpoint(checkpoint_mode how);

  /// Copies the database of this connection, as it is at one moment, over that of the other one. Others may write meanwhile.
  expected<void> copy_to(connection& other);

  /// Pages in the log after the last commit.
  [[nodiscard]] int log_pages() const noexcept { return facts_->log_pages; }

private:
  explicit connection(connection_handle raw);
  failure failed(int code, std::string_view doing) const;

  struct cached {
    statement_handle handle;
    bool in_use = false;
  };
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unique_ptr<connection_facts> facts_;
  connection_handle raw_;
  std::unordered_map<std::string, cached, text_hash, std::equal_to<>> statements_; // finalized before the connection closes
  std::optional<durability> commits_as_;
};

} // namespace troupe::sqlite
