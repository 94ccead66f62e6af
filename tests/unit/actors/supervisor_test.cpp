#define CAF_SUITE supervisor
#include <troupe_test/actors.hpp>

#include <troupe/actors/supervisor.hpp>
#include <troupe/messages/ports/greeter.hpp>

using namespace troupe;
using namespace troupe_test;
using actors::supervisor_ending;

namespace {

// What an actor of this suite does is decided by the request's call id. It remembers nothing across incarnations.
struct moody_state {
  moody_state(greeter_actor::pointer me, std::shared_ptr<std::vector<std::string>> log, std::string name)
    : self(me), diary(std::move(log)), who(std::move(name)) {
    diary->push_back("start " + who);
  }
  ~moody_state() { diary->push_back("end " + who); }

  greeter_actor::behavior_type make_behavior() {
    return {[this](const greet& call) -> caf::result<greeting_answer> {
      ++served;
      if (call.call_id == "throw")
        throw std::runtime_error("it threw");
      if (call.call_id == "quit")
        self->quit(caf::make_error(errc::internal, std::string{"it quit"}));
      if (call.call_id == "leave")
        self->quit();
      if (call.call_id == "never")
        return never.emplace_back(self->make_response_promise<greeting_answer>());
      greeting_answer result;
      result.tree.own.push_back(
        {.id = call.call_id, .service = who, .message = std::to_string(served), .created = {}, .hostname = {}});
      return result;
    }};
  }

  greeter_actor::pointer self;
  std::shared_ptr<std::vector<std::string>> diary;
  std::string who;
  int served = 0;
  std::vector<caf::typed_response_promise<greeting_answer>> never;
};

struct fixture : actor_fixture {
  fixture() : root(sys, "troupe", config, silent_observer(), 7, test_civil_time) {}

  ~fixture() override {
    root.stop();
    pass(10s);
  }

  auto moody(std::string name) {
    return [log = diary, name](const spawn_context& where) {
      return spawn_supervised<greeter_actor, moody_state>(where, log, name);
    };
  }

  auto call(const greeter_actor& whom, std::string id) {
    return ask_for<greeting_answer>(whom, greet{.call_id = std::move(id)});
  }

  std::string last_line() { return diary->empty() ? "" : diary->back(); }
  std::vector<std::string> lines_since(std::size_t from) {
    return {diary->begin() + static_cast<std::ptrdiff_t>(from), diary->end()};
  }

  std::shared_ptr<std::vector<std::string>> diary = std::make_shared<std::vector<std::string>>();
  policies::supervision_config config;
  actors::supervisor root;
};

using lines = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, fixture)

CAF_TEST(a handle given before the start is served once the tree has started) {
  auto a = root.top().add("a", moody("a"));
  auto early = call(a, "1");
  CAF_CHECK(early->pending());
  CAF_CHECK_EQUAL(root.tree().children[0].mailbox, 1u);
  root.start();
  settle();
  CAF_REQUIRE(early->value);
  CAF_CHECK_EQUAL(early->value->tree.own[0].service, "a");
}

CAF_TEST(children start in order and stop in reverse) {
  root.top().add("a", moody("a"));
  auto& group = root.top().add_group("group", {});
  group.add("b", moody("b"));
  group.add("c", moody("c"));
  root.top().add("d", moody("d"));
  root.start();
  settle();
  CAF_CHECK_EQUAL(*diary, (lines{"start a", "start d", "start b", "start c"}));
  const auto from = diary->size();
  root.stop();
  settle();
  CAF_CHECK_EQUAL(lines_since(from), (lines{"end d", "end c", "end b", "end a"}));
  CAF_CHECK(root.tree().state == child_state::stopped);
}

CAF_TEST(an exception answers the caller at once and the next incarnation serves the same handle after the backoff) {
  auto a = root.top().add("a", moody("a"));
  root.start();
  settle();
  auto lost = call(a, "throw");
  CAF_REQUIRE(lost->error);
  CAF_CHECK(lost->error->code == errc::actor_failed);
  CAF_CHECK(root.tree().children[0].state == child_state::restarting);
  auto waiting = call(a, "2");
  CAF_CHECK(waiting->pending());
  pass(199ms);
  CAF_CHECK(waiting->pending());
  pass(41ms); // the jitter adds at most a fifth
  CAF_REQUIRE(waiting->value);
  CAF_CHECK_EQUAL(waiting->value->tree.own[0].message, "1");
  const auto node = root.tree().children[0];
  CAF_CHECK(node.state == child_state::running);
  CAF_CHECK_EQUAL(node.incarnation, 2u);
  CAF_CHECK_EQUAL(node.restarts, 1u);
  CAF_CHECK(!node.last_error.empty());
  CAF_CHECK(node.since == test_civil_time());
}

