#include <troupe/deploy/host/process/processors.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

namespace troupe::host {

namespace {

enum class cgroup_version : std::uint8_t { one, two };

/// Where a hierarchy of control groups that limits processors is mounted.
struct cgroup_mount {
  cgroup_version version;
  std::string root; ///< which group of the hierarchy stands there
  std::string at;
};

std::string first_line(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

bool lists(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const auto comma = std::min(words.find(','), words.size());
    if (words.substr(0, comma) == wanted)
      return true;
    words.remove_prefix(std::min(comma + 1, words.size()));
  }
  return false;
}

/// A line of mountinfo (proc_pid_mountinfo(5)): "ID PARENT DEVICE ROOT MOUNTPOINT OPTIONS [TAGS] - TYPE SOURCE OPTIONS".
std::optional<cgroup_mount> mount_of(const std::string& line) {
  std::istringstream words{line};
  std::string skipped;
  std::string type;
  std::string options;
  cgroup_mount result{};
  words >> skipped >> skipped >> skipped >> result.root >> result.at;
  while (words >> skipped && skipped != "-")
    ;
  words >> type >> skipped >> options;
  result.version = type == "cgroup2" ? cgroup_version::two : cgroup_version::one;
  if (!words || (type != "cgroup2" && !(type == "cgroup" && lists(options, "cpu"))))
    return std::nullopt;
  return result;
}

/// The group of this process (cgroups(7)): "0::PATH" of version 2, "ID:CONTROLLER,...:PATH" of version 1. Empty: none.
std::string group_in(const std::string& root, cgroup_version version) {
  std::ifstream in{root + "/proc/self/cgroup"};
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    const auto controllers = std::string_view{line}.substr(first + 1, second - first - 1);
    if (version == cgroup_version::two ? line.starts_with("0::") : lists(controllers, "cpu"))
      return line.substr(second + 1);
  }
  return {};
}

/// The part of a group's path below the group that is mounted; nothing where it stands elsewhere.
std::string below(const std::string& group, const std::string& mounted) {
  if (mounted == "/")
    return group == "/" || group.find("/..") != std::string::npos ? std::string{} : group;
  const bool inside = group.starts_with(mounted) && (group.size() == mounted.size() || group[mounted.size()] == '/');
  return inside ? group.substr(mounted.size()) : std::string{};
}

/// What a group allows, as `cpu.max` says it.
std::string quota_of(const std::string& folder, cgroup_version version) {
  if (version == cgroup_version::two)
    return first_line(folder + "/cpu.max");
  return first_line(folder + "/cpu.cfs_quota_us") + ' ' + first_line(folder + "/cpu.cfs_period_us");
}

std::vector<cgroup_mount> mounts_in(const std::string& root) {
  std::vector<cgroup_mount> result;
  std::ifstream in{root + "/proc/self/mountinfo"};
  for (std::string line; std::getline(in, line);)
    if (auto found = mount_of(line))
      result.push_back(std::move(*found));
  if (result.empty())
    result.push_back({cgroup_version::two, "/", "/sys/fs/cgroup"});
  return result;
}

} // namespace

unsigned processors(std::string_view cpu_max, unsigned of_machine) noexcept {
  const auto all = std::max(1U, of_machine);
  std::uint64_t quota = 0;
  std::uint64_t period = 0;
  const auto* end = cpu_max.data() + cpu_max.size();
  const auto first = std::from_chars(cpu_max.data(), end, quota);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ' ')
    return all;
  const auto second = std::from_chars(first.ptr + 1, end, period);
  if (second.ec != std::errc{} || period == 0)
    return all;
  const auto allowed = quota / period + (quota % period != 0 ? 1 : 0);
  return static_cast<unsigned>(std::clamp<std::uint64_t>(allowed, 1, all));
}

unsigned processors_below(const std::string& root, unsigned of_machine) {
  auto result = std::max(1U, of_machine);
  for (const auto& mount : mounts_in(root)) {
    auto path = below(group_in(root, mount.version), mount.root);
    for (;; path.resize(path.rfind('/'))) {
      result = processors(quota_of(root + mount.at + path, mount.version), result);
      if (path.empty())
        break;
    }
  }
  return result;
}

unsigned processors_here() {
  return processors_below({}, std::thread::hardware_concurrency());
}

} // namespace troupe::host
