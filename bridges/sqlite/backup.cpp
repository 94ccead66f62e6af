#include <troupe/bridges/sqlite/backup.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <troupe/bridges/sqlite/schema.hpp>

namespace troupe::sqlite {

namespace {

namespace fs = std::filesystem;

failure cannot(const fs::path& path, const char* step) {
  return {errc::storage_failed, path.string() + " cannot be " + step + ": " + std::generic_category().message(errno)};
}

bool is_there(const fs::path& path) {
  std::error_code unknown;
  return fs::symlink_status(path, unknown).type() != fs::file_type::not_found;
}

// The data's own files must not be written over, whatever they are called here.
bool is_of_data(const fs::path& folder, const fs::path& to) {
  static constexpr std::array names{"troupe.sqlite", "troupe.sqlite-wal", "troupe.sqlite-shm", "troupe.lock"};
  std::error_code unknown;
  for (const auto* each : names) {
    if (fs::equivalent(folder / each, to, unknown))
      return true;
    if (to.filename() == each && fs::equivalent(folder, to.has_parent_path() ? to.parent_path() : ".", unknown))
      return true;
  }
  return false;
}

expected<void> check_name(const fs::path& folder, const fs::path& to, name_taken how) {
  std::error_code unknown;
  if (!to.has_filename() || fs::is_directory(to, unknown))
    return failure{errc::conflict, "'" + to.string() + "' is a folder: name the file of the backup in it"};
  if (fs::exists(to, unknown) && !fs::is_regular_file(to, unknown)) // a device would be gone
    return failure{errc::conflict, to.string() + " is not a regular file: name another one"};
  if (is_of_data(folder, to))
    return failure{errc::conflict, to.string() + " is one of the data's own files: name another file"};
  if (how == name_taken::refuse && is_there(to))
    return failure{errc::conflict, to.string() + " exists already: name another file, or say --replace"};
  // SQLite would take them for a part of the new file.
  for (const auto* each : {"-wal", "-journal"})
    if (is_there(to.string() + each) && fs::file_size(to.string() + each, unknown) > 0)
      return failure{errc::conflict, to.string() + each + " belongs to an earlier database of that name: remove both"};
  return {};
}

/// The file that becomes the backup. No other process writes it.
class partial_file {
public:
  static expected<partial_file> make(const fs::path& path) {
    file_handle made{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!made)
      return cannot(path, "written");
    struct stat opened {};
    struct stat named {};
    const bool mine = ::flock(made.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(made.get(), &opened) == 0
                      && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino;
    if (!mine)
      return failure{errc::locked, path.string() + " is being written by another backup"};
    if (::ftruncate(made.get(), 0) != 0)
      return cannot(path, "written");
    return partial_file{path, std::move(made)};
  }

  partial_file(partial_file&&) = default;
  partial_file& operator=(partial_file&&) = delete;
  ~partial_file() {
    if (file_)
      ::unlink(path_.c_str());
  }

  /// Makes it a database without a log, so that a mere reader leaves none beside it: the versions of the format for
  /// writers and readers (https://www.sqlite.org/fileformat.html, section 1.3.3).
  expected<void> forget_log() const {
    constexpr std::array<char, 2> versions{1, 1};
    constexpr off_t position = 18;
    if (::pwrite(file_.get(), versions.data(), versions.size(), position) != static_cast<ssize_t>(versions.size()))
      return cannot(path_, "written");
    return {};
  }

  /// Syncs the file and renames it.
  expected<void> become(const fs::path& to, name_taken how) {
    if (::fsync(file_.get()) != 0)
      return cannot(path_, "written");
    const unsigned flags = how == name_taken::refuse ? RENAME_NOREPLACE : 0;
    int renamed = ::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, to.c_str(), flags);
    if (renamed != 0 && errno == EINVAL && !is_there(to)) // not every file system knows the flag
      renamed = ::rename(path_.c_str(), to.c_str());
    if (renamed != 0)
      return cannot(to, "made");
    file_ = {};
    const auto parent = to.has_parent_path() ? to.parent_path() : fs::path{"."};
    const file_handle folder{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder || ::fsync(folder.get()) != 0)
      return cannot(parent, "synced");
    return {};
  }

private:
  partial_file(fs::path path, file_handle file) : path_(std::move(path)), file_(std::move(file)) {}

  fs::path path_;
  file_handle file_; ///< none once it has its name
};

expected<void> copy(connection& from, const fs::path& into) {
  auto to = connection::open(into, access::write);
  if (to.has_error())
    return to.error();
  // It is synced as a whole, and one that is not whole is of no use.
  if (auto set = to->execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"); set.has_error())
    return set;
  return from.copy_to(*to);
}

} // namespace

expected<std::uintmax_t> back_up(const fs::path& folder, const fs::path& to, name_taken how) {
  auto from = open_beside(folder, access::read, needed_schema::any);
  if (from.has_error())
    return from.error();
  if (auto fine = check_name(folder, to, how); fine.has_error())
    return fine.error();
  const fs::path path = to.string() + ".partial";
  auto partial = partial_file::make(path);
  if (partial.has_error())
    return partial.error();
  if (auto copied = copy(*from, path); copied.has_error())
    return failure{copied.error().code, path.string() + ": " + copied.error().reason};
  if (auto plain = partial->forget_log(); plain.has_error())
    return plain.error();
  if (auto named = partial->become(to, how); named.has_error())
    return named.error();
  std::error_code unknown;
  return fs::file_size(to, unknown);
}

} // namespace troupe::sqlite