CAF_TEST(a request in flight when its actor fails is answered at once and not by its timeout) {
  auto a = root.top().add("a", moody("a"));
  root.start();
  settle();
  auto hanging = call(a, "never");
  CAF_CHECK(hanging->pending());
  auto culprit = call(a, "quit");
  CAF_REQUIRE(hanging->error);
  CAF_CHECK(hanging->error->code == errc::actor_failed);
  CAF_CHECK(!culprit->pending());
}

CAF_TEST(a caller that hears of a crash and calls again at once is served by the next incarnation) {
  auto a = root.top().add("a", moody("a"));
  root.start();
  settle();
  const auto second = std::make_shared<answer<greeting_answer>>();
  sys.spawn([=](caf::event_based_actor* caller) {
    const auto again = [=](const caf::error&) {
      ask(caller, a, 1h, greet{.call_id = "1"})
        .then([=](const greeting_answer& got) { second->value = got; },
              [=](const caf::error& why) { second->error = to_failure(why); });
    };
    ask(caller, a, 1h, greet{.call_id = "throw"}).then([](const greeting_answer&) {}, again);
  });
  settle();
  CAF_CHECK(second->pending());
  pass(300ms);
  CAF_CHECK(second->value.has_value());
}

CAF_TEST(messages of a restart are served in their order) {
  auto a = root.top().add("a", moody("a"));
  root.start();
  settle();
  call(a, "throw");
  std::vector<std::shared_ptr<answer<greeting_answer>>> waiting;
  for (int n = 1; n <= 5; ++n)
    waiting.push_back(call(a, std::to_string(n)));
  pass(300ms);
  for (std::size_t n = 0; n != waiting.size(); ++n) {
    CAF_REQUIRE(waiting[n]->value);
    CAF_CHECK_EQUAL(waiting[n]->value->tree.own[0].message, std::to_string(n + 1));
  }
}

CAF_TEST(beyond the bound of the stash callers are answered overloaded) {
  auto a = root.top().add("a", moody("a"), {.stash_limit = 3});
  std::vector<std::shared_ptr<answer<greeting_answer>>> waiting;
  for (int n = 1; n <= 4; ++n)
    waiting.push_back(call(a, std::to_string(n)));
  CAF_REQUIRE(waiting[3]->error);
  CAF_CHECK(waiting[3]->error->code == errc::overloaded);
  CAF_CHECK(waiting[2]->pending());
  root.start();
  settle();
  CAF_CHECK(waiting[2]->value.has_value());
}

CAF_TEST(one for one restarts nobody else and one for all restarts all and rest for one those behind) {
  using policies::restart_strategy;
  const auto trial = [&](std::string name, restart_strategy strategy) {
    auto& group = root.top().add_group(name, {.strategy = strategy});
    group.add(name + "1", moody(name + "1"));
    auto second = group.add(name + "2", moody(name + "2"));
    group.add(name + "3", moody(name + "3"));
    return second;
  };
  const auto one = trial("o", restart_strategy::one_for_one);
  const auto all = trial("a", restart_strategy::one_for_all);
  const auto rest = trial("r", restart_strategy::rest_for_one);
  root.start();
  settle();
  const auto after_throw = [&](const greeter_actor& whom) {
    const auto from = diary->size();
    call(whom, "throw");
    pass(300ms);
    return lines_since(from);
  };
  CAF_CHECK_EQUAL(after_throw(one), (lines{"end o2", "start o2"}));
  CAF_CHECK_EQUAL(after_throw(all), (lines{"end a2", "end a3", "end a1", "start a1", "start a2", "start a3"}));
  CAF_CHECK_EQUAL(after_throw(rest), (lines{"end r2", "end r3", "start r2", "start r3"}));
}

