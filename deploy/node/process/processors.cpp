#include <troupe/deploy/node/process/processors.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

namespace troupe::node {

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

unsigned processors_here() {
  std::ifstream file{"/sys/fs/cgroup/cpu.max"};
  std::string line;
  std::getline(file, line);
  return processors(line, std::thread::hardware_concurrency());
}

} // namespace troupe::node
