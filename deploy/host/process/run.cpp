#include <troupe/deploy/host/process/commands.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

#include <unistd.h>

#include <troupe/actors/runtime/scheduler.hpp>
#include <troupe/bridges/aws/config.hpp>
#include <troupe/bridges/grpc/log.hpp>
#include <troupe/bridges/grpc/server.hpp>
#include <troupe/bridges/http/administration.hpp>
#include <troupe/bridges/http/edge.hpp>
#include <troupe/bridges/telemetry/actor_metrics.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>
#include <troupe/deploy/host/process/assembly.hpp>
#include <troupe/deploy/host/process/banner.hpp>
#include <troupe/deploy/host/process/build.hpp>
#include <troupe/deploy/host/process/descriptors.hpp>
#include <troupe/deploy/host/process/faults.hpp>
#include <troupe/deploy/host/process/flows.hpp>
#include <troupe/deploy/host/process/health.hpp>
#include <troupe/deploy/host/process/last_words.hpp>
#include <troupe/deploy/host/process/listeners.hpp>
#include <troupe/deploy/host/process/memory.hpp>
#include <troupe/deploy/host/process/operator_routes.hpp>
#include <troupe/deploy/host/process/peers.hpp>
#include <troupe/deploy/host/process/processors.hpp>
#include <troupe/deploy/host/process/rehearsal.hpp>
#include <troupe/deploy/host/process/signals.hpp>
#include <troupe/deploy/host/process/time_limit.hpp>
#include <troupe/deploy/host/process/traces.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::host {

namespace {

constexpr std::chrono::milliseconds between_looks{1000}; // of the main thread, at what does not wake it

// What keeps the program from starting; `run` turns it into its one line.
struct cannot_start {
  failure why;
};

// The process was asked to end before it ran.
struct asked_early {};

template <class T>
T started(expected<T> part) {
  if (!part)
    throw cannot_start{part.error()};
  if constexpr (!std::is_void_v<T>)
    return std::move(*part);
}

std::string name_of_host() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return "localhost";
  name.resize(name.find('\0'));
  return name;
}

// A data folder is used by one process at a time.
std::string id_of_process(const std::string& data) {
  return name_of_host() + ':' + std::filesystem::absolute(data).lexically_normal().string();
}

std::shared_ptr<telemetry::telemetry> make_watcher(const node_topology& node, const std::string& version) {
  telemetry::telemetry_config config;
  config.sampling = node.traces.sampling;
  config.traces = node.traces.kept;
  config.traces_a_second = node.traces.kept_a_second;
  if (node.traces.spans == tracing::off)
    config.traces.traces = 0;
  config.form = ::isatty(STDOUT_FILENO) != 0 ? telemetry::log_form::human : telemetry::log_form::json;
  config.level = node.level;
  config.version = version;
  config.commit = this_build().commit;
  config.compiler = this_build().compiler;
  return telemetry::make_telemetry(config);
}

caf::actor_system_config& prepare(caf::actor_system_config& config) {
  telemetry::measure_actors(config);
  set_scheduler(config, processors_here());
  return config;
}

// Logs the lines of the gRPC library while the process runs.
struct grpc_log {
  explicit grpc_log(const observer_ptr& watcher) { grpc::log_to(watcher); }
  ~grpc_log() { grpc::log_to(nullptr); }
  grpc_log(const grpc_log&) = delete;
  grpc_log& operator=(const grpc_log&) = delete;
};

// Without a thread that watches the time, the end takes as long as it takes.
void bound(std::optional<time_limit>& by, duration at_most, std::function<void()> overdue) {
  try {
    by.emplace(at_most, std::move(overdue));
  } catch (const std::system_error&) {
    by.reset();
  }
}

