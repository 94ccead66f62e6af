#include <troupe/bridges/otlp/sender.hpp>

#include <chrono>
#include <map>
#include <mutex>

#include <unistd.h>

#include <opentelemetry/exporters/otlp/otlp_grpc_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_grpc_exporter_options.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/common/global_log_handler.h>
#include <opentelemetry/sdk/instrumentationscope/instrumentation_scope.h>
#include <opentelemetry/sdk/resource/resource.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/recordable.h>
#include <opentelemetry/trace/span_context.h>
#include <opentelemetry/trace/trace_state.h>

#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/utf8.hpp>

namespace troupe::otlp {

namespace {

namespace api = opentelemetry;
namespace exporters = opentelemetry::exporter::otlp;
using api::sdk::common::ExportResult;
using api::sdk::instrumentationscope::InstrumentationScope;
using api::sdk::resource::Resource;
using api::sdk::trace::Recordable;
using api::sdk::trace::SpanExporter;

// Keeps the library's words, which it would print otherwise, for the reason of the next failure.
class last_words final : public api::sdk::common::internal_log::LogHandler {
public:
  void Handle(api::sdk::common::internal_log::LogLevel level, const char* /*file*/, int /*line*/, const char* message,
              const api::sdk::common::AttributeMap& /*attributes*/) noexcept override {
    if (message == nullptr || level > api::sdk::common::internal_log::LogLevel::Warning)
      return;
    const std::scoped_lock lock{guard_};
    if (words_.empty() || (!failed_ && level == api::sdk::common::internal_log::LogLevel::Error))
      words_ = std::string_view{message}.substr(0, most);
    failed_ = failed_ || level == api::sdk::common::internal_log::LogLevel::Error;
  }

  /// The first error since the last call, else the first warning; and whether there was an error.
  std::pair<std::string, bool> take() {
    const std::scoped_lock lock{guard_};
    return {std::exchange(words_, {}), std::exchange(failed_, false)};
  }

private:
  static constexpr std::size_t most = 512;

