#define CAF_SUITE processors
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <troupe_test/suite.hpp>

#include <troupe/deploy/host/process/processors.hpp>

using troupe::host::processors;
using troupe::host::processors_below;

namespace {

// The files of a machine, which end with the test.
struct machine {
  machine() {
    std::string pattern = (std::filesystem::temp_directory_path() / "processorsXXXXXX").string();
    root = ::mkdtemp(pattern.data());
  }
  ~machine() { std::filesystem::remove_all(root); }
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path{root + file}.parent_path());
    std::ofstream{root + file} << text;
  }

  void mount(const std::string& group, const std::string& lines) const {
    write("/proc/self/cgroup", group);
    write("/proc/self/mountinfo", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + lines);
  }

  std::string root;
};

constexpr auto unified = "30 21 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

} // namespace

CAF_TEST(the tightest quota on the way up to the root of the groups counts) {
  const machine here;
  here.mount("0::/pods/pod-7/main\n", unified);
  here.write("/sys/fs/cgroup/pods/pod-7/main/cpu.max", "max 100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 16u);
  here.write("/sys/fs/cgroup/pods/cpu.max", "800000 100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 8u);
  here.write("/sys/fs/cgroup/pods/pod-7/cpu.max", "200000 100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 2u);
  here.write("/sys/fs/cgroup/pods/pod-7/main/cpu.max", "400000 100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 2u);
  here.write("/sys/fs/cgroup/pods/pod-7/main/cpu.max", "50000 100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 1u);
}

CAF_TEST(a quota of the first version counts at every level too) {
  const machine here;
  here.mount("5:cpuset:/elsewhere\n4:cpu,cpuacct:/docker/abc/job\n0::/\n",
             "31 21 0:27 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
             "32 21 0:28 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
  here.write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000\n");
  here.write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  here.write("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  here.write("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 3u);
  here.write("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "200000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 2u);
}

CAF_TEST(a group that is named from outside its namespace is the one that is mounted) {
  const machine here;
  here.mount("0::/../../outside\n", unified);
  here.write("/sys/fs/cgroup/cpu.max", "300000 100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 3u);
}

CAF_TEST(a machine without control groups is used whole) {
  const machine here;
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 16u);
  here.write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  CAF_CHECK_EQUAL(processors_below(here.root, 16), 2u);
}

CAF_TEST(a quota allows as many threads as its processors rounded up) {
  CAF_CHECK_EQUAL(processors("200000 100000", 8), 2u);
  CAF_CHECK_EQUAL(processors("150000 100000", 8), 2u);
  CAF_CHECK_EQUAL(processors("50000 100000\n", 8), 1u);
}

CAF_TEST(a quota never allows more than the machine has) {
  CAF_CHECK_EQUAL(processors("1600000 100000", 4), 4u);
}

CAF_TEST(without a quota all processors of the machine are used) {
  CAF_CHECK_EQUAL(processors("max 100000", 8), 8u);
  CAF_CHECK_EQUAL(processors("", 8), 8u);
}

CAF_TEST(what is not understood allows the machine and never nothing) {
  for (const auto* text : {"rubbish", "100000", "100000 0", "100000 x", "-1 100000", "99999999999999999999999 1"})
    CAF_CHECK_EQUAL(processors(text, 3), 3u);
  CAF_CHECK_EQUAL(processors("0 100000", 3), 1u);
  CAF_CHECK_EQUAL(processors("max 1", 0), 1u);
}
