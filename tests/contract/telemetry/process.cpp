#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#define CAF_SUITE telemetry_process
#include <troupe_test/suite.hpp>

#include <unistd.h>

#include <troupe/bridges/telemetry/process_metrics.hpp>

#include "exposition.hpp"

namespace {

using namespace troupe::telemetry;
using troupe::telemetry_test::exposition;
using troupe::telemetry_test::parse_exposition;

constexpr std::string_view status_text = "Name:\ttroupe\nUmask:\t0022\nState:\tS (sleeping)\nVmPeak:\t  900000 kB\n"
                                         "VmSize:\t  204800 kB\nVmLck:\t       0 kB\nVmRSS:\t   10240 kB\n"
                                         "RssAnon:\t    4096 kB\nRssFile:\t    6144 kB\nThreads:\t7\n";

constexpr std::string_view stat_text = "4242 (a) b (c)) S 1 4242 4242 0 -1 4194560 1000 0 0 0 150 50 0 0 20 0 7 0 12300 "
                                       "209715200 2560 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n";

constexpr std::string_view limits_text = "Limit                     Soft Limit           Hard Limit           Units     \n"
                                         "Max cpu time              unlimited            unlimited            seconds   \n"
                                         "Max open files            1024                 524288               files     \n"
                                         "Max locked memory         8388608              8388608              bytes     \n";

/// A proc file system of its own.
class proc_folder {
public:
  proc_folder() {
    auto name = (std::filesystem::temp_directory_path() / "troupe-proc-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary folder");
    path_ = name;
    std::filesystem::create_directory(path_ / "self");
  }
  ~proc_folder() { std::filesystem::remove_all(path_); }
  proc_folder(const proc_folder&) = delete;
  proc_folder& operator=(const proc_folder&) = delete;

  void file(const std::string& name, std::string_view text) { std::ofstream{path_ / name} << text; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] exposition read() const { return parse_exposition(to_text(process_metrics{path_}.collect())); }

private:
  std::filesystem::path path_;
};

} // namespace

CAF_TEST(the status of a process has its memory in bytes and its threads) {
  const process_status expected{204800ULL * 1024, 10240ULL * 1024, 4096ULL * 1024, 7};
  CAF_CHECK(parse_proc_status(status_text) == expected);
}

CAF_TEST(what a status does not have or has in another form is empty) {
  CAF_CHECK(parse_proc_status("") == process_status{});
  CAF_CHECK(parse_proc_status("VmRSS:\t10 MB\nVmSize:\tx kB\nThreads:\t-1\nRssAnon:\t99999999999999999999 kB\n")
            == process_status{});
  CAF_CHECK(parse_proc_status("VmRSS:\t18446744073709551615 kB\n") == process_status{});
  CAF_CHECK(parse_proc_status("VmRSS:\t1 kB") == (process_status{{}, 1024, {}, {}}));
}

CAF_TEST(the times of a process are read whatever its name) {
  const process_times expected{200, 12300};
  CAF_CHECK(parse_proc_stat(stat_text) == expected);
}

CAF_TEST(a stat of another form is empty) {
  CAF_CHECK(!parse_proc_stat(""));
  CAF_CHECK(!parse_proc_stat("4242 (x"));
  CAF_CHECK(!parse_proc_stat("4242 (x) S 1 2 3"));
  CAF_CHECK(!parse_proc_stat("4242 (x) S 1 2 3 4 5 6 7 8 9 10 ab 12 13 14 15 16 17 18 19"));
}

CAF_TEST(the limit of open files is the soft one and may be infinite) {
  CAF_CHECK(parse_open_file_limit(limits_text) == 1024.0);
  CAF_CHECK(std::isinf(parse_open_file_limit("Max open files            unlimited   unlimited  files\n").value()));
  CAF_CHECK(!parse_open_file_limit("Max processes   1 1\n"));
  CAF_CHECK(!parse_open_file_limit("Max open files"));
}

CAF_TEST(the start of the machine is found among its counters) {
  CAF_CHECK(parse_boot_time("cpu  1 2 3\nbtime 1700000000\nprocesses 5\n") == 1700000000U);
  CAF_CHECK(!parse_boot_time("cpu 1 2 3\n"));
  CAF_CHECK(!parse_boot_time("btime soon\n"));
}

CAF_TEST(a process is shown under the names of every Prometheus client) {
  proc_folder proc;
  proc.file("stat", "cpu  1 2 3\nbtime 1700000000\n");
  proc.file("self/status", status_text);
  proc.file("self/stat", stat_text);
  proc.file("self/limits", limits_text);
  std::filesystem::create_directory(proc.path() / "self/fd");
  for (const auto* descriptor : {"0", "1", "2", "3"}) // the last stands for the listing's own
    proc.file(std::string{"self/fd/"} + descriptor, "");
  const auto seen = proc.read();
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  CAF_CHECK_EQUAL(seen.at("process_cpu_seconds_total"), 200 / ticks);
  CAF_CHECK_EQUAL(seen.at("process_start_time_seconds"), 1700000000 + 12300 / ticks);
  CAF_CHECK_EQUAL(seen.at("process_virtual_memory_bytes"), 204800.0 * 1024);
  CAF_CHECK_EQUAL(seen.at("process_resident_memory_bytes"), 10240.0 * 1024);
  CAF_CHECK_EQUAL(seen.at("process_anonymous_memory_bytes"), 4096.0 * 1024);
  CAF_CHECK_EQUAL(seen.at("process_threads"), 7);
  CAF_CHECK_EQUAL(seen.at("process_open_fds"), 3);
  CAF_CHECK_EQUAL(seen.at("process_max_fds"), 1024);
}

CAF_TEST(what a machine does not say is left out) {
  proc_folder proc;
  CAF_CHECK(proc.read().families.empty());
  proc.file("self/status", "Threads:\t7\n");
  proc.file("self/stat", stat_text);
  const auto seen = proc.read();
  CAF_CHECK_EQUAL(seen.families.size(), 2u);
  CAF_CHECK_EQUAL(seen.at("process_threads"), 7);
  CAF_CHECK(seen.has("process_cpu_seconds_total"));
}
