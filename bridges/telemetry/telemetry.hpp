#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <troupe/bridges/telemetry/config.hpp>
#include <troupe/bridges/telemetry/kept_log.hpp>
#include <troupe/bridges/telemetry/kept_traces.hpp>
#include <troupe/bridges/telemetry/metric_values.hpp>
#include <troupe/messages/ports/caf.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/source_location.hpp>
#include <troupe/messages/values/span_record.hpp>
#include <troupe/messages/values/time.hpp>

namespace spdlog::sinks {
class sink;
}

namespace troupe::telemetry {

/// How far the machine's local time is from UTC at that moment.
std::chrono::seconds local_zone(timestamp at);

/// What telemetry takes from its surroundings.
struct telemetry_parts {
  std::shared_ptr<spdlog::sinks::sink> sink; ///< one thread at a time calls it; its pattern is set. Null: stdout
  wall_clock now = system_now;
  std::function<instant()> monotonic = std::chrono::steady_clock::now;
  std::function<std::chrono::seconds(timestamp)> zone = local_zone; ///< of the human form's times
  random_source random = system_random();                           ///< for ids of spans; any thread calls it
  std::filesystem::path proc = "/proc";
};

/// Metrics as Prometheus reads them, log lines, and the begin and end of spans. Any thread, but for `watch` and `unwatch`,
/// which belong to the owner of the actor system.
///
/// Metrics: a name that breaks Prometheus's rules, or that is asked for again with another type or other label names, is a
/// programmer's mistake and throws `std::invalid_argument`.
class telemetry final : public observer {
public:
  /// Throws `std::invalid_argument` when the configuration does not validate, and `std::system_error` when there is no
  /// thread for its log.
  explicit telemetry(telemetry_config config, telemetry_parts parts = {});
  ~telemetry() override;

  counter& make_counter(std::string_view name, std::string_view help, const label_list& labels) override;
  gauge& make_gauge(std::string_view name, std::string_view help, const label_list& labels) override;
  histogram& make_histogram(std::string_view name, std::string_view help, const label_list& labels) override;

  [[nodiscard]] bool logs(severity level) const noexcept override {
    return passes(level, level_.load(std::memory_order_relaxed));
  }
  void log(severity level, const speaker& who, std::string_view text,
           source_location where = source_location::current()) override;

  trace_context begin_span(std::string_view name, span_kind kind, const trace_context& parent) override;
  void end_span(const trace_context& /*span*/, const failure& /*outcome*/) noexcept override {}
  void keep_span(const span_record_ptr& ended) noexcept override;

  /// The last traces; empty where none are kept.
  [[nodiscard]] const kept_traces& traces() const noexcept;

  /// The last lines of the log.
  [[nodiscard]] const kept_log& recent_log() const noexcept;

  /// From now on spans are made, as the configuration samples them, and go there when they have ended; null: no longer.
  /// Where they go nowhere, a few of the traces that begin here are recorded and kept, and those of others pass unchanged.
  /// The sink must live as long as anything is observed, or until the next call returns and all that was under way has
  /// ended.
  void send_spans_to(span_sink* sink) noexcept;

  /// Everything that is measured, in the text form of `metrics_content_type`.
  [[nodiscard]] std::string metrics_text() const;
  static constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4";

  /// The same, to be read by this process.
  [[nodiscard]] metric_values values() const;

  /// Shows the actors of a system, made with `measure_actors`, until `unwatch`, which must come before the system ends.
  void watch(const caf::actor_system& system);
  void unwatch();

  [[nodiscard]] log_level level() const noexcept { return level_.load(std::memory_order_relaxed); }
  void set_level(log_level level) noexcept { level_.store(level, std::memory_order_relaxed); }

  /// Waits until everything said before is written, at most so long. Returns how many lines are not.
  std::uint64_t flush(duration at_most = std::chrono::seconds{2});

private:
  class inside;

  std::atomic<log_level> level_;
  std::unique_ptr<inside> inside_;
};

/// Telemetry to be shared by all that it observes.
std::shared_ptr<telemetry> make_telemetry(telemetry_config config, telemetry_parts parts = {});

} // namespace troupe::telemetry