// The process while it runs. Members are destroyed in reverse: listeners first, then actors, then the file, then telemetry.
class process {
public:
  process(const configuration& config, const program_parts& program, signals& asked)
    : config_(config),
      program_(program),
      plan_(config.plan),
      asked_(asked),
      watcher_(make_watcher(plan_.node, program.settings.words().version)),
      exporter_(make_exporter(plan_, program.settings.words().version, name_of_host(), watcher_)),
      grpc_log_(watcher_),
      database_(started(sqlite::open({.folder = *plan_.node.data, .watcher = watcher_}))),
      system_(prepare(system_config_)),
      parts_{system_, database_, watcher_, name_of_host(), id_of_process(*plan_.node.data), system_random()()},
      assembly_(plan_, parts_, program.code),
      faults_(plan_, fault_targets_of(plan_, assembly_.tree().actors(), *parts_.faults),
              {[this](const std::string& path, actors::disturbance how) { return assembly_.tree().disturb(path, how); },
               watcher_}) {
    parts_.outline_of_trace = [this](const policies::trace_key& trace) { return watcher_->traces().outline(trace); };
    if (const auto usable = check_peer_tls(plan_); !usable)
      throw cannot_start{usable.error()};
    if (asks_aws(plan_))
      if (const auto usable = aws::configure(); usable.has_error())
        throw cannot_start{usable.error()};
    assembly_.tree().on_ended([this](actors::supervisor_ending how) {
      ending_.store(how == actors::supervisor_ending::stopped ? ending::stopped : ending::exhausted);
      asked_.wake();
    });
    shares_ = started(share_descriptors(needs_here(plan_)));
    listen_at_edge();
    administration_ = started(http::administration::listen(administration_of(plan_, shares_), administration_ports()));
    if (plan_.serves_grpc) {
      grpc::server_ports ports;
      ports.watcher = watcher_;
      assembly_.code().serve(ports);
      grpc_ = started(grpc::server::listen(grpc_of(plan_, shares_), std::move(ports)));
    }
    begin_steps();
    // From here on nothing fails, and there are actors to be ended.
    watcher_->send_spans_to(exporter_.get());
    watcher_->watch(system_);
    assembly_.tree().start();
    heart_ = spawn_heartbeat(unsupervised(system_, "process/heartbeat", watcher_), beat_);
    listening_.store(edge_.get());
    announce();
  }

  /// Returns when the process was asked to end, or its tree gave up.
  exit_code until_asked() {
    while (!signals::asked() && ending_.load() == ending::none) {
      asked_.wait(grpc_ ? update_grpc_health() : between_looks);
      faults_.tick();
      give_back_idle_memory();
    }
    if (ending_.load() == ending::exhausted)
      return exit_code::failed;
    say(severity::info, "asked to end");
    return exit_code::orderly;
  }

  /// Returns whether everything ended.
  bool shut_down() {
    draining_.store(true);
    faults_.end_all();
    if (grpc_)
      update_grpc_health();
    std::this_thread::sleep_for(plan_.node.shutdown.announce.value_or(duration::zero()));
    edge_->stop_accepting();
    if (grpc_)
      grpc_->stop_accepting();
    drain();
    if (ending_.load() == ending::none) {
      assembly_.tree().stop();
      // Each child that does not stop in its time is abandoned by its supervisor, so this ends.
      while (ending_.load() == ending::none)
        asked_.wait();
    }
    end_steps();
    ask_to_end(heart_, caf::exit_reason::user_shutdown);
    const bool all = none_abandoned(assembly_.tree().tree());
    watcher_->unwatch();
    const auto until = steady_now() + plan_.node.shutdown.telemetry;
    if (exporter_)
      exporter_ended_ = exporter_->stop(plan_.node.shutdown.telemetry / 2);
    say(severity::info, "ended");
    watcher_->flush(std::max(duration::zero(), until - steady_now()));
    return all;
  }

  /// How long what is open may still take to close.
  [[nodiscard]] duration closing_left() const noexcept { return closing_left_; }
  /// Whether a thread still waits for a collector that does not answer. Then the process ends without waiting for it.
  [[nodiscard]] bool leaves_a_thread() const noexcept { return !exporter_ended_; }

private:
  enum class ending { none, stopped, exhausted };

  void listen_at_edge() {
    auto config = edge_of(plan_, shares_);
    http::edge_ports ports;
    ports.metrics = [this] { return watcher_->metrics_text(); };
    ports.liveness = [this] { return liveness(); };
    ports.readiness = [this] { return readiness(); };
    ports.watcher = watcher_;
    started(assembly_.code().serve(config, ports));
    edge_ = started(http::edge::listen(config, std::move(ports)));
  }

  http::health_report liveness() const { return host::liveness(plan_, *beat_, assembly_.tree().busiest(), steady_now()); }

  http::health_report readiness() const {
    auto result = host::readiness(assembly_.tree().tree(), plan_, assembly_.links(), draining_.load());
    if (const auto* const edge = listening_.load(); edge != nullptr && !edge->accepting())
      result.checks.push_back({"edge", http::health_check::standing::failing, "connections cannot be accepted"});
    for (const auto& check : assembly_.code().checks()) {
      const auto trouble = check.state->trouble();
      result.checks.push_back({check.name,
                               trouble ? http::health_check::standing::failing : http::health_check::standing::passing,
                               trouble ? trouble->reason : std::string{}});
    }
    result.checks.push_back(data_check(*database_->health()));
    return result;
  }

