// Every kind of actor is made to fail, in every way, while requests run. No accepted greeting loses its effect.

#define CAF_SUITE actors_under_fault
#include <troupe_test/suite.hpp>

#include <array>
#include <filesystem>
#include <future>
#include <set>

#include "../../contract/store/kept_documents.hpp"
#include "chaos_gate.hpp"

#include <troupe/actors/consumer.hpp>
#include <troupe/actors/db_writer.hpp>
#include <troupe/actors/greeter.hpp>
#include <troupe/actors/producer.hpp>
#include <troupe/actors/recorder.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/embedded/publisher.hpp>
#include <troupe/bridges/embedded/source.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/bridges/store/sqlite_store.hpp>

using namespace troupe;
using namespace troupe_test;
using namespace std::chrono_literals;

namespace {

// A data folder that is gone afterwards.
struct folder {
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "troupe-fault-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    path = name;
  }
  ~folder() { std::filesystem::remove_all(path); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::filesystem::path path;
};

constexpr auto places =
  std::array{"downstream", "publisher", "greeter's store", "db_writer's store", "handler", "recorder's store"};

caf::actor_system_config& four_workers(caf::actor_system_config& config) {
  // A handler that blocks takes a worker with it; the others must have some left.
  config.set("caf.scheduler.max-threads", std::size_t{4});
  return config;
}

// D publishes and stores, A asks D; what D publishes reaches F's store through the queue. A gate stands in every arrow.
class platform {
public:
  platform()
    : database_(sqlite::open({.folder = where_.path}).value()),
      system_(four_workers(config_)),
      tree_(system_, "troupe", often(), silent_observer(), 1, system_now) {
    for (auto& one : faults)
      one = std::make_shared<fault_switch>();
    build();
    tree_.start();
  }

  ~platform() { tree_.stop_and_wait(); }

  // Asks once; returns D's greeting id when the answer was complete.
  std::optional<std::string> greet_once(caf::scoped_actor& self, const std::string& call) {
    std::optional<std::string> accepted;
    ask(self.operator->(), front_, 2s,
        greet{.call_id = call, .answer_by = deadline::after(1s, std::chrono::steady_clock::now())})
      .receive(
        [&](const greeting_answer& got) {
          ++answered;
          if (got.complete())
            accepted = got.tree.downstream.at(0).own.at(0).id;
        },
        [&](const caf::error&) { ++failed; });
    return accepted;
  }

  // Whether the greeting's effects are both there: D's own document, and what went through the queue into F.
  bool has_effects(const std::string& id) {
    return contract::kept_document(*database_, "service-d", "greetings", id)
           && contract::kept_document(*database_, "service-f", "messages", id);
  }

  // Ends the incarnation behind every handle, one after the other, as a crash would.
  void kill_every_actor() {
    for (const auto& one : victims_)
      ask_to_end(one, caf::exit_reason::kill);
  }

  caf::actor_system& system() { return system_; }
  supervision_tree tree() const { return tree_.tree(); }

  std::array<std::shared_ptr<fault_switch>, places.size()> faults;
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};

private:
  // So many injected crashes in so short a time would exhaust an ordinary service, which is tested elsewhere.
  static policies::supervision_config often() {
    policies::supervision_config config;
    config.intensity = {.restarts = 1'000'000, .window = 1s};
    config.backoff = {.min = 1ms, .max = 5ms, .jitter = 0.2};
    return config;
  }

  template <class Request, class Response, class Handle>
  Handle gated(actors::supervised_group& group, std::size_t place, Handle behind) {
    return group.add("gate" + std::to_string(place), [behind, how = faults[place]](const spawn_context& where) {
      return spawn_gate<Handle, Request, Response>(where, behind, how);
    });
  }

  template <class Handle>
  Handle victim(Handle one) {
    victims_.push_back(caf::actor_cast<caf::actor>(one));
    return one;
  }

