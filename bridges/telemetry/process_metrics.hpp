#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <troupe/bridges/telemetry/metric_families.hpp>

namespace troupe::telemetry {

/// What /proc/PID/status holds, as proc(5) describes it. What an older kernel does not report is empty.
struct process_status {
  std::optional<std::uint64_t> virtual_bytes;
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> anonymous_bytes; ///< of the resident ones: those of no file
  std::optional<std::uint64_t> threads;

  friend bool operator==(const process_status&, const process_status&) = default;
};

process_status parse_proc_status(std::string_view text);

/// What /proc/PID/stat holds, in clock ticks.
struct process_times {
  std::uint64_t cpu_ticks = 0;   ///< user and system
  std::uint64_t start_ticks = 0; ///< since the machine started

  friend bool operator==(const process_times&, const process_times&) = default;
};

/// Empty for a text of another form. The program's name within it may hold any character.
std::optional<process_times> parse_proc_stat(std::string_view text);

/// The soft limit of open files in /proc/PID/limits, infinity where there is none; empty for a text of another form.
std::optional<double> parse_open_file_limit(std::string_view text);

/// The second since 1970 at which the machine started, from /proc/stat.
std::optional<std::uint64_t> parse_boot_time(std::string_view text);

/// The metrics of a process under the names that every Prometheus client gives them
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics), and its anonymous resident memory. What
/// the machine does not report is left out. Any thread.
class process_metrics {
public:
  static constexpr std::array<exposed_metric, 8> exposed{{
    {"process_cpu_seconds_total", prometheus::MetricType::Counter, "User and system CPU time spent, in seconds."},
    {"process_virtual_memory_bytes", prometheus::MetricType::Gauge, "Virtual memory, in bytes."},
    {"process_resident_memory_bytes", prometheus::MetricType::Gauge, "Resident memory, in bytes."},
    {"process_anonymous_memory_bytes", prometheus::MetricType::Gauge, "Resident memory of no file, in bytes."},
    {"process_threads", prometheus::MetricType::Gauge, "Threads."},
    {"process_open_fds", prometheus::MetricType::Gauge, "Open file descriptors."},
    {"process_max_fds", prometheus::MetricType::Gauge, "Most file descriptors that may be open."},
    {"process_start_time_seconds", prometheus::MetricType::Gauge, "When the process started, in seconds since 1970."},
  }};

  /// `proc` is where the proc file system is mounted.
  explicit process_metrics(std::filesystem::path proc);

  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

private:
  std::filesystem::path proc_;
  double ticks_per_second_;
  std::optional<std::uint64_t> boot_time_;
};

} // namespace troupe::telemetry
