// What every greeter must do for its caller. To be included once by a source file that has defined
//   CAF_SUITE        the name of the suite
//   TROUPE_GREETER   a default-constructible troupe::contract::greeter_peer
// No include guard: it defines tests.

#include <troupe_test/suite.hpp>

#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <troupe/actors/greeter.hpp>
#include <troupe/messages/values/identifier.hpp>

#include "greeter_peer.hpp"

namespace {

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

using promise = greeter_guarantees::promise;
using names = std::vector<std::string>;

instant clock_now() {
  return std::chrono::steady_clock::now();
}

struct outcome {
  std::optional<greeting_answer> value;
  failure error{errc::none, {}};
  duration took{};
};

struct greeter_fixture {
  TROUPE_GREETER peer;
  random_source random = system_random();

  greet call(duration within = 10s) const {
    return {.call_id = random_uuid(random), .trace = new_trace(random), .answer_by = deadline::after(within, clock_now())};
  }

  // As every caller does: no longer than the call's own time. A greeter that keeps the deadline itself gets a moment more,
  // so that it is seen whether it does.
  outcome ask(const greet& what) {
    outcome result;
    const auto begin = clock_now();
    const auto within = what.answer_by.remaining(begin) + (peer.promised().keeps_deadline == promise::yes ? 10s : 0s);
    caf::scoped_actor self{peer.system()};
    self->request(peer.greeter(), std::max<duration>(within, 1s), what)
      .receive([&](greeting_answer& answer) { result.value = std::move(answer); },
               [&](const caf::error& why) { result.error = to_failure(why); });
    result.took = clock_now() - begin;
    return result;
  }

  greeting make(const std::string& service) const {
    greeting result{.id = derived_uuid("contract", service),
                    .service = service,
                    .message = "नमस्ते, \"" + service + "\"\n",
                    .created = timestamp{1'555'381'396'546'749'266ns},
                    .hostname = {}};
    if (peer.promised().tells_hostname == promise::yes)
      result.hostname = "host-of-" + service;
    return result;
  }

  // A asks B, which asks D, and C.
  greeting_answer four_greetings() const {
    return {{{make("a")}, {{{make("b")}, {{{make("d")}, {}}}}, {{make("c")}, {}}}}, {}};
  }

