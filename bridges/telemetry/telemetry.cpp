#include <array>
#include <atomic>
#include <ctime>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include <unistd.h>

#include <spdlog/sinks/sink.h>

#include <troupe/bridges/telemetry/actor_metrics.hpp>
#include <troupe/bridges/telemetry/codec.hpp>
#include <troupe/bridges/telemetry/descriptor_sink.hpp>
#include <troupe/bridges/telemetry/log_writer.hpp>
#include <troupe/bridges/telemetry/metric_families.hpp>
#include <troupe/bridges/telemetry/process_metrics.hpp>
#include <troupe/bridges/telemetry/repetition.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>

namespace troupe::telemetry {

namespace {

const telemetry_config& require_valid(const telemetry_config& config) {
  if (const auto mistakes = validate(config); !mistakes.empty())
    throw std::invalid_argument(mistakes.front());
  return config;
}

paint paint_for(const telemetry_config& config, const telemetry_parts& parts) {
  const auto is_terminal = !parts.sink && ::isatty(STDOUT_FILENO) == 1;
  const auto coloured = config.colour == colouring::always || (config.colour == colouring::on_terminal && is_terminal);
  return coloured ? paint::coloured : paint::plain;
}

log_counters counters_from(metric_families& families) {
  constexpr std::string_view lines = "troupe_log_lines_total";
  constexpr std::string_view lost = "troupe_log_lines_lost_total";
  constexpr std::string_view lost_help = "Log lines that were lost: the queue was full, or they could not be written.";
  std::array<counter*, 5> written{};
  for (std::size_t i = 0; i < written.size(); ++i)
    written[i] = &families.make_counter(lines, "Log lines written.", {{"level", to_string(static_cast<severity>(i))}});
  return {written, families.make_counter(lost, lost_help, {{"reason", "queue_full"}}),
          families.make_counter(lost, lost_help, {{"reason", "not_written"}})};
}

} // namespace

std::chrono::seconds local_zone(timestamp at) {
  const auto seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(at));
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr)
    return {};
  return std::chrono::seconds{local.tm_gmtoff};
}

/// Everything that telemetry is made of. The writer ends first: until then its thread asks for remarks.
class telemetry::inside final : public commentary {
public:
  inside(telemetry_config config, telemetry_parts parts)
    : config_(std::move(config)),
      paint_(paint_for(config_, parts)),
      parts_(std::move(parts)),
      families_(config_.series_per_family),
      log_(config_.log),
      kept_(config_.traces),
      rate_(config_.traces_a_second),
      left_out_(families_.make_counter("troupe_traces_left_out_total",
                                       "Sampled traces whose spans were not recorded, because the exporter had no room.",
                                       {})),
      process_(parts_.proc),
      repeated_(config_.repeated_errors),
      omitted_(families_.make_counter("troupe_log_lines_omitted_total",
                                      "Error lines that were counted instead of written, because they repeated themselves.",
                                      {})),
      writer_(parts_.sink ? parts_.sink : std::make_shared<descriptor_sink>(STDOUT_FILENO), config_.log_queue_bytes,
              config_.farewell, counters_from(families_), *this) {
    for (const auto& each : process_metrics::exposed)
      families_.reserve(each);
    for (const auto& each : exposed_actor_metrics)
      families_.reserve(each);
    families_
      .make_gauge("troupe_build_info", "Which build this is; always 1.",
                  {{"version", config_.version}, {"commit", config_.commit}, {"compiler", config_.compiler}})
      .set(1);
  }

  metric_families& families() noexcept { return families_; }
  log_writer& writer() noexcept { return writer_; }

  void log(severity level, const speaker& who, std::string_view text, const source_location& where) {
    if (level == severity::error && repeated_.admit(who, text, where, parts_.monotonic()) == repetition::decision::omit) {
      omitted_.add();
      writer_.remind();
      return;
    }
    writer_.write({level, line(level, who, text, where)});
  }

  trace_context begin_span(const trace_context& parent) {
    using recording = trace_context::recording;
    const auto* const sink = sink_.load(std::memory_order_acquire);
    if (parent.here == recording::left_out || (sink == nullptr && config_.traces.traces == 0))
      return parent;
    auto span = parent.recorded() ? parent : with_ids(parent);
    auto here = parent.here;
    if (!parent.recorded()) {
      const bool sampled = policies::is_sampled(config_.sampling, span);
      const bool keeps = sampled && may_keep(span, sink != nullptr);
      if (!keeps && !(sampled && may_export(sink, span)))
        return left_out(parent, sink != nullptr, sampled);
      here = keeps ? recording::kept : recording::exported;
    }
    if (span.here != recording::begun)
      span = child_of(span, parts_.random);
    span.here = here;
    if (span.decision != trace_context::sampling::debug)
      span.decision = trace_context::sampling::sampled;
    return span;
  }

  void keep_span(const span_record_ptr& ended) noexcept {
    if (auto* const sink = sink_.load(std::memory_order_acquire); sink != nullptr)
      sink->take(ended);
    if (config_.traces.traces > 0)
      kept_.take(ended);
  }

  [[nodiscard]] const kept_traces& traces() const noexcept { return kept_; }

  [[nodiscard]] const kept_log& recent_log() const noexcept { return log_; }

  void send_spans_to(span_sink* sink) noexcept { sink_.store(sink, std::memory_order_release); }

