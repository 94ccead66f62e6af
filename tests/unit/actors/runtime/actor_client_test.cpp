#define CAF_SUITE actor_client

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <troupe_test/actors.hpp>

#include <troupe/actors/runtime/actor_client.hpp>
#include <troupe/messages/ports/greeter.hpp>

#include "../../../contract/recording_observer.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

using scripted_greeter = scripted<greet, greeting_answer>;
using greeter_client = actor_client<greeter_actor>;
using words = std::vector<std::string>;

// Keeps what it gets, and that it was destroyed.
class listener final : public answer_receiver<greeting_answer> {
public:
  listener(std::string name, std::shared_ptr<words> log) : name_(std::move(name)), log_(std::move(log)) {}
  ~listener() override { log_->push_back(name_ + " gone"); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  void answered(const greeting_answer&) override { log_->push_back(name_); }
  void failed(failure why) override { log_->push_back(name_ + ' ' + std::string{to_string(why.code)}); }

private:
  std::string name_;
  std::shared_ptr<words> log_;
};

struct fixture : actor_fixture {
  fixture() { greeter.hold(); }
  ~fixture() { end(greeter.handle()); }

  void ask(const std::string& name, duration within, turns where = turns::scheduler) {
    client.ask(greet{.call_id = name}, now() + within, std::make_unique<listener>(name, heard), where);
  }
  void answer() {
    greeter.release({});
    settle();
  }

  scripted_greeter greeter{sys, [](const greet&) { return greeting_answer{}; }};
  greeter_client client{greeter.handle()};
  std::shared_ptr<words> heard = std::make_shared<words>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(actor_client_tests, fixture)

CAF_TEST(an answer is given once and nothing after it) {
  ask("a", 100ms);
  settle();
  answer();
  pass(1s);
  CAF_CHECK_EQUAL(*heard, (words{"a", "a gone"}));
}

CAF_TEST(answers reach those for whom they are meant whatever their order) {
  ask("a", 100ms);
  ask("b", 100ms);
  settle();
  greeter.refuse({errc::unavailable, "away"});
  settle();
  answer();
  CAF_CHECK_EQUAL(*heard, (words{"a unavailable", "a gone", "b", "b gone"}));
}

CAF_TEST(requests are counted by what becomes of them) {
  const auto watcher = std::make_shared<contract::recording_observer>();
  client = greeter_client{greeter.handle(), std::make_shared<call_counts>(watcher, "gateway", "greeter")};
  const auto counted = [&](double count, const std::string& outcome) {
    CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), count);
    CAF_CHECK_EQUAL(watcher->last_label("troupe_calls_total"), outcome);
  };
  counted(0, "success");
  ask("a", 100ms);
  settle();
  answer();
  counted(1, "success");
  ask("b", 100ms);
  settle();
  greeter.refuse({errc::unavailable, "away"});
  settle();
  counted(2, "unavailable");
  ask("c", 100ms);
  pass(1s);
  counted(3, "deadline_exceeded");
  ask("d", 0s);
  counted(4, "deadline_exceeded");
}

CAF_TEST(in its turns here the receiver answers before the asking returns) {
  greeter.stop_holding();
  settle();
  ask("a", 100ms, turns::here);
  CAF_CHECK_EQUAL(*heard, (words{"a", "a gone"}));
  CAF_CHECK(!sched.has_job());
  ask("b", 100ms, turns::scheduler);
  CAF_CHECK_EQUAL(heard->size(), 2u);
  settle();
  CAF_CHECK_EQUAL(heard->size(), 4u);
}

CAF_TEST(each request ends by its own time and a later answer is dropped) {
  ask("late", 300ms);
  ask("soon", 100ms);
  settle();
  pass(99ms);
  CAF_CHECK_EQUAL(*heard, words{});
  pass(1ms);
  CAF_CHECK_EQUAL(*heard, (words{"soon deadline_exceeded", "soon gone"}));
  pass(200ms);
  CAF_CHECK_EQUAL(heard->size(), 4u);
  answer();
  answer();
  CAF_CHECK_EQUAL(*heard, (words{"soon deadline_exceeded", "soon gone", "late deadline_exceeded", "late gone"}));
}

