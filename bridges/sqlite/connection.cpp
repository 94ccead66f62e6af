#include <troupe/bridges/sqlite/connection.hpp>

#include <utility>

#include <troupe/bridges/sqlite/errors.hpp>

namespace troupe::sqlite {

namespace {

constexpr int busy_timeout_ms = 5000;   // an operator's own tool may hold the file for a moment
constexpr int restart_timeout_ms = 200; // readers of this process are done by then; others are not waited for

int flags_of(access how) noexcept {
  switch (how) {
    case access::make:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case access::write:
      return SQLITE_OPEN_READWRITE;
    case access::read:
      break;
  }
  return SQLITE_OPEN_READONLY;
}

int note_log_pages(void* facts, sqlite3* /*connection*/, const char* /*database*/, int count) {
  static_cast<connection_facts*>(facts)->log_pages = count;
  return SQLITE_OK;
}

} // namespace

connection::connection(connection_handle raw) : facts_(std::make_unique<connection_facts>()), raw_(std::move(raw)) {
  // The hook replaces automatic checkpoints: the writer runs them after it has answered.
  sqlite3_wal_hook(raw_.get(), note_log_pages, facts_.get());
}

expected<connection> connection::open(const std::filesystem::path& file, access how) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags_of(how) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  connection_handle handle{raw}; // there is one even after a failure, for its words
  if (code != SQLITE_OK)
    return to_failure(handle.get(), code, "opening " + file.string());
  sqlite3_busy_timeout(handle.get(), busy_timeout_ms);
  return connection{std::move(handle)};
}

expected<void> connection::execute(const char* script) {
  const int code = sqlite3_exec(raw_.get(), script, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK)
    return {};
  return failed(code, script);
}

expected<statement> connection::prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* raw = nullptr;
    const int code =
      sqlite3_prepare_v3(raw_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK)
      return failed(code, sql);
    found = statements_.emplace(std::string{sql}, cached{statement_handle{raw}}).first;
  }
  if (found->second.in_use)
    return failure{errc::internal, "used while in use: " + found->first};
  return statement{raw_.get(), found->second.handle.get(), found->second.in_use, *facts_};
}

expected<void> connection::commit_as(durability how) {
  if (how == commits_as_)
    return {};
  auto set = execute(how == durability::synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  if (set.has_value())
    commits_as_ = how;
  return set;
}

expected<log_progress> connection::checkpoint(checkpoint_mode how) {
  log_progress found;
  const bool restart = how == checkpoint_mode::restart;
  sqlite3_busy_timeout(raw_.get(), restart ? restart_timeout_ms : 0);
  const int code = sqlite3_wal_checkpoint_v2(
    raw_.get(), nullptr, restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &found.pages, &found.moved);
  sqlite3_busy_timeout(raw_.get(), busy_timeout_ms);
  if (code != SQLITE_OK)
    return failed(code, "moving the log into the file");
  if (found.pages < 0)
    return failure{errc::internal, "this connection has not read the file, and so knows of no log"};
  return found;
}

expected<void> connection::copy_to(connection& other) {
  backup_handle copy{sqlite3_backup_init(other.raw_.get(), "main", raw_.get(), "main")};
  if (!copy)
    return other.failed(sqlite3_errcode(other.raw_.get()), "copying the database");
  // In one step, which is one transaction: between two, each write of another connection would make it begin again.
  const int stepped = sqlite3_backup_step(copy.get(), -1);
  const int finished = sqlite3_backup_finish(copy.release());
  if (stepped == SQLITE_DONE && finished == SQLITE_OK)
    return {};
  return other.failed(finished != SQLITE_OK ? finished : stepped, "copying the database");
}

failure connection::failed(int code, std::string_view doing) const {
  facts_->doubted = facts_->doubted || doubts_file(code);
  return to_failure(raw_.get(), code, doing);
}

} // namespace troupe::sqlite