CAF_TEST(a transient child that ends in order is not restarted and a temporary one never is) {
  using policies::restart_kind;
  auto t = root.top().add("t", moody("t"), {.policy = {.restart = restart_kind::transient}});
  auto n = root.top().add("n", moody("n"), {.policy = {.restart = restart_kind::temporary}});
  auto p = root.top().add("p", moody("p"));
  root.start();
  settle();
  call(t, "leave");
  call(n, "throw");
  call(p, "leave");
  pass(1s);
  const auto tree = root.tree();
  CAF_CHECK(tree.children[0].state == child_state::stopped);
  CAF_CHECK(tree.children[1].state == child_state::stopped);
  CAF_CHECK(tree.children[2].state == child_state::running);
  CAF_CHECK_EQUAL(tree.children[2].incarnation, 2u);
  auto late = call(t, "1");
  CAF_REQUIRE(late->error);
  CAF_CHECK(late->error->code == errc::unavailable);
}

CAF_TEST(more restarts than the intensity allows end the group and its parent restarts it) {
  auto& group = root.top().add_group("group", {});
  auto a = group.add("a", moody("a"));
  group.add("b", moody("b"));
  root.start();
  settle();
  for (int n = 0; n != 6; ++n) {
    call(a, "throw");
    if (n < 5)
      pass(8s);
  }
  CAF_CHECK(root.tree().children[0].state == child_state::restarting);
  CAF_CHECK_EQUAL(last_line(), "end b");
  auto waiting = call(a, "1");
  pass(300ms);
  CAF_REQUIRE(waiting->value);
  const auto tree = root.tree().children[0];
  CAF_CHECK(tree.state == child_state::running);
  CAF_CHECK_EQUAL(tree.incarnation, 2u);
  CAF_CHECK_EQUAL(tree.children[0].incarnation, 7u);
}

CAF_TEST(five restarts in a minute are within the intensity and old ones are forgotten) {
  auto a = root.top().add("a", moody("a"));
  root.start();
  settle();
  for (int n = 0; n != 20; ++n) {
    call(a, "throw");
    pass(16s);
  }
  CAF_CHECK(root.tree().children[0].state == child_state::running);
  CAF_CHECK_EQUAL(root.tree().children[0].restarts, 20u);
}

CAF_TEST(an exhausted service is failed and answers at once while its siblings run on and is tried again after thirty seconds) {
  using policies::exhaustion;
  auto& bad = root.top().add_group("bad", {}, {.policy = {.when_exhausted = exhaustion::retry}});
  auto a = bad.add("a", moody("a"));
  auto& good = root.top().add_group("good", {}, {.policy = {.when_exhausted = exhaustion::retry}});
  auto b = good.add("b", moody("b"));
  root.start();
  settle();
  for (int n = 0; n != 6; ++n) {
    call(a, "throw");
    if (n < 5)
      pass(8s);
  }
  CAF_CHECK(root.tree().children[0].state == child_state::failed);
  auto refused = call(a, "1");
  CAF_REQUIRE(refused->error);
  CAF_CHECK(refused->error->code == errc::unavailable);
  CAF_CHECK(call(b, "1")->value.has_value());
  pass(29s);
  CAF_CHECK(root.tree().children[0].state == child_state::failed);
  pass(1s);
  CAF_CHECK(root.tree().children[0].state == child_state::running);
  CAF_CHECK(call(a, "1")->value.has_value());
  CAF_CHECK_EQUAL(root.tree().children[1].incarnation, 1u);
}

CAF_TEST(the only service of a process that is exhausted ends the tree) {
  std::optional<supervisor_ending> ending;
  root.on_ended([&](supervisor_ending how) { ending = how; });
  auto& only = root.top().add_group("only", {}, {.policy = {.when_exhausted = policies::exhaustion::escalates}});
  auto a = only.add("a", moody("a"));
  auto shared = root.top().add("shared", moody("shared"));
  root.start();
  settle();
  for (int n = 0; n != 6; ++n) {
    CAF_CHECK(!ending);
    call(a, "throw");
    if (n < 5)
      pass(8s);
  }
  CAF_REQUIRE(ending);
  CAF_CHECK(*ending == supervisor_ending::exhausted);
  CAF_CHECK(root.tree().state == child_state::failed);
  CAF_CHECK_EQUAL(last_line(), "end shared");
  CAF_CHECK(call(shared, "1")->error.has_value());
}

CAF_TEST(a factory that throws counts as a failure and is tried again) {
  auto attempts = std::make_shared<int>(0);
  auto late = root.top().add("late", [=, make = moody("late")](const spawn_context& where) mutable {
    if (++*attempts < 3)
      throw std::runtime_error("not yet");
    return make(where);
  });
  root.start();
  settle();
  auto waiting = call(late, "1");
  CAF_CHECK_EQUAL(*attempts, 1);
  CAF_CHECK(root.tree().children[0].last_error.find("not yet") != std::string::npos);
  pass(300ms);
  CAF_CHECK_EQUAL(*attempts, 2);
  pass(600ms);
  CAF_CHECK_EQUAL(*attempts, 3);
  CAF_CHECK(waiting->value.has_value());
}

