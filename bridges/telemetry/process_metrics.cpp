#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <troupe/bridges/telemetry/process_metrics.hpp>

namespace troupe::telemetry {

using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

// Takes the next word off the text.
std::string_view next_word(std::string_view& text) {
  text = trimmed(text);
  const auto word = text.substr(0, text.find_first_of(" \t\n"));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size())
    return std::nullopt;
  return value;
}

// What stands behind `prefix` at the beginning of a line, up to the line's end.
std::optional<std::string_view> line_after(std::string_view text, std::string_view prefix) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (line.starts_with(prefix))
      return line.substr(prefix.size());
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view prefix) {
  auto line = line_after(text, prefix);
  return line ? number(next_word(*line)) : std::nullopt;
}

// status gives memory in "kB", by which it means 1024 bytes.
std::optional<std::uint64_t> bytes_after(std::string_view text, std::string_view prefix) {
  auto line = line_after(text, prefix);
  if (!line)
    return std::nullopt;
  const auto amount = number(next_word(*line));
  if (!amount || next_word(*line) != "kB" || *amount > std::numeric_limits<std::uint64_t>::max() / 1024)
    return std::nullopt;
  return *amount * 1024;
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::optional<double> open_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entries{folder, error};
  std::uint64_t count = 0;
  while (!error && entries != std::filesystem::directory_iterator{}) {
    ++count;
    entries.increment(error);
  }
  // The listing itself has one file open.
  return error || count == 0 ? std::nullopt : std::optional{static_cast<double>(count - 1)};
}

std::optional<double> as_double(std::optional<std::uint64_t> value) {
  return value ? std::optional{static_cast<double>(*value)} : std::nullopt;
}

MetricFamily family_of(const exposed_metric& description, double value) {
  prometheus::ClientMetric metric;
  (description.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return described(description, {std::move(metric)});
}

} // namespace

process_status parse_proc_status(std::string_view text) {
  return {bytes_after(text, "VmSize:"), bytes_after(text, "VmRSS:"), bytes_after(text, "RssAnon:"),
          number_after(text, "Threads:")};
}

std::optional<process_times> parse_proc_stat(std::string_view text) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(name_end + 1);
  std::optional<std::uint64_t> user;
  std::optional<std::uint64_t> system;
  std::optional<std::uint64_t> start;
  // Numbered as in proc(5): the name is field 2.
  for (auto field = 3; field <= 22; ++field) {
    const auto word = next_word(text);
    if (field == 14)
      user = number(word);
    else if (field == 15)
      system = number(word);
    else if (field == 22)
      start = number(word);
  }
  if (!user || !system || !start)
    return std::nullopt;
  return process_times{*user + *system, *start};
}

std::optional<double> parse_open_file_limit(std::string_view text) {
  auto line = line_after(text, "Max open files");
  if (!line)
    return std::nullopt;
  const auto word = next_word(*line);
  return word == "unlimited" ? std::optional{std::numeric_limits<double>::infinity()} : as_double(number(word));
}

std::optional<std::uint64_t> parse_boot_time(std::string_view text) {
  return number_after(text, "btime ");
}

process_metrics::process_metrics(std::filesystem::path proc)
  : proc_(std::move(proc)),
    ticks_per_second_(static_cast<double>(::sysconf(_SC_CLK_TCK))),
    boot_time_(parse_boot_time(contents(proc_ / "stat"))) {}

std::vector<MetricFamily> process_metrics::collect() const {
  const auto self = proc_ / "self";
  const auto status = parse_proc_status(contents(self / "status"));
  const auto times = parse_proc_stat(contents(self / "stat"));
  const auto in_seconds = [this](std::uint64_t ticks) { return static_cast<double>(ticks) / ticks_per_second_; };
  std::optional<double> cpu;
  std::optional<double> start;
  if (times)
    cpu = in_seconds(times->cpu_ticks);
  if (times && boot_time_)
    start = static_cast<double>(*boot_time_) + in_seconds(times->start_ticks);
  // In the order of `exposed`.
  const std::array<std::optional<double>, exposed.size()> values{
    cpu,
    as_double(status.virtual_bytes),
    as_double(status.resident_bytes),
    as_double(status.anonymous_bytes),
    as_double(status.threads),
    open_files(self / "fd"),
    parse_open_file_limit(contents(self / "limits")),
    start,
  };
  std::vector<MetricFamily> result;
  for (std::size_t i = 0; i < exposed.size(); ++i)
    if (values[i])
      result.push_back(family_of(exposed[i], *values[i]));
  return result;
}

} // namespace troupe::telemetry
