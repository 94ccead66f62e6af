// A service of an author's own: a member of a consumer group that stores what it reads of a topic. The texts `end` and
// `rest:SECONDS` do in its handler what no handler should: end the process, and take their time.

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include <troupe/actors/consumer.hpp>
#include <troupe/actors/recorder.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/kafka/publisher.hpp>
#include <troupe/bridges/kafka/source.hpp>
#include <troupe/bridges/store/sqlite_store.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>

namespace {

using namespace troupe;
using namespace std::chrono_literals;

void do_as_told(std::string_view text) {
  constexpr std::string_view rest = "rest:";
  if (text == "end")
    std::_Exit(EXIT_FAILURE);
  if (!text.starts_with(rest))
    return;
  int seconds = 0;
  std::from_chars(text.data() + rest.size(), text.data() + text.size(), seconds);
  std::this_thread::sleep_for(std::chrono::seconds{seconds});
}

actors::document_function effects() {
  return [keep = actors::text_documents("author", "messages")](const delivery& one) {
    do_as_told(one.content.payload);
    return keep(one);
  };
}

struct collector_config {
  std::string broker;
  std::filesystem::path folder;
  kafka::subscription from{.group = "authors"};
  std::vector<std::string> properties; // NAME=VALUE

  [[nodiscard]] kafka::connection connection() const {
    kafka::connection made;
    made.where = kafka::always({{broker}, std::nullopt});
    for (const auto& each : properties)
      made.properties.push_back({each.substr(0, each.find('=')), each.substr(each.find('=') + 1)});
    return made;
  }
};

// Runs until it is asked to end. Returns what it left unfinished.
std::uint64_t run(const collector_config& config, const sigset_t& asked) {
  const auto watcher = telemetry::make_telemetry({});
  const auto database = sqlite::open({.folder = config.folder, .watcher = watcher}).value();
  caf::actor_system_config runtime;
  caf::actor_system system{runtime};
  actors::supervisor root{system, "author", {}, watcher, 1, system_now};
  auto& service = root.top().add_group("collector", {});
  const auto store =
    service.add("store", [=](const spawn_context& where) { return store::spawn_sqlite_store(where, database); });
  const auto recorder = service.add("recorder", [=](const spawn_context& where) {
    return actors::spawn_recorder(where, {.to_document = effects(), .store = store});
  });
  const auto consumer = service.add(
    "consumer", [=](const spawn_context& where) { return actors::spawn_consumer(where, {.handler = recorder}); });
  const auto letters = service.add("letters", [=, to = config.connection()](const spawn_context& where) {
    return kafka::spawn_publisher(where, to, {.topic = kafka::dead_letter_topic(config.from.topic)});
  });
  const auto source = service.add("source", [=, from = config.connection()](const spawn_context& where) {
    return kafka::spawn_source(where, from, config.from, consumer, letters);
  });
  root.start();
  int signal = 0;
  sigwait(&asked, &signal);
  std::uint64_t left = 0;
  caf::scoped_actor self{system};
  ask(&*self, source, 30s, drain{20s})
    .receive([&left](const drained& told_last) { left = told_last.unfinished; }, [&left](const caf::error&) { left = 1; });
  root.stop_and_wait();
  return left;
}

} // namespace

int main(int argc, char** argv) {
  collector_config config;
  CLI::App options{"Stores what it reads of a topic"};
  options.add_option("broker", config.broker, "HOST:PORT")->required();
  options.add_option("topic", config.from.topic)->required();
  options.add_option("folder", config.folder, "for its data")->required();
  options.add_option("--instance", config.from.instance, "its name as a static member");
  options.add_option("--property", config.properties, "NAME=VALUE of librdkafka")->take_all();
  CLI11_PARSE(options, argc, argv);
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &asked, nullptr); // of every thread, so that the main thread gets it
  troupe::register_message_types();
  return run(config, asked) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