  std::vector<prometheus::MetricFamily> collect() {
    auto all = families_.collect();
    const auto take = [&all](std::vector<prometheus::MetricFamily> more) {
      all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    take(process_.collect());
    {
      const std::lock_guard guard{watched_mutex_};
      if (watched_ != nullptr)
        take(collect_actor_metrics(*watched_, config_.series_per_family));
    }
    return all;
  }

  void watch(const caf::actor_system* system) {
    const std::lock_guard guard{watched_mutex_};
    watched_ = system;
  }

  std::vector<log_line> remarks(occasion when) override {
    const auto omissions = when == occasion::last ? repeated_.rest() : repeated_.due(parts_.monotonic());
    std::vector<log_line> result;
    result.reserve(omissions.size());
    for (const auto& omitted : omissions) {
      const auto text = "repeated " + std::to_string(omitted.count) + " more times: " + omitted.last_text;
      result.push_back({severity::error, line(severity::error, {omitted.service, omitted.actor}, text, omitted.where)});
    }
    return result;
  }

  bool has_more() override { return repeated_.unreported(); }

  log_line warning(std::string_view text) override {
    return {severity::warning, line(severity::warning, {}, text, source_location::current())};
  }

private:
  std::string line(severity level, const speaker& who, std::string_view text, const source_location& where) {
    const log_entry entry{parts_.now(), level, who, text, where};
    log_.add(entry);
    if (config_.form == log_form::json)
      return to_json(entry, config_.log_text_bytes);
    return to_human(entry, config_.log_text_bytes, parts_.zone(entry.at), paint_);
  }

  static bool may_export(const span_sink* sink, const trace_context& trace) noexcept {
    return sink != nullptr && (trace.decision == trace_context::sampling::debug || sink->has_room());
  }

  // What a caller has sampled goes on so: others may have room.
  trace_context left_out(trace_context parent, bool exporting, bool sampled) noexcept {
    parent.here = trace_context::recording::left_out;
    if (exporting && sampled)
      left_out_.add();
    if (exporting && !(sampled && parent.decision == trace_context::sampling::sampled))
      parent.decision = trace_context::sampling::dropped;
    return parent;
  }

  // Where nothing is exported, the trace of a caller is unbroken for what surrounds the process only as long as no span of
  // ours stands in it: so only traces that began here are kept, as they come back over a channel too.
  bool may_keep(const trace_context& trace, bool exporting) {
    if (config_.traces.traces == 0)
      return false;
    if (trace.here != trace_context::recording::begun) {
      const bool known = kept_.knows(trace.trace_id);
      if (known || !exporting)
        return known;
    }
    const std::lock_guard guard{rate_mutex_};
    return rate_.admit(parts_.monotonic());
  }

  trace_context with_ids(const trace_context& parent) const {
    if (parent.valid())
      return parent;
    auto begun = new_trace(parts_.random);
    if (!parent.request_id.empty())
      begun.request_id = parent.request_id;
    return begun;
  }

  const telemetry_config config_;
  const paint paint_;
  const telemetry_parts parts_;
  metric_families families_;
  kept_log log_;
  kept_traces kept_;
  policies::trace_rate rate_; // by rate_mutex_
  counter& left_out_;
  process_metrics process_;
  std::mutex watched_mutex_; // held during a collection, so that `unwatch` waits for its end
  const caf::actor_system* watched_ = nullptr;
  std::mutex rate_mutex_;
  std::atomic<span_sink*> sink_{nullptr};
  repetition repeated_;
  counter& omitted_;
  log_writer writer_;
};

telemetry::telemetry(telemetry_config config, telemetry_parts parts)
  : level_(require_valid(config).level), inside_(std::make_unique<inside>(std::move(config), std::move(parts))) {}

telemetry::~telemetry() = default;

counter& telemetry::make_counter(std::string_view name, std::string_view help, const label_list& labels) {
  return inside_->families().make_counter(name, help, labels);
}

gauge& telemetry::make_gauge(std::string_view name, std::string_view help, const label_list& labels) {
  return inside_->families().make_gauge(name, help, labels);
}

histogram& telemetry::make_histogram(std::string_view name, std::string_view help, const label_list& labels) {
  return inside_->families().make_histogram(name, help, labels);
}

void telemetry::log(severity level, const speaker& who, std::string_view text, source_location where) {
  if (logs(level))
    inside_->log(level, who, text, where);
}

trace_context telemetry::begin_span(std::string_view /*name*/, span_kind /*kind*/, const trace_context& parent) {
  return inside_->begin_span(parent);
}

void telemetry::keep_span(const span_record_ptr& ended) noexcept {
  inside_->keep_span(ended);
}

const kept_traces& telemetry::traces() const noexcept {
  return inside_->traces();
}

const kept_log& telemetry::recent_log() const noexcept {
  return inside_->recent_log();
}

void telemetry::send_spans_to(span_sink* sink) noexcept {
  inside_->send_spans_to(sink);
}

std::string telemetry::metrics_text() const {
  return to_text(inside_->collect());
}

metric_values telemetry::values() const {
  return metric_values{inside_->collect()};
}

void telemetry::watch(const caf::actor_system& system) {
  inside_->watch(&system);
}

void telemetry::unwatch() {
  inside_->watch(nullptr);
}

std::uint64_t telemetry::flush(duration at_most) {
  return inside_->writer().flush(at_most);
}

std::shared_ptr<telemetry> make_telemetry(telemetry_config config, telemetry_parts parts) {
  return std::make_shared<telemetry>(std::move(config), std::move(parts));
}

} // namespace troupe::telemetry
