#include <troupe/bridges/kafka/client_watch.hpp>

#include <utility>

#include <troupe/bridges/kafka/errors.hpp>

namespace troupe::kafka {

namespace {

constexpr int syslog_warning = 4;
constexpr int syslog_debug = 7;
constexpr auto doubt_after = std::chrono::seconds{30};

severity severity_of(int syslog_level) noexcept {
  if (syslog_level <= syslog_warning)
    return severity::warning;
  return syslog_level < syslog_debug ? severity::debug : severity::trace;
}

label_list labels_of(const std::string& topic, const std::string& group) {
  if (group.empty())
    return {{"topic", topic}};
  return {{"topic", topic}, {"group", group}};
}

// A producer and a consumer of one topic have metrics of their own.
std::string named(const std::string& group, std::string_view name) {
  return std::string{group.empty() ? "troupe_kafka_producer_" : "troupe_kafka_consumer_"}.append(name);
}

} // namespace

client_watch::client_watch(const spawn_context& context, link_state_ptr state, std::string topic, std::string group)
  : watcher_(context.watcher),
    link_(context, std::move(state), "the brokers"),
    topic_(std::move(topic)),
    group_(std::move(group)),
    brokers_up_(
      watcher_->make_gauge(named(group_, "brokers_up"), "Brokers with a working connection.", labels_of(topic_, group_))),
    latency_p50_(watcher_->make_gauge(named(group_, "request_median_seconds"),
                                      "Median time from a request to its answer, of the slowest broker.",
                                      labels_of(topic_, group_))),
    latency_p99_(watcher_->make_gauge(named(group_, "request_p99_seconds"),
                                      "99th percentile of the time from a request to its answer, of the slowest broker.",
                                      labels_of(topic_, group_))),
    rebalances_(watcher_->make_gauge(named(group_, "rebalances"), "Rebalances that this client took part in.",
                                     labels_of(topic_, group_))) {}

void client_watch::say(severity level, std::string_view text, source_location where) const {
  link_.say(level, text, where);
}

void client_watch::error(rd_kafka_resp_err_t code, std::string_view words) noexcept {
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    constexpr auto fenced = RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    if (words.find(rd_kafka_err2str(fenced)) != std::string_view::npos)
      return cannot_go_on(to_failure(fenced));
    return cannot_go_on({errc::unavailable, "the Kafka client has failed: " + std::string{words}});
  }
  credentials_refused_ = credentials_refused_ || blames_credentials(code);
  if (code == RD_KAFKA_RESP_ERR__TRANSPORT)
    return connection_broke(words);
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    all_down_.clear(); // this error says more
    return link_fails(to_failure(code, words));
  }
  if (link_.link_trouble())
    return; // the earlier error says more
  all_down_ = words;
  connection_broke(broken_);
}

// The client restores a single broken connection itself. Where all brokers are down, only that connection has the reason.
void client_watch::connection_broke(std::string_view words) {
  broken_ = words;
  if (!all_down_.empty())
    link_fails(
      to_failure(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, broken_.empty() ? all_down_ : all_down_ + "; the latest: " + broken_));
}

void client_watch::statistics(std::string_view json) noexcept {
  static_cast<void>(read_statistics(json));
}

client_statistics client_watch::read_statistics(std::string_view json) {
  auto now = parse_statistics(json);
  if (now.has_error()) {
    say(severity::warning, to_string(now.error()));
    return {};
  }
  brokers_up_.set(now->brokers_up);
  latency_p50_.set(now->latency_p50);
  latency_p99_.set(now->latency_p99);
  rebalances_.set(static_cast<double>(now->rebalances));
  if (now->brokers_up > 0)
    link_works();
  forget_old_trouble();
  return std::move(*now);
}

// The line names the part of librdkafka that wrote it.
void client_watch::log(int syslog_level, std::string_view facility, std::string_view words) noexcept {
  const bool hung_up = facility == "FAIL" && words.find(": Disconnected") != std::string_view::npos;
  const auto level = hung_up ? severity::debug : severity_of(syslog_level); // the client connects again, or calls `error`
  if (watcher_->logs(level))
    say(level, std::string{"librdkafka "}.append(facility).append(": ").append(words));
}

void client_watch::work_fails(const failure& why, source_location where) {
  work_failed_at_ = steady_now();
  link_.work_fails(why, where);
}

// A producer learns of a success only from messages, and gets none while its process is not ready.
void client_watch::forget_old_trouble() {
  if (group_.empty() && link_.work_trouble() && steady_now() - work_failed_at_ > doubt_after)
    work_succeeds();
}

void client_watch::work_succeeds() {
  if (link_.untroubled())
    return;
  link_works();
  link_.work_succeeds();
}

void client_watch::link_fails(const failure& why, source_location where) {
  link_.link_fails(why, where);
}

void client_watch::link_works() {
  credentials_refused_ = false;
  broken_.clear();
  all_down_.clear();
  link_.link_works();
}

} // namespace troupe::kafka
