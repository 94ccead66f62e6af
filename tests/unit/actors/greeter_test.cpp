#define CAF_SUITE greeter
#include <troupe_test/actors.hpp>

#include <troupe/actors/greeter.hpp>

#include "../../contract/recording_observer.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

using scripted_greeter = scripted<greet, greeting_answer>;
using scripted_publisher = scripted<publish, published>;
using scripted_store = scripted<troupe::write_documents, written>;

caf::result<greeting_answer> say(const std::string& who) {
  greeting_answer result;
  result.tree.own.push_back({.id = "id-" + who, .service = who, .message = "from " + who, .created = {}, .hostname = {}});
  return result;
}

struct fixture : actor_fixture {
  fixture()
    : b(sys, [](const greet&) { return say("b"); }),
      c(sys, [](const greet&) { return say("c"); }),
      queue(sys,
            [](const publish&) {
              return caf::result<published>{published{{{errc::none, {}}}}};
            }),
      store(sys, [](const troupe::write_documents&) { return caf::result<written>{written{{{}}}}; }) {
    config.name = "service-a";
    config.service = "Service-A";
    config.text = "Hello, from Service-A!";
    config.civil_time = test_civil_time;
  }

  ~fixture() override {
    if (spawned)
      end(spawned);
    end(b.handle());
    end(c.handle());
    end(queue.handle());
    end(store.handle());
  }

  const greeter_actor& greeter() {
    if (!spawned)
      spawned = actors::spawn_greeter(context("service-a/greeter"), config);
    return spawned;
  }

  greet call(duration within = 5s) { return {.call_id = "call-1", .answer_by = deadline::after(within, now())}; }
  auto answer_to(greet what) { return ask_for<greeting_answer>(greeter(), std::move(what)); }

  static std::vector<std::string> services(const greeting_answer& what, greeting_order order) {
    std::vector<std::string> result;
    for (const auto& one : flatten(what.tree, order))
      result.push_back(one.service);
    return result;
  }

  actors::greeter_config config;
  scripted_greeter b;
  scripted_greeter c;
  scripted_publisher queue;
  scripted_store store;
  greeter_actor spawned;
};

using names = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(greeter_tests, fixture)

CAF_TEST(a greeter alone answers its own greeting) {
  const auto got = answer_to(call());
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->complete());
  CAF_REQUIRE_EQUAL(got->value->tree.own.size(), 1u);
  const auto& own = got->value->tree.own[0];
  CAF_CHECK_EQUAL(own.service, "Service-A");
  CAF_CHECK_EQUAL(own.message, "Hello, from Service-A!");
  CAF_CHECK(own.created == test_civil_time());
  CAF_CHECK_EQUAL(own.id, derived_uuid("call-1", "service-a"));
}

CAF_TEST(downstream greeters are asked in parallel and answered in the order of the configuration) {
  config.downstream = {{"service-b", b.handle()}, {"service-c", c.handle()}};
  b.hold();
  c.hold();
  const auto got = answer_to(call());
  CAF_REQUIRE_EQUAL(b.held(), 1u);
  CAF_REQUIRE_EQUAL(c.held(), 1u);
  greeting_answer from_c;
  from_c.tree.own.push_back({.id = {}, .service = "c", .message = {}, .created = {}, .hostname = {}});
  c.release(from_c);
  settle();
  CAF_CHECK(got->pending());
  greeting_answer from_b;
  from_b.tree.own.push_back({.id = {}, .service = "b", .message = {}, .created = {}, .hostname = {}});
  b.release(from_b);
  settle();
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(services(*got->value, greeting_order::pre_order), (names{"Service-A", "b", "c"}));
  CAF_CHECK_EQUAL(services(*got->value, greeting_order::post_order), (names{"b", "c", "Service-A"}));
}

CAF_TEST(calls of a downstream are counted by what becomes of them) {
  config.downstream = {{"service-b", b.handle()}};
  const auto watcher = std::make_shared<contract::recording_observer>();
  spawned = actors::spawn_greeter(unsupervised(sys, "service-a/greeter", watcher), config);
  CAF_CHECK_EQUAL(watcher->last_label("troupe_calls_total"), "success"); // it is 0 before the first call
  answer_to(call());
  CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), 1);
  b.hold();
  answer_to(call(1s));
  CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), 1);
  pass(1s);
  CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), 2);
  CAF_CHECK_EQUAL(watcher->last_label("troupe_calls_total"), "deadline_exceeded");
}

CAF_TEST(a repeated call derives the same ids and another call other ones) {
  config.downstream = {{"service-b", b.handle()}, {"service-c", c.handle()}};
  const auto first = answer_to(call());
  const auto again = answer_to(call());
  auto different = call();
  different.call_id = "call-2";
  const auto other = answer_to(different);
  CAF_CHECK_EQUAL(first->value->tree.own[0].id, again->value->tree.own[0].id);
  CAF_CHECK(first->value->tree.own[0].id != other->value->tree.own[0].id);
  CAF_CHECK_EQUAL(b.asked()[0].call_id, b.asked()[1].call_id);
  CAF_CHECK(b.asked()[0].call_id != b.asked()[2].call_id);
  CAF_CHECK(b.asked()[0].call_id != c.asked()[0].call_id);
}

