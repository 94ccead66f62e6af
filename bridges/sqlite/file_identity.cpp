#include <troupe/bridges/sqlite/file_identity.hpp>

#include <cerrno>
#include <string>
#include <system_error>

#include <sys/stat.h>

namespace troupe::sqlite {

namespace {

failure lost(const std::filesystem::path& path, const char* how) {
  return {errc::storage_failed, path.string() + " was " + how
                                  + " while it is in use: nothing is durable until it is put back, or the program is "
                                    "restarted with the files that are to be its data"};
}

} // namespace

expected<file_identity> file_identity::of(const std::filesystem::path& file) {
  file_identity result;
  const std::array names{file.string(), file.string() + "-wal", file.string() + "-shm"};
  for (std::size_t i = 0; i != names.size(); ++i) {
    struct stat found {};
    if (::stat(names[i].c_str(), &found) != 0)
      return failure{errc::storage_failed, names[i] + " cannot be found: " + std::generic_category().message(errno)};
    result.files_[i] = {names[i], found.st_dev, found.st_ino};
  }
  return result;
}

expected<void> file_identity::verify() const {
  for (const auto& each : files_) {
    struct stat found {};
    if (::stat(each.path.c_str(), &found) != 0) {
      if (errno == ENOENT || errno == ENOTDIR)
        return lost(each.path, "deleted or moved");
      continue; // a failed look is no sign of a change
    }
    if (found.st_dev != each.device || found.st_ino != each.number)
      return lost(each.path, "replaced");
    if (&each == files_.data() && found.st_size == 0)
      return lost(each.path, "emptied");
  }
  return {};
}

} // namespace troupe::sqlite
