#include <troupe/bridges/secrets/secret_file.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::secrets {

namespace {

class descriptor {
public:
  explicit descriptor(int number) noexcept : number_(number) {}
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  [[nodiscard]] int get() const noexcept { return number_; }

private:
  int number_;
};

failure read_failure(int number, const std::string& path) {
  const auto words = path + ": " + std::generic_category().message(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return {errc::not_found, words};
    case EACCES:
    case EPERM:
      return {errc::forbidden, words};
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return {errc::invalid, words};
    default:
      return {errc::unavailable, words};
  }
}

} // namespace

expected<secret> read_secret_file(const std::string& path) {
  // A pipe that nobody writes to would block for ever.
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0)
    return read_failure(errno, path);
  struct stat kind {};
  if (::fstat(file.get(), &kind) != 0)
    return read_failure(errno, path);
  if (!S_ISREG(kind.st_mode))
    return failure{errc::invalid, path + " is no regular file"};
  std::string text(largest_secret_file + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const auto count = ::read(file.get(), text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return read_failure(errno, path);
    if (count == 0)
      break;
    length += static_cast<std::size_t>(count);
  }
  if (length > largest_secret_file)
    return failure{errc::invalid, path + " is larger than 64 KiB"};
  text.resize(length);
  return secret{without_line_ends(std::move(text))};
}

} // namespace troupe::secrets