CAF_TEST(a child that does not stop in its time is abandoned and the others stop all the same) {
  root.top().add("a", moody("a"));
  caf::actor incarnation;
  root.top().add("stubborn", [&](const spawn_context& where) {
    incarnation = where.system.spawn([](caf::event_based_actor* me) -> caf::behavior {
      me->set_exit_handler([](const caf::exit_msg&) {});
      return {[](int) {}};
    });
    return incarnation;
  });
  std::optional<supervisor_ending> ending;
  root.on_ended([&](supervisor_ending how) { ending = how; });
  root.start();
  settle();
  root.stop();
  settle();
  pass(4999ms);
  CAF_CHECK(!ending);
  CAF_CHECK(root.tree().children[1].state == child_state::stopping);
  pass(1ms);
  CAF_REQUIRE(ending);
  CAF_CHECK(*ending == supervisor_ending::stopped);
  CAF_CHECK(root.tree().children[1].state == child_state::abandoned);
  CAF_CHECK_EQUAL(last_line(), "end a");
  ask_to_end(incarnation, caf::exit_reason::kill);
  settle();
}

CAF_TEST(after the end callers are answered that it is shutting down) {
  auto a = root.top().add("a", moody("a"));
  root.start();
  settle();
  root.stop();
  settle();
  auto late = call(a, "1");
  CAF_REQUIRE(late->error);
  CAF_CHECK(late->error->code == errc::shutting_down);
}

CAF_TEST(every change of state grows the version) {
  auto a = root.top().add("a", moody("a"));
  const auto before = root.version();
  root.start();
  settle();
  const auto started = root.version();
  CAF_CHECK(started > before);
  call(a, "throw");
  CAF_CHECK(root.version() > started);
}

CAF_TEST(an actor that is killed or made to fail on purpose is started again and shows its last error) {
  auto a = root.top().add_group("group", {}).add("a", moody("a"));
  root.start();
  settle();
  CAF_CHECK_EQUAL(root.actors(), lines{"group/a"});
  const auto now = [this] { return root.tree().children[0].children[0]; };
  CAF_CHECK(root.disturb("group/a", actors::disturbance::fail));
  settle();
  CAF_CHECK(now().state == child_state::restarting);
  CAF_CHECK_EQUAL(now().last_error, "actor_failed: made to fail on purpose");
  pass(240ms);
  CAF_CHECK(call(a, "1")->value.has_value());
  CAF_CHECK(root.disturb("group/a", actors::disturbance::kill));
  settle();
  CAF_CHECK(now().state == child_state::restarting);
  CAF_CHECK_EQUAL(now().last_error, "actor_failed: killed");
  pass(480ms);
  CAF_CHECK(call(a, "2")->value.has_value());
  CAF_CHECK_EQUAL(now().restarts, 2u);
}

CAF_TEST(an actor that is killed serves nothing of what waits in its mailbox) {
  auto a = root.top().add_group("group", {}).add("a", moody("a"));
  root.start();
  settle();
  send_anonymously(a, greet{.call_id = "throw"});
  CAF_CHECK(root.disturb("group/a", actors::disturbance::kill));
  settle();
  CAF_CHECK_EQUAL(root.tree().children[0].children[0].last_error, "actor_failed: killed");
}

CAF_TEST(only an actor of the tree is disturbed) {
  auto a = root.top().add_group("group", {}).add("a", moody("a"));
  CAF_CHECK(root.disturb("group/a", actors::disturbance::kill)); // it has no incarnation yet
  root.start();
  settle();
  for (const auto* const path : {"", "group", "a", "group/b"})
    CAF_CHECK(!root.disturb(path, actors::disturbance::kill));
  settle();
  CAF_CHECK_EQUAL(*diary, lines{"start a"});
  CAF_CHECK(root.disturb("group/a", actors::disturbance::cut));
  const auto refused = call(a, "1");
  CAF_REQUIRE(refused->error);
  CAF_CHECK(refused->error->code == errc::unavailable);
  CAF_CHECK(root.disturb("group/a", actors::disturbance::restore));
  CAF_CHECK(call(a, "2")->value.has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
