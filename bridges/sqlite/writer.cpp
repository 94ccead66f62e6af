#include <troupe/bridges/sqlite/writer.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include <troupe/bridges/sqlite/lock_holders.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::sqlite {

namespace {

constexpr std::size_t largest_group = 512;

double seconds_since(instant begun) {
  return std::chrono::duration<double>(steady_now() - begun).count();
}

} // namespace

expected<void> prepare_writing(connection& on) {
  // The log is moved into the file beside the writes, instead of within a commit. Do not set
  // wal_autocheckpoint for it: the pragma would take away the hook that reports the log's length. Cutting a long log costs a
  // commit tens of milliseconds on some file systems, so only one that was reported as long is cut.
  auto set = on.execute("PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY; "
                        "PRAGMA cache_size=-8192;");
  return set.has_error() ? set : on.commit_as(durability::synced);
}

writer::writer(std::filesystem::path file, connection on, file_identity files, std::shared_ptr<file_health> health,
               checkpointer& log, queue_bounds bounds, observer& watcher)
  : file_(std::move(file)),
    files_(std::move(files)),
    health_(std::move(health)),
    log_(log),
    watcher_(watcher),
    queue_(bounds),
    on_(std::move(on)),
    commits_(watcher.make_counter("troupe_sqlite_commits_total", "Groups of writes that were committed.", {})),
    failed_commits_(watcher.make_counter("troupe_sqlite_failed_commits_total", "Groups of writes that could not be.", {})),
    committed_jobs_(watcher.make_counter("troupe_sqlite_committed_writes_total", "Writes in the committed groups.", {})),
    commit_duration_(
      watcher.make_histogram("troupe_sqlite_commit_duration_seconds", "From begin to durable, per group.", {})),
    thread_([this] { work(); }) {}

writer::~writer() {
  close();
  thread_.join();
}

void writer::work() {
  pthread_setname_np(pthread_self(), "troupe-db-write");
  for (auto group = queue_.take(largest_group); !group.empty(); group = queue_.take(largest_group)) {
    commit(std::move(group));
    tend_log();
  }
}

void writer::commit(std::vector<job_ptr> group) {
  std::vector<expected<void>> outcomes;
  outcomes.reserve(group.size());
  const auto begun = steady_now();
  if (auto done = commit_group(group, outcomes); done.has_error()) {
    failed_commits_.add();
    recover();
    report(done.error());
    const expected<void> lost{done.error()};
    for (auto& each : group)
      each->completed(lost);
    return;
  }
  failing_.over();
  commit_duration_.observe(seconds_since(begun));
  commits_.add();
  committed_jobs_.add(static_cast<double>(group.size()));
  for (std::size_t i = 0; i < group.size(); ++i)
    group[i]->completed(outcomes[i]);
}

expected<void> writer::commit_group(const std::vector<job_ptr>& group, std::vector<expected<void>>& outcomes) {
  if (auto begun = begin(group); begun.has_error())
    return begun;
  for (const auto& each : group) {
    outcomes.push_back(run_alone(*each));
    // SQLite ends the whole transaction after some failures (a full disk among them): then no write is left.
    if (!on_->in_transaction())
      return outcomes.back();
  }
  auto done = on_->run("COMMIT");
  return done.has_error() ? done : still_there();
}

expected<void> writer::begin(const std::vector<job_ptr>& group) {
  if (auto there = still_there(); there.has_error())
    return there;
  if (!on_)
    if (auto opened = reopen(); opened.has_error())
      return opened;
  const auto needs_sync = [](const job_ptr& each) { return each->needs() == durability::synced; };
  const auto how = std::any_of(group.begin(), group.end(), needs_sync) ? durability::synced : durability::unsynced;
  if (auto set = on_->commit_as(how); set.has_error())
    return set;
  return on_->run("BEGIN IMMEDIATE");
}

expected<void> writer::run_alone(job& current) {
  if (auto marked = on_->run("SAVEPOINT job"); marked.has_error())
    return marked;
  expected<void> done;
  try {
    done = current.run(*on_);
  } catch (const std::exception& thrown) {
    done = failure{errc::internal, thrown.what()};
  }
  if (!on_->in_transaction())
    return done.has_error() ? done : failure{errc::internal, "the transaction ended within a write"};
  if (done.has_error())
    if (auto undone = on_->run("ROLLBACK TO job"); undone.has_error())
      return undone;
  if (auto released = on_->run("RELEASE job"); released.has_error())
    return released;
  return done;
}

void writer::recover() {
  if (!on_)
    return;
  const bool undone = !on_->in_transaction() || on_->run("ROLLBACK").has_value();
  if (!undone || on_->doubted())
    on_.reset(); // the next group opens it again
}

expected<void> writer::reopen() {
  auto opened = connection::open(file_, access::write);
  if (opened.has_error())
    return opened.error();
  if (auto prepared = prepare_writing(*opened); prepared.has_error())
    return prepared;
  // After a failed fsync the system may hold pages of the log as clean that never reached the disk. Moving the log into the
  // file and starting it over keeps a hole in it from cutting off later commits.
  if (auto moved = opened->checkpoint(connection::checkpoint_mode::restart); moved.has_error())
    return moved.error();
  on_.emplace(std::move(*opened));
  return {};
}

// After the answers, and without waiting: pages that readers still need stay in the log.
void writer::tend_log() {
  if (!on_ || !log_.committed(on_->log_pages()))
    return;
  if (const auto found = on_->checkpoint(connection::checkpoint_mode::passive); found.has_value())
    log_.finished(*found);
  else if (on_->doubted())
    recover(); // nothing is lost: the log still holds everything
}

// A commit into files that will never be opened again is not durable.
expected<void> writer::still_there() {
  auto found = files_.verify();
  if (found.has_error())
    health_->files.fails(found.error());
  return found;
}

void writer::report(const failure& why) {
  if (health_->files.trouble() || !failing_.due(steady_now())) // the checkpointer logs these
    return;
  auto text = file_.string() + " accepts no writes: " + to_string(why);
  if (const auto others = others_at(file_, access_kind::writing); why.code == errc::unavailable && !others.empty())
    text += "; a long write transaction in " + others + " is in the way: end that process or its transaction";
  watcher_.log(severity::error, {"troupe", "data"}, text);
}

} // namespace troupe::sqlite