  // The program's own steps. Health and metrics are answered meanwhile; the process is not ready before its tree runs.
  void begin_steps() {
    steps_ = assembly_.code().steps();
    for (; begun_ != steps_.size(); ++begun_) {
      const auto& step = steps_[begun_];
      if (signals::asked()) {
        end_steps();
        throw asked_early{};
      }
      try {
        step.start();
      } catch (const std::exception& problem) {
        failure why{errc::internal, "the step " + step.name + " failed: " + words_of(problem)};
        end_steps();
        throw cannot_start{std::move(why)};
      }
    }
  }

  // Those that have begun, in reverse.
  void end_steps() {
    if (begun_ == 0)
      return;
    const auto from = steady_now();
    std::atomic<const own_step*> current{&steps_[begun_ - 1]};
    std::optional<time_limit> limit;
    bound(limit, plan_.node.shutdown.close, [&] {
      std::cerr << program_name() << ": the step " << current.load()->name << " did not stop in time\n" << std::flush;
      std::_Exit(static_cast<int>(exit_code::failed));
    });
    while (begun_ != 0) {
      const auto& step = steps_[--begun_];
      current.store(&step);
      try {
        if (step.stop)
          step.stop();
      } catch (const std::exception& problem) {
        say(severity::error, "the step " + step.name + " could not be stopped: " + words_of(problem));
      }
    }
    closing_left_ = std::max(duration::zero(), closing_left_ - (steady_now() - from));
  }

  // gRPC's health service is updated; the edge asks. Returns when to update it again: soon while a client may wait for
  // readiness.
  std::chrono::milliseconds update_grpc_health() {
    const bool ready = readiness().passing();
    grpc_->set_serving(ready ? grpc::readiness::serving : grpc::readiness::not_serving);
    return ready ? between_looks : std::chrono::milliseconds{50};
  }

  http::administration_ports administration_ports() {
    http::administration_ports ports;
    ports.tree = [this] { return assembly_.tree().tree(); };
    ports.tree_version = [this] { return assembly_.tree().version(); };
    ports.liveness = [this] { return liveness(); };
    ports.readiness = [this] { return readiness(); };
    ports.dead_letters = assembly_.dead_letters();
    ports.log_level = [this] { return std::string{to_string(watcher_->level())}; };
    ports.set_log_level = [this](std::string_view text) { return set_log_level(text); };
    ports.watcher = watcher_;
    ports.routes = operator_routes({config_, watcher_, faults_, [this] { return flows(); }});
    return ports;
  }

  std::string flows() const {
    return flows_json(plan_,
                      {program_.settings.words().version, steady_now() - began_, watcher_->values(),
                       faults_.targets_under(fault_kind::pause_channel), faults_.targets_under(fault_kind::open_breaker)});
  }

  expected<void> set_log_level(std::string_view text) {
    const auto wanted = telemetry::parse_level(text);
    if (!wanted)
      return wanted.error();
    const auto before = watcher_->level();
    if (before == *wanted)
      return {};
    const auto words = "log level " + std::string{to_string(*wanted)} + " instead of " + std::string{to_string(before)};
    // At the one of the two levels that lets more through.
    if (before > *wanted)
      watcher_->set_level(*wanted);
    say(severity::warning, words + ", as the administration was asked");
    watcher_->set_level(*wanted);
    return {};
  }

  void announce() {
    const auto http = to_string(edge_->local());
    const auto admin = to_string(administration_->local());
    const auto grpc = grpc_ ? to_string(grpc_->local()) : std::string{};
    if (::isatty(STDOUT_FILENO) != 0)
      std::cout << banner(config_, program_.settings, http, grpc, admin, database_->file().string(), in_words(shares_))
                << std::flush;
    else
      say(severity::info, "listening on " + http + (grpc.empty() ? "" : ", gRPC on " + grpc) + ", administration on " + admin
                            + ", data in " + database_->file().string());
    if (::isatty(STDOUT_FILENO) == 0)
      say(severity::info, "takes " + in_words(shares_));
  }