CAF_TEST(without any time left nobody is asked) {
  ask("a", 0ms, turns::here);
  CAF_CHECK_EQUAL(*heard, (words{"a deadline_exceeded", "a gone"}));
  settle();
  CAF_CHECK(greeter.asked().empty());
}

CAF_TEST(requests of a like timeout cost one timer) {
  for (int i = 0; i < 50; ++i) {
    ask("a", 1s);
    settle();
    answer();
    pass(1ms);
  }
  CAF_CHECK_EQUAL(heard->size(), 100u);
  CAF_CHECK_EQUAL(sched.clock().schedule.size(), 1u);
}

CAF_TEST(timers that sooner ones have replaced do not multiply) {
  ask("keeps it awake", std::chrono::hours{1});
  for (int i = 0; i < 50; ++i) {
    ask("late", 200ms);
    ask("soon", 100ms);
    settle();
    pass(200ms);
  }
  CAF_CHECK_EQUAL(heard->size(), 200u);
  CAF_CHECK_LESS(sched.clock().schedule.size(), 4u);
}

CAF_TEST(an actor that ends with a request or before it fails it at once) {
  settle();
  ask_to_end(greeter.handle(), caf::exit_reason::kill);
  ask("waits behind the end", std::chrono::hours{1});
  CAF_CHECK_EQUAL(*heard, words{});
  settle();
  ask("comes after it", std::chrono::hours{1}, turns::here);
  CAF_CHECK_EQUAL(*heard, (words{"waits behind the end actor_failed", "waits behind the end gone",
                                 "comes after it actor_failed", "comes after it gone"}));
}

CAF_TEST(closing lets go of who waits without telling them) {
  ask("a", 100ms);
  settle();
  client.close();
  CAF_CHECK_EQUAL(*heard, (words{"a gone"}));
  ask("b", 100ms, turns::here);
  CAF_CHECK_EQUAL(*heard, (words{"a gone", "b gone"}));
  answer();
  pass(1s);
  CAF_CHECK_EQUAL(heard->size(), 2u);
}

CAF_TEST(the last copy closes) {
  ask("a", 100ms);
  settle();
  auto copy = client;
  client = {};
  CAF_CHECK(!client);
  CAF_CHECK(heard->empty());
  copy = {};
  CAF_CHECK_EQUAL(*heard, (words{"a gone"}));
  answer();
  pass(1s);
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

// Counts on any thread.
class counting final : public answer_receiver<greeting_answer> {
public:
  explicit counting(std::atomic<int>& answers) : answers_(answers) {}
  void answered(const greeting_answer&) override { ++answers_; }
  void failed(failure) override {}

private:
  std::atomic<int>& answers_;
};

greeter_actor::behavior_type at_once() {
  return {[](const greet&) { return greeting_answer{}; }};
}

} // namespace

CAF_TEST(threads that ask at once are all answered) {
  constexpr int each = 2000;
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::atomic<int> answers{0};
  {
    const auto whom = system.spawn(at_once);
    const greeter_client client{whom};
    std::vector<std::thread> threads;
    for (const auto where : {turns::here, turns::here, turns::scheduler, turns::scheduler})
      threads.emplace_back([&answers, &client, where] {
        for (int i = 0; i < each; ++i)
          client.ask(greet{}, std::chrono::steady_clock::now() + 1h, std::make_unique<counting>(answers), where);
      });
    for (auto& thread : threads)
      thread.join();
    // Behind all of them in its mailbox: what it is asked now is answered last.
    caf::scoped_actor self{system};
    self->request(whom, caf::infinite, greet{}).receive([](const greeting_answer&) {}, [](const caf::error&) {});
    CAF_CHECK_EQUAL(answers.load(), 4 * each);
    ask_to_end(whom, caf::exit_reason::user_shutdown);
  }
}