  static names services(const greeting_answer& what, greeting_order order) {
    names result;
    for (const auto& each : flatten(what.tree, order))
      result.push_back(each.service);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(greeter_suite, greeter_fixture)

CAF_TEST(the greetings arrive complete and in the order that was asked for) {
  peer.remote().answer(four_greetings());
  for (const auto order : {greeting_order::pre_order, greeting_order::post_order}) {
    auto what = call();
    what.order = order;
    const auto got = ask(what);
    CAF_REQUIRE(got.value);
    CAF_CHECK(got.value->complete());
    CAF_CHECK(flatten(got.value->tree, order) == flatten(four_greetings().tree, order));
    CAF_CHECK_EQUAL(services(*got.value, order),
                    (order == greeting_order::pre_order ? names{"a", "b", "d", "c"} : names{"d", "b", "c", "a"}));
  }
  CAF_CHECK(peer.remote().call(1).order == greeting_order::pre_order);
  CAF_CHECK(peer.remote().call(2).order == greeting_order::post_order);
}

CAF_TEST(an answer without greetings is an answer) {
  const auto got = ask(call());
  CAF_REQUIRE(got.value);
  CAF_CHECK(flatten(got.value->tree, greeting_order::pre_order).empty());
  CAF_CHECK(got.value->complete());
}

CAF_TEST(a large answer arrives complete) {
  greeting_answer many;
  for (int count = 0; count != 2000; ++count)
    many.tree.own.push_back(make("service-" + std::to_string(count)));
  peer.remote().answer(many);
  const auto got = ask(call());
  CAF_REQUIRE(got.value);
  CAF_CHECK(got.value->tree.own == many.tree.own);
}

CAF_TEST(the call id and the trace and the metadata arrive) {
  auto what = call();
  what.trace.decision = trace_context::sampling::sampled;
  what.trace.parent_span_id = {1, 2, 3, 4, 5, 6, 7, 8};
  what.trace.trace_state = "vendor=opaque";
  what.trace.ot_span_context = "opaque";
  if (peer.promised().forwards_metadata == promise::yes)
    what.forwarded = {{"x-tenant", "t-1"}, {"x-language", "hi"}};
  CAF_REQUIRE(ask(what).value);
  const auto seen = peer.remote().call(1);
  CAF_CHECK_EQUAL(seen.call_id, what.call_id);
  CAF_CHECK(seen.trace == what.trace);
  for (const auto& each : what.forwarded) {
    const auto* const value = find_header(seen.forwarded, each.name);
    CAF_REQUIRE(value != nullptr);
    CAF_CHECK_EQUAL(*value, each.value);
  }
}

CAF_TEST(the remaining time arrives) {
  constexpr duration tolerance = 500ms;
  const auto what = call(2s);
  CAF_REQUIRE(ask(what).value);
  const auto seen = peer.remote().call(1).answer_by;
  CAF_REQUIRE(seen.limited());
  CAF_CHECK(seen.at() >= what.answer_by.at() - tolerance && seen.at() <= what.answer_by.at() + tolerance);
}

CAF_TEST(an answer comes by the deadline though the remote holds it) {
  peer.remote().hold();
  const auto got = ask(call(400ms));
  CAF_CHECK(got.error.code == errc::deadline_exceeded);
  CAF_CHECK(got.took >= 300ms);
  CAF_CHECK(got.took < 3s);
  peer.remote().release();
}

CAF_TEST(a call that is answered after its deadline does not disturb the next one) {
  peer.remote().hold();
  CAF_CHECK(ask(call(200ms)).error.code == errc::deadline_exceeded);
  peer.remote().answer(four_greetings());
  peer.remote().release();
  const auto got = ask(call());
  CAF_REQUIRE(got.value);
  CAF_CHECK_EQUAL(services(*got.value, greeting_order::pre_order).size(), 4u);
}

CAF_TEST(a call without time left fails at once and the remote is not asked) {
  auto late = call();
  late.answer_by = deadline{clock_now() - 1ms};
  const auto got = ask(late);
  CAF_CHECK(got.error.code == errc::deadline_exceeded);
  CAF_CHECK(got.took < 1s);
  // What comes after it has arrived behind it.
  const auto next = call();
  CAF_REQUIRE(ask(next).value);
  CAF_REQUIRE_EQUAL(peer.remote().calls(), 1u);
  CAF_CHECK_EQUAL(peer.remote().call(1).call_id, next.call_id);
}

CAF_TEST(a partial answer says what is missing) {
  auto partial = four_greetings();
  partial.missing = {{"service-e", "greeting", errc::deadline_exceeded}, {"service-d", "publish", errc::outcome_unknown}};
  peer.remote().answer(partial);
  const auto got = ask(call());
  CAF_REQUIRE(got.value);
  CAF_CHECK_EQUAL(services(*got.value, greeting_order::pre_order).size(), 4u);
  CAF_CHECK(got.value->missing == partial.missing);
}

CAF_TEST(an error of the remote arrives by its class) {
  struct row {
    errc failed_with;
    errc over_a_hop;
  };
  const bool hop = peer.promised().crosses_processes == promise::yes;
  // That a call of the remote's own was not sent says nothing of this one.
  for (const auto& [failed_with, over_a_hop] :
       {row{errc::overloaded, errc::throttled}, row{errc::throttled, errc::throttled},
        row{errc::unavailable, errc::unavailable}, row{errc::not_sent, errc::unavailable},
        row{errc::breaker_open, errc::unavailable}, row{errc::deadline_exceeded, errc::deadline_exceeded},
        row{errc::rejected, errc::rejected}, row{errc::invalid, errc::rejected}, row{errc::not_found, errc::not_found},
        row{errc::unsupported, errc::unsupported}, row{errc::unauthenticated, errc::unauthenticated},
        row{errc::forbidden, errc::forbidden}, row{errc::internal, errc::internal}}) {
    CAF_MESSAGE("the remote answers " << std::string{to_string(failed_with)});
    peer.remote().fail(failed_with);
    const auto got = ask(call());
    CAF_CHECK(!got.value);
    CAF_CHECK_EQUAL(to_string(got.error.code), to_string(hop ? over_a_hop : failed_with));
  }
}

CAF_TEST(a call that is repeated under its id gives the same greetings) {
  const auto real = actors::spawn_greeter(unsupervised(peer.system(), "service-r/greeter"),
                                          {.name = "service-r", .service = "Service-R", .text = "Hello"});
  peer.remote().pass_on_to(real);
  auto what = call();
  const auto first = ask(what);
  what.answer_by = deadline::after(10s, clock_now());
  const auto again = ask(what);
  const auto other = ask(call());
  ask_to_end(real, caf::exit_reason::user_shutdown);
  CAF_REQUIRE(first.value && again.value && other.value);
  CAF_REQUIRE_EQUAL(first.value->tree.own.size(), 1u);
  CAF_CHECK_EQUAL(first.value->tree.own[0].service, "Service-R");
  CAF_CHECK_EQUAL(first.value->tree.own[0].id, again.value->tree.own[0].id);
  CAF_CHECK_NOT_EQUAL(first.value->tree.own[0].id, other.value->tree.own[0].id);
}

CAF_TEST(many calls at once each get their own answer) {
  constexpr std::size_t many = 100;
  peer.remote().answer_by([](const greet& what) {
    greeting_answer result;
    result.tree.own.push_back({.id = what.call_id, .service = "s", .message = "m", .created = {}, .hostname = {}});
    return result;
  });
  // The first ones are under way together.
  peer.remote().hold();
  caf::scoped_actor self{peer.system()};
  auto send = [&](const greet& what) { return self->request(peer.greeter(), 20s, what); };
  std::vector<greet> calls;
  std::vector<decltype(send(call()))> pending;
  for (std::size_t count = 0; count != many; ++count)
    pending.push_back(send(calls.emplace_back(call())));
  CAF_CHECK(peer.remote().asked(10));
  peer.remote().release();
  for (std::size_t count = 0; count != many; ++count)
    pending[count].receive(
      [&](const greeting_answer& answer) {
        CAF_REQUIRE_EQUAL(answer.tree.own.size(), 1u);
        CAF_CHECK_EQUAL(answer.tree.own[0].id, calls[count].call_id);
      },
      [&](const caf::error& why) { CAF_FAIL(to_string(to_failure(why))); });
}

CAF_TEST(a remote that is away is reported and after its return calls succeed again) {
  CAF_REQUIRE(ask(call()).value);
  peer.take_away();
  for (int count = 0; count != 3; ++count) {
    const auto got = ask(call(2s));
    CAF_CHECK(!got.value);
    CAF_MESSAGE("reported as " << to_string(got.error));
    CAF_CHECK(got.error.code == errc::not_sent || got.error.code == errc::unavailable);
  }
  peer.bring_back();
  auto got = ask(call());
  const auto until = clock_now() + greeter_patience;
  while (!got.value && peer.promised().returns_at_once == promise::no && clock_now() < until)
    got = ask(call());
  CAF_MESSAGE("reported as " << to_string(got.error));
  CAF_CHECK(got.value.has_value());
}

CAF_TEST(a call that its caller abandons ends here or at the remote) {
  peer.remote().hold();
  std::stop_source caller;
  auto what = call();
  what.abandoned = caller.get_token();
  std::optional<outcome> ended;
  {
    const std::jthread asking{[&] { ended = ask(what); }};
    CAF_CHECK(peer.remote().asked(1));
    caller.request_stop();
    if (peer.remote().call(1).abandoned.stop_requested())
      peer.remote().release();
  }
  CAF_REQUIRE(ended);
  CAF_CHECK(ended->value || ended->error.code == errc::cancelled);
  CAF_CHECK(ended->took < 5s);
  peer.remote().release();
}

CAF_TEST_FIXTURE_SCOPE_END()