CAF_TEST(a downstream gets the remaining time less the share kept back and the trace and the forwarded metadata) {
  config.downstream = {{"service-b", b.handle()}};
  auto what = call(1s);
  what.trace.trace_id[0] = 1;
  what.forwarded = {{"x-tenant", "t"}};
  what.order = greeting_order::post_order;
  std::stop_source caller;
  what.abandoned = caller.get_token();
  answer_to(what);
  CAF_REQUIRE_EQUAL(b.asked().size(), 1u);
  CAF_CHECK(b.asked()[0].answer_by.remaining(now()) == 900ms);
  CAF_CHECK(b.asked()[0].trace == what.trace);
  CAF_CHECK(b.asked()[0].order == greeting_order::post_order);
  CAF_CHECK(b.asked()[0].abandoned == what.abandoned);
  CAF_CHECK(b.asked()[0].forwarded == what.forwarded);
  CAF_REQUIRE(b.asked()[0].caller);
  CAF_CHECK_EQUAL(b.asked()[0].caller->service, "Service-A");
}

CAF_TEST(a late downstream costs its own part of the answer and not the whole) {
  config.downstream = {{"service-b", b.handle()}, {"service-c", c.handle()}};
  b.hold();
  const auto got = answer_to(call(1s));
  pass(899ms);
  CAF_CHECK(got->pending());
  pass(1ms);
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(services(*got->value, greeting_order::pre_order), (names{"Service-A", "c"}));
  CAF_CHECK(got->value->missing == (std::vector<shortfall>{{"service-b", "greeting", errc::deadline_exceeded}}));
}

CAF_TEST(a failing downstream is reported by name and reason and what a downstream lacks is passed on) {
  config.downstream = {{"service-b", b.handle()}, {"service-c", c.handle()}};
  b.answer_with([](const greet&) -> caf::result<greeting_answer> { return to_error({errc::unavailable, "away"}); });
  c.answer_with([](const greet&) -> caf::result<greeting_answer> {
    greeting_answer partial;
    partial.missing.push_back({"service-g", "store", errc::storage_failed});
    return partial;
  });
  const auto got = answer_to(call());
  CAF_REQUIRE(got->value);
  CAF_CHECK(
    got->value->missing
    == (std::vector<shortfall>{{"service-b", "greeting", errc::unavailable}, {"service-g", "store", errc::storage_failed}}));
}

CAF_TEST(a downstream that throws is reported as failed) {
  config.downstream = {{"service-b", b.handle()}};
  b.answer_with([](const greet&) -> caf::result<greeting_answer> { throw std::runtime_error("crash"); });
  const auto got = answer_to(call());
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->missing == (std::vector<shortfall>{{"service-b", "greeting", errc::actor_failed}}));
}

CAF_TEST(a call with no time left fails fast and asks nobody) {
  config.downstream = {{"service-b", b.handle()}};
  auto late = call();
  late.answer_by = deadline{now()};
  const auto got = answer_to(late);
  CAF_REQUIRE(got->error);
  CAF_CHECK(got->error->code == errc::deadline_exceeded);
  const auto scarce = answer_to(call(50ms));
  CAF_REQUIRE(scarce->value);
  CAF_CHECK(scarce->value->missing == (std::vector<shortfall>{{"service-b", "greeting", errc::deadline_exceeded}}));
  CAF_CHECK(b.asked().empty());
}

CAF_TEST(the answer comes only after the own greeting was published and stored) {
  config.publish_to = queue.handle();
  config.store = actors::greeter_store_step{store.handle(), "service-c", "greetings"};
  queue.hold();
  store.hold();
  const auto got = answer_to(call());
  queue.release(published{{{errc::none, {}}}});
  settle();
  CAF_CHECK(got->pending());
  store.release(written{{{}}});
  settle();
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->complete());
  const auto& own = got->value->tree.own[0];
  CAF_CHECK_EQUAL(queue.asked()[0].messages[0].id, own.id);
  CAF_CHECK_EQUAL(queue.asked()[0].messages[0].payload, to_json(own));
  CAF_CHECK_EQUAL(queue.asked()[0].messages[0].content_type, "application/json");
  CAF_CHECK_EQUAL(store.asked()[0].documents[0].id, own.id);
  CAF_CHECK_EQUAL(store.asked()[0].documents[0].database, "service-c");
}

CAF_TEST(an effect that is not known to have happened makes the answer partial) {
  config.publish_to = queue.handle();
  config.store = actors::greeter_store_step{store.handle(), "service-c", "greetings"};
  queue.hold();
  store.answer_with([](const troupe::write_documents&) {
    return caf::result<written>{written{{{write_outcome::refused, {errc::rejected, "never"}}}}};
  });
  const auto got = answer_to(call(1s));
  pass(900ms);
  CAF_REQUIRE(got->value);
  CAF_CHECK(
    got->value->missing
    == (std::vector<shortfall>{{"service-a", "publish", errc::outcome_unknown}, {"service-a", "store", errc::rejected}}));
  CAF_CHECK_EQUAL(got->value->tree.own.size(), 1u);
}

CAF_TEST(a greeter may store its callers greeting instead of its own) {
  config.store = actors::greeter_store_step{store.handle(), "service-c", "greetings", document_form::grpc,
                                            actors::greeter_store_step::kept::callers};
  auto what = call();
  what.caller = greeting{.id = "callers", .service = "Service-Z", .message = {}, .created = {}, .hostname = {}};
  answer_to(what);
  what.caller.reset();
  const auto alone = answer_to(what);
  CAF_REQUIRE_EQUAL(store.asked().size(), 2u);
  CAF_CHECK_EQUAL(store.asked()[0].documents[0].id, "callers");
  CAF_CHECK_EQUAL(store.asked()[1].documents[0].id, alone->value->tree.own[0].id);
}

CAF_TEST_FIXTURE_SCOPE_END()