  // What brings in work stops first, and then what is under way may end.
  void drain() {
    const auto& steps = plan_.node.shutdown;
    using count = std::shared_ptr<std::atomic<std::uint64_t>>;
    const auto unsettled = std::make_shared<std::atomic<std::uint64_t>>(0);
    const auto unacknowledged = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::vector<caf::actor> waiting;
    const auto drain_within = [&](const source_actor& source, duration within, duration and_then, const count& unfinished) {
      // One that is restarting, and so does not answer, has nothing under way.
      waiting.push_back(system_.spawn([=](caf::event_based_actor* self) {
        ask(self, source, within + and_then, troupe::drain{within})
          .then([unfinished](const drained& left) { unfinished->fetch_add(left.unfinished); }, [](const caf::error&) {});
      }));
    };
    for (const auto& one : assembly_.subscriptions())
      drain_within(one, steps.drain, steps.commit, unsettled);
    for (const auto& one : assembly_.code().sources())
      drain_within(one, steps.drain, steps.commit, unsettled);
    for (const auto& one : assembly_.producers())
      drain_within(one, steps.drain + steps.flush, std::chrono::seconds{1}, unacknowledged);
    const auto until = steady_now() + steps.drain;
    const bool calls_ended = !grpc_ || grpc_->drain(steps.drain);
    const auto remaining = std::max(duration::zero(), until - steady_now());
    if (!edge_->drain(remaining) || !calls_ended)
      say(severity::warning, "some requests were still under way and get no answer");
    caf::scoped_actor here{system_};
    for (const auto& one : waiting)
      here->wait_for(one);
    if (const auto left = unsettled->load(); left > 0)
      say(severity::warning, std::to_string(left) + " messages are unfinished; they stay unsettled and come again");
    if (const auto left = unacknowledged->load(); left > 0)
      say(severity::warning,
          std::to_string(left) + " messages of producers were not acknowledged; whether they are durable is unknown");
  }

  static bool none_abandoned(const supervision_tree& node) {
    for (const auto& child : node.children)
      if (child.state == child_state::abandoned || !none_abandoned(child))
        return false;
    return true;
  }

  void say(severity level, const std::string& text, source_location where = source_location::current()) {
    watcher_->log(level, {plan_.program, "process"}, text, where);
  }

  const configuration& config_;
  const program_parts& program_;
  const process_plan& plan_;
  signals& asked_;
  std::atomic<bool> draining_{false};
  std::atomic<ending> ending_{ending::none};
  std::shared_ptr<heartbeat> beat_ = std::make_shared<heartbeat>(steady_now());
  std::shared_ptr<telemetry::telemetry> watcher_;
  std::unique_ptr<otlp::exporter> exporter_; // all that makes spans goes before it
  bool exporter_ended_ = true;
  grpc_log grpc_log_;
  sqlite::database_ptr database_;
  caf::actor_system_config system_config_;
  caf::actor_system system_;
  assembly_parts parts_;
  assembly assembly_;
  faults faults_;
  const instant began_ = steady_now();
  std::vector<own_step> steps_;
  std::size_t begun_ = 0; // of the steps
  duration closing_left_ = plan_.node.shutdown.close;
  std::unique_ptr<grpc::server> grpc_;
  caf::actor heart_;
  descriptor_shares shares_;
  std::unique_ptr<http::edge> edge_;
  std::unique_ptr<http::administration> administration_;
  std::atomic<const http::edge*> listening_{nullptr};
};

// The code with which the process ends once its actors have ended. Until then nothing is destroyed, because that may wait
// for them for ever.
exit_code end_of(process& running) {
  try {
    const auto code = running.until_asked();
    if (running.shut_down())
      return code;
  } catch (const std::exception& problem) {
    std::cerr << program_name() << ": cannot go on: " << words_of(problem) << '\n' << std::flush;
  }
  std::_Exit(static_cast<int>(exit_code::failed));
}

} // namespace

exit_code run(const configuration& config, const program_parts& program) {
  const auto& plan = config.plan;
  raise_descriptor_limit();
  std::optional<signals> asked;
  std::optional<time_limit> closing;
  try {
    asked.emplace();
    started(rehearse(resident_needs_of(plan, processors_here())));
    auto running = std::make_unique<process>(config, program, *asked);
    const auto code = end_of(*running);
    const bool leaves_a_thread = running->leaves_a_thread();
    // Everything that was acknowledged is on the disk already, so that the file need not be closed.
    bound(closing, running->closing_left(), [code, &plan] {
      std::cerr << program_name() << ": " << *plan.node.data << " could not be closed in time; nothing in it is lost\n"
                << std::flush;
      std::_Exit(static_cast<int>(code));
    });
    running.reset();
    if (leaves_a_thread)
      std::_Exit(static_cast<int>(code));
    return code;
  } catch (const asked_early&) {
    return exit_code::orderly;
  } catch (const cannot_start& problem) {
    std::cerr << program_name() << ": cannot start: " << visible(problem.why.reason) << '\n';
  } catch (const std::exception& problem) {
    // A library that stopped half way may not end.
    std::cerr << program_name() << ": cannot start: " << visible(words_of(problem)) << '\n' << std::flush;
    std::_Exit(static_cast<int>(exit_code::failed));
  }
  return exit_code::failed;
}

} // namespace troupe::host