  void build() {
    const embedded::destination queue{.name = "service-d", .kind = embedded::destination_kind::queue};
    auto& d = tree_.top().add_group("service-d", often());
    const auto store = victim(
      d.add("store", [=, this](const spawn_context& where) { return store::spawn_sqlite_store(where, database_, {}); }));
    const auto behind_writer = gated<troupe::write_documents, written>(d, 3, store);
    const auto writer = victim(d.add("db_writer", [=](const spawn_context& where) {
      return actors::spawn_db_writer(where, {.to = behind_writer, .timeout = 300ms});
    }));
    const auto publisher = victim(d.add(
      "publisher", [=, this](const spawn_context& where) { return embedded::spawn_publisher(where, database_, queue); }));
    actors::greeter_config of_d{.name = "service-d", .service = "Service-D", .text = "Shalom, from Service-D!"};
    of_d.publish_to = gated<publish, published>(d, 1, publisher);
    of_d.store = actors::greeter_store_step{gated<troupe::write_documents, written>(d, 2, writer), "service-d", "greetings"};
    const auto greeter_d =
      victim(d.add("greeter", [=](const spawn_context& where) { return actors::spawn_greeter(where, of_d); }));

    auto& f = tree_.top().add_group("service-f", often());
    const auto recorder_store = gated<troupe::write_documents, written>(f, 5, store);
    const auto recorder = victim(f.add("recorder", [=](const spawn_context& where) {
      return actors::spawn_recorder(
        where,
        {.to_document = actors::greeting_documents("service-f", "messages"), .store = recorder_store, .timeout = 300ms});
    }));
    const auto handler = gated<deliveries, replies>(f, 4, recorder);
    const auto consumer = victim(f.add("consumer", [=](const spawn_context& where) {
      return actors::spawn_consumer(
        where,
        {.handler = handler, .retry = {.first = 1ms}, .breaker = {.failures = 5, .open_for = 20ms}, .timeout = 500ms});
    }));
    victim(f.add("source", [=, this](const spawn_context& where) {
      embedded::subscription what{.from = queue};
      what.redelivery.delays = std::vector<duration>(200, duration{10ms});
      what.answer_within = 5s;
      return embedded::spawn_source(where, database_, what, consumer);
    }));

    auto& a = tree_.top().add_group("service-a", often());
    actors::greeter_config of_a{.name = "service-a", .service = "Service-A", .text = "Hello, from Service-A!"};
    of_a.downstream = {{"service-d", gated<greet, greeting_answer>(a, 0, greeter_d)}};
    front_ = victim(a.add("greeter", [=](const spawn_context& where) { return actors::spawn_greeter(where, of_a); }));
  }

  folder where_;
  sqlite::database_ptr database_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  actors::supervisor tree_;
  greeter_actor front_;
  std::vector<caf::actor> victims_;
};

// Asks from four threads; returns what was accepted.
std::set<std::string> ask_many(platform& whole, const std::string& round, int requests) {
  std::vector<std::future<std::set<std::string>>> clients;
  for (int client = 0; client != 4; ++client)
    clients.push_back(std::async(std::launch::async, [&, client] {
      std::set<std::string> accepted;
      caf::scoped_actor self{whole.system()};
      for (int n = client; n < requests; n += 4)
        if (auto id = whole.greet_once(self, round + '/' + std::to_string(n)))
          accepted.insert(*id);
      return accepted;
    }));
  std::set<std::string> result;
  for (auto& one : clients)
    result.merge(one.get());
  return result;
}

// Waits until every accepted greeting has its effects; returns how many never had.
std::size_t lost(platform& whole, std::set<std::string> accepted) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!accepted.empty() && std::chrono::steady_clock::now() < end)
    std::erase_if(accepted, [&](const std::string& id) { return whole.has_effects(id); });
  return accepted.size();
}

} // namespace

CAF_TEST(no accepted greeting loses its effects whatever an actor on its way does) {
  platform whole;
  for (std::size_t place = 0; place != places.size(); ++place) {
    for (const auto mode : {fault::throws, fault::error, fault::never, fault::blocks}) {
      auto& here = *whole.faults[place];
      here.mode = mode;
      const auto accepted = ask_many(whole, places[place] + (" " + to_string(mode)), 24);
      here.mode = fault::none;
      CAF_CHECK(here.injected.exchange(0) > 0);
      CAF_CHECK(!accepted.empty());
      CAF_MESSAGE(places[place] << " " << to_string(mode) << ": " << accepted.size() << " of 24 accepted");
      CAF_CHECK_EQUAL(lost(whole, accepted), 0u);
    }
  }
  CAF_CHECK(ask_many(whole, "afterwards", 24).size() == 24);
}

CAF_TEST(no accepted greeting loses its effects when every actor is killed again and again) {
  platform whole;
  std::set<std::string> accepted;
  for (int round = 0; round != 10; ++round) {
    auto asking = std::async(std::launch::async, [&] { return ask_many(whole, "kill " + std::to_string(round), 100); });
    while (asking.wait_for(5ms) != std::future_status::ready)
      whole.kill_every_actor();
    accepted.merge(asking.get());
  }
  CAF_CHECK(!accepted.empty());
  CAF_MESSAGE(accepted.size() << " of 1000 accepted, " << whole.failed.load() << " failed");
  CAF_CHECK_EQUAL(lost(whole, accepted), 0u);
  for (const auto& service : whole.tree().children)
    CAF_CHECK(service.state == child_state::running);
}
