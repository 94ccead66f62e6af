#include <troupe/bridges/sqlite/lock_holders.hpp>

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace troupe::sqlite {

namespace {

// Where the index is locked (https://www.sqlite.org/walformat.html, section 2.3.2).
constexpr std::int64_t write_lock = 120;
constexpr std::int64_t first_read_lock = 123;
constexpr std::int64_t last_read_lock = 127;

// `1: POSIX  ADVISORY  READ 4711 08:02:1835019 124 124` (proc_locks(5)); a waiter has `->` before its kind.
struct held_lock {
  pid_t process = 0;
  ino_t inode = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

bool parse(const std::string& line, held_lock& into) {
  std::istringstream words{line};
  std::string number;
  std::string kind;
  std::string mode;
  std::string access;
  std::string file;
  if (!(words >> number >> kind >> mode >> access >> into.process >> file >> into.first >> into.last) || kind != "POSIX")
    return false;
  const auto inode = file.rfind(':') + 1;
  return std::from_chars(file.data() + inode, file.data() + file.size(), into.inode).ec == std::errc{};
}

} // namespace

std::set<pid_t> holders_in(std::string_view text, ino_t index, access_kind kind) {
  const auto first = kind == access_kind::reading ? first_read_lock : write_lock;
  const auto last = kind == access_kind::reading ? last_read_lock : write_lock;
  std::set<pid_t> result;
  std::istringstream lines{std::string{text}};
  held_lock each;
  for (std::string line; std::getline(lines, line);)
    if (parse(line, each) && each.inode == index && each.first <= last && each.last >= first)
      result.insert(each.process);
  return result;
}

std::string others_at(const std::filesystem::path& file, access_kind kind) {
  // The index itself must not be opened: closing it again would end this process's own locks on it.
  struct stat index {};
  if (::stat((file.string() + "-shm").c_str(), &index) != 0)
    return {};
  std::ostringstream text;
  text << std::ifstream{"/proc/locks"}.rdbuf();
  auto found = holders_in(text.str(), index.st_ino, kind);
  found.erase(::getpid());
  std::string result;
  for (const auto each : found)
    result += (result.empty() ? found.size() == 1 ? "process " : "processes " : ", ") + std::to_string(each);
  return result;
}

} // namespace troupe::sqlite
