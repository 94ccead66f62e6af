#include <troupe/bridges/kafka/client_watch.hpp>

#include <fstream>
#include <iterator>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>

namespace troupe::kafka {

namespace {

constexpr int syslog_warning = 4;
constexpr int syslog_debug = 7;
constexpr auto doubt_after = std::chrono::seconds{30};
constexpr auto look_every = std::chrono::seconds{1};

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

// Tells the contents from what they were. A file that cannot be read is as an empty one: making a client tells of it.
std::size_t print_of(const tls_files& files) {
  std::string all;
  for (const auto* each : {&files.authorities, &files.certificate, &files.key}) {
    std::ifstream in{*each, std::ios::binary};
    all.append(std::istreambuf_iterator<char>{in}, {}).push_back('\0');
  }
  return std::hash<std::string>{}(all);
}

// A producer and a consumer of one topic have metrics of their own.
std::string named(const std::string& group, std::string_view what) {
  return std::string{group.empty() ? "troupe_kafka_producer_" : "troupe_kafka_consumer_"}.append(what);
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
    return cannot_go_on({errc::unavailable, "the Kafka client cannot go on: " + std::string{words}});
  }
  refused_ = refused_ || blames_credentials(code);
  if (code == RD_KAFKA_RESP_ERR__TRANSPORT)
    return connection_broke(words);
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    all_down_.clear(); // this says more
    return link_fails(to_failure(code, words));
  }
  if (link_.link_trouble())
    return; // what came before says more
  all_down_ = words;
  connection_broke(broken_);
}

// A single connection that broke is mended by the client itself. Where all of them are, only it tells why.
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

// The line is librdkafka's, and so it bears the name of the part of it that speaks.
void client_watch::log(int syslog_level, std::string_view facility, std::string_view words) noexcept {
  const bool hung_up = facility == "FAIL" && words.find(": Disconnected") != std::string_view::npos;
  const auto level = hung_up ? severity::debug : severity_of(syslog_level); // the client mends it, or `error` tells
  if (watcher_->logs(level))
    say(level, std::string{"librdkafka "}.append(facility).append(": ").append(words));
}

void client_watch::work_fails(const failure& why, source_location where) {
  work_failed_at_ = steady_now();
  link_.work_fails(why, where);
}

// A producer learns only from messages, and gets none while nobody is sent to a process that is not ready.
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
  refused_ = false;
  broken_.clear();
  all_down_.clear();
  renewal_backoff_.reset();
  link_.link_works();
}

void client_watch::files_are_read(const connection& to) {
  if (to.tls)
    files_ = print_of(*to.tls);
}

bool client_watch::files_have_changed(const connection& to) {
  const auto now = steady_now();
  if (!to.tls || now < next_look_)
    return false;
  const auto trouble = link_.link_trouble();
  if (!trouble || trouble->code != errc::unauthenticated)
    return false;
  next_look_ = now + look_every;
  const auto print = print_of(*to.tls);
  return std::exchange(seen_files_, print) == print && print != files_;
}

std::optional<client_watch::successor>
client_watch::next_client(const connection& to, const std::function<expected<client_handle>(const access&)>& make) {
  auto where = to.where(freshness::cached);
  auto made = where.has_value() ? make(*where) : where.error();
  if (made.has_error()) {
    link_fails(made.error());
    return std::nullopt;
  }
  return successor{std::move(*where), std::move(*made)};
}

void client_watch::renew_credentials(std::initializer_list<rd_kafka_t*> clients, const connection& to,
                                     std::optional<credentials>& login) {
  // The client tells a refusal once in half a minute; it lasts until a broker can be reached.
  const auto now = steady_now();
  if (!login || !refused_ || (no_renewal_before_ && now < *no_renewal_before_))
    return;
  no_renewal_before_ = now + renewal_backoff_.next(now);
  auto where = to.where(freshness::anew);
  if (where.has_error())
    return link_fails(where.error());
  if (!where->login
      || (where->login->username == login->username && where->login->password.matches(login->password.reveal())))
    return;
  login = std::move(where->login);
  for (auto* const each : clients)
    if (const error_handle failed{
          rd_kafka_sasl_set_credentials(each, login->username.c_str(), login->password.reveal().c_str())})
      return link_fails(to_failure(failed.get()));
  say(severity::info, "the credentials were renewed");
}

} // namespace troupe::kafka
