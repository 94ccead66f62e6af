#include <troupe/bridges/sqlite/database.hpp>

#include <cerrno>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>

#include <troupe/bridges/sqlite/errors.hpp>
#include <troupe/bridges/sqlite/schema.hpp>

namespace troupe::sqlite {

namespace {

using work = std::function<expected<void>(connection&)>;

template <class Submit>
expected<void> run_and_wait(work body, Submit submit) {
  std::promise<expected<void>> ended;
  auto outcome = ended.get_future();
  submit(make_job(durability::synced, std::move(body), [&ended](const expected<void>& done) { ended.set_value(done); }));
  return outcome.get();
}

expected<std::int64_t> next_incarnation(connection& on) {
  return on.number("UPDATE process SET incarnation = incarnation + 1 RETURNING incarnation", 0);
}

// What is kept is its owner's alone; SQLite gives its log the permissions of the file. SQLite would open a file that it may
// only read, and fail at the first write.
expected<void> make_private(const std::filesystem::path& file) {
  const file_handle made{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!made)
    return failure{errc::storage_failed, file.string() + " cannot be written: " + std::generic_category().message(errno)};
  return {};
}

expected<opened_file> open_file(const std::filesystem::path& file) {
  if (auto made = make_private(file); made.has_error())
    return made.error();
  auto writing = connection::open(file, access::make);
  if (writing.has_error())
    return writing.error();
  if (auto migrated = migrate(*writing, file); migrated.has_error())
    return migrated.error();
  if (auto prepared = prepare_writing(*writing); prepared.has_error())
    return prepared.error();
  const auto incarnation = next_incarnation(*writing);
  if (incarnation.has_error())
    return incarnation.error();
  auto reading = connection::open(file, access::read);
  if (reading.has_error())
    return reading.error();
  auto moving = connection::open(file, access::write);
  if (moving.has_error())
    return moving.error();
  const auto files = file_identity::of(file);
  if (files.has_error())
    return files.error();
  return opened_file{std::move(*writing), std::move(*reading), std::move(*moving), *incarnation, *files};
}

// An actor may have its last owner in a job, and the database its last owner in that actor: then it ends on a thread of its
// own making, because a thread cannot join itself.
void end(database* ending) {
  if (ending->on_own_thread())
    std::thread{[ending] { delete ending; }}.detach();
  else
    delete ending;
}

} // namespace

database::database(folder_lock lock, std::filesystem::path file, opened_file opened, options settings)
  : lock_(std::move(lock)),
    file_(std::move(file)),
    settings_(std::move(settings)),
    incarnation_(opened.incarnation),
    log_(file_, std::move(opened.moving_log), opened.files, health_, settings_.watcher),
    writer_(file_, std::move(opened.writing), opened.files, health_, log_, settings_.bounds, *settings_.watcher),
    reader_(file_, std::move(opened.reading), settings_.bounds) {}

expected<void> database::write_and_wait(work body) {
  return run_and_wait(std::move(body), [this](job_ptr each) { submit(std::move(each)); });
}

expected<void> database::read_and_wait(work body) {
  return run_and_wait(std::move(body), [this](job_ptr each) { submit_read(std::move(each)); });
}

expected<database_ptr> open(options settings) {
  auto lock = folder_lock::take(settings.folder);
  if (lock.has_error())
    return lock.error();
  auto file = settings.folder / "troupe.sqlite";
  auto opened = open_file(file);
  if (opened.has_error())
    return about_file(opened.error(), file);
  auto made = std::make_unique<database>(std::move(*lock), std::move(file), std::move(*opened), std::move(settings));
  return database_ptr{made.release(), end};
}

} // namespace troupe::sqlite