  std::mutex guard_;
  std::string words_;
  bool failed_ = false;
};

last_words& words_of_library() {
  static last_words* const handler = [] {
    const api::nostd::shared_ptr<api::sdk::common::internal_log::LogHandler> made{new last_words};
    api::sdk::common::internal_log::GlobalLogHandler::SetLogHandler(made);
    return static_cast<last_words*>(made.get());
  }();
  return *handler;
}

std::unique_ptr<SpanExporter> make_exporter(const config& to, const text_pairs& headers) {
  const auto timeout = std::chrono::duration_cast<std::chrono::system_clock::duration>(to.timeout);
  exporters::OtlpHeaders sent;
  for (const auto& [name, value] : headers)
    sent.emplace(name, value);
  if (to.by == protocol::grpc) {
    exporters::OtlpGrpcExporterOptions options;
    options.endpoint = address_of(to);
    options.use_ssl_credentials = options.endpoint.starts_with("https://");
    options.ssl_credentials_cacert_path = to.authorities;
    options.ssl_credentials_cacert_as_string.clear();
    options.compression = to.compressed == compression::gzip ? "gzip" : "none";
    options.timeout = timeout;
    options.metadata = std::move(sent);
    options.retry_policy_max_attempts = 0;
    return exporters::OtlpGrpcExporterFactory::Create(options);
  }
  exporters::OtlpHttpExporterOptions options;
  options.url = address_of(to);
  options.content_type = exporters::HttpRequestContentType::kBinary;
  options.compression = "none";
  options.console_debug = false;
  options.timeout = timeout;
  options.http_headers = std::move(sent);
  options.ssl_ca_cert_path = to.authorities;
  options.ssl_ca_cert_string.clear();
  options.retry_policy_max_attempts = 0;
  return exporters::OtlpHttpExporterFactory::Create(options);
}

api::trace::SpanKind kind_of(span_kind kind) noexcept {
  switch (kind) {
    case span_kind::server:
      return api::trace::SpanKind::kServer;
    case span_kind::client:
      return api::trace::SpanKind::kClient;
    case span_kind::producer:
      return api::trace::SpanKind::kProducer;
    case span_kind::consumer:
      return api::trace::SpanKind::kConsumer;
    default:
      return api::trace::SpanKind::kInternal;
  }
}

api::trace::TraceId id_of(const std::array<std::uint8_t, 16>& bytes) noexcept {
  return api::trace::TraceId{api::nostd::span<const std::uint8_t, 16>{bytes.data(), bytes.size()}};
}

api::trace::SpanId id_of(const std::array<std::uint8_t, 8>& bytes) noexcept {
  return api::trace::SpanId{api::nostd::span<const std::uint8_t, 8>{bytes.data(), bytes.size()}};
}

api::nostd::string_view view_of(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

// Protocol Buffers hold texts of UTF-8 alone, and a collector refuses the whole request for one that is not.
void describe(const span_attribute& each, Recordable& to) {
  const auto name = view_of(each.name);
  if (const auto* const text = std::get_if<std::string>(&each.value))
    is_utf8(*text) ? to.SetAttribute(name, view_of(*text)) : to.SetAttribute(name, view_of(well_formed(*text)));
  else if (const auto* const number = std::get_if<std::int64_t>(&each.value))
    to.SetAttribute(name, *number);
  else
    to.SetAttribute(name, std::get<bool>(each.value));
}

void fill(Recordable& to, const span_record& from) {
  using api::trace::SpanContext;
  const api::trace::TraceFlags sampled{api::trace::TraceFlags::kIsSampled};
  const auto& ids = from.context;
  to.SetIdentity(SpanContext{id_of(ids.trace_id), id_of(ids.span_id), sampled, false,
                             api::trace::TraceState::FromHeader(ids.trace_state)},
                 id_of(ids.parent_span_id));
  to.SetTraceFlags(sampled);
  to.SetName(well_formed(from.name));
  to.SetSpanKind(kind_of(from.kind));
  to.SetStartTime(api::common::SystemTimestamp{from.began.time_since_epoch()});
  to.SetDuration(std::chrono::duration_cast<std::chrono::nanoseconds>(from.took));
  for (const auto& each : from.attributes)
    describe(each, to);
  for (const auto& each : from.links)
    to.AddLink(SpanContext{id_of(each.trace_id), id_of(each.span_id), sampled, true});
  if (from.outcome.code == errc::none)
    return;
  const auto code = troupe::to_string(from.outcome.code);
  to.SetAttribute("error.type", view_of(code));
  to.SetStatus(api::trace::StatusCode::kError,
               from.outcome.reason.empty() ? std::string{code} : well_formed(from.outcome.reason));
}

class otlp_sender final : public sender {
public:
  otlp_sender(const config& to, const text_pairs& headers, identity of)
    : config_(to), of_(std::move(of)), words_(words_of_library()), exporter_(make_exporter(to, headers)) {}

  expected<void> send(std::span<const span_record_ptr> batch) override {
    std::vector<std::unique_ptr<Recordable>> all;
    all.reserve(batch.size());
    for (const auto& each : batch) {
      all.push_back(exporter_->MakeRecordable());
      fill(*all.back(), *each);
      all.back()->SetResource(resource_of(each->service));
      all.back()->SetInstrumentationScope(*scope_);
    }
    words_.take();
    // Over HTTP it returns before the collector has answered, and reports a failure in words alone.
    const auto timeout = std::chrono::duration_cast<std::chrono::microseconds>(config_.timeout);
    const bool sent =
      exporter_->Export({all.data(), all.size()}) == ExportResult::kSuccess && exporter_->ForceFlush(timeout);
    auto [why, failed] = words_.take();
    if (sent && !failed)
      return {};
    return failure{errc::unavailable, why.empty() ? "the collector did not take them" : std::move(why)};
  }

private:
  const Resource& resource_of(const std::string& service) {
    if (const auto known = resources_.find(service); known != resources_.end())
      return known->second;
    const auto other = of_.names.find(service);
    const auto& name = other != of_.names.end() ? other->second : service.empty() ? of_.process : service;
    api::sdk::resource::ResourceAttributes about{
      {"service.name", name},           {"service.namespace", of_.program},
      {"service.version", of_.version}, {"service.instance.id", of_.host + ':' + std::to_string(::getpid())},
      {"host.name", of_.host},          {"process.pid", static_cast<std::int64_t>(::getpid())}};
    for (const auto& each : config_.resource)
      if (const auto pairs = pairs_of(each))
        for (const auto& [key, value] : *pairs)
          about[key] = value;
    about["service.name"] = name;
    return resources_.emplace(service, Resource::Create(about)).first->second;
  }

  const config config_;
  const identity of_;
  last_words& words_;
  std::map<std::string, Resource> resources_; // by service
  const std::unique_ptr<InstrumentationScope> scope_ = InstrumentationScope::Create("troupe");
  std::unique_ptr<SpanExporter> exporter_; // goes first
};

} // namespace

bool can_send() noexcept {
  return true;
}

std::unique_ptr<sender> make_sender(const config& to, const text_pairs& headers, const identity& of) {
  return std::make_unique<otlp_sender>(to, headers, of);
}

} // namespace troupe::otlp
