#include <troupe/bridges/sqlite/folder_lock.hpp>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>

namespace troupe::sqlite {

namespace {

std::string words_of(int code) {
  return std::generic_category().message(code);
}

std::string holder(int descriptor) {
  std::array<char, 24> text{};
  const auto length = ::pread(descriptor, text.data(), text.size(), 0);
  std::string_view pid{text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  pid = pid.substr(0, pid.find('\n'));
  return pid.empty() ? "another process" : "process " + std::string{pid};
}

bool write_down_pid(int descriptor) {
  const auto text = std::to_string(::getpid()) + "\n";
  return ::ftruncate(descriptor, 0) == 0
         && ::pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

} // namespace

expected<folder_lock> folder_lock::take(const std::filesystem::path& folder) {
  std::error_code made;
  const bool is_new = std::filesystem::create_directories(folder, made);
  if (is_new && !made) // a folder of the operator keeps its permissions
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, made);
  if (made)
    return failure{errc::storage_failed, "the data folder " + folder.string() + " cannot be created: " + made.message()};
  const auto path = folder / "troupe.lock";
  file_handle file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file)
    return failure{errc::storage_failed, "the data folder " + folder.string() + " cannot be written: " + words_of(errno)};
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return failure{errc::locked, "the data folder " + folder.string() + " is in use by " + holder(file.get())};
    return failure{errc::storage_failed, "the data folder " + folder.string() + " cannot be locked: " + words_of(errno)};
  }
  if (!write_down_pid(file.get()))
    return failure{errc::storage_failed, "the data folder " + folder.string() + " cannot be written: " + words_of(errno)};
  return folder_lock{std::move(file)};
}

} // namespace troupe::sqlite
