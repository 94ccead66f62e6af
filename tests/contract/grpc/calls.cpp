#define CAF_SUITE grpc_calls

#include <troupe_test/suite.hpp>

#include "peers.hpp"

namespace troupe::grpc_test {

CAF_TEST_FIXTURE_SCOPE(grpc_calls_tests, fixture)

CAF_TEST(an answer crosses with all its words in the order that the call asks for) {
  listen();
  const auto client = connect();
  auto call = limited(patience);
  const auto pre = ask(client, call);
  CAF_CHECK_EQUAL(services_of(pre), "Service-A,Service-B");
  call.order = greeting_order::post_order;
  CAF_CHECK_EQUAL(services_of(ask(client, call)), "Service-B,Service-A");
  CAF_CHECK(lines->call(2).order == greeting_order::post_order);
  CAF_REQUIRE(pre);
  auto sent = flatten(two_greetings().tree, greeting_order::pre_order);
  for (auto& each : sent)
    each.hostname.clear(); // which the contract of 2019 does not know
  CAF_CHECK(flatten(pre->tree, greeting_order::pre_order) == sent);
  CAF_CHECK(pre->complete());
}

CAF_TEST(the contract of 2021 carries host names and the greeting of the caller) {
  listen();
  auto how = to_server();
  how.contract = grpc::package::greeting_v3;
  const auto client = connect(how);
  auto call = limited(patience);
  call.caller = two_greetings().tree.own.front();
  const auto answer = ask(client, call);
  CAF_REQUIRE(answer);
  CAF_CHECK(flatten(answer->tree, greeting_order::pre_order) == flatten(two_greetings().tree, greeting_order::pre_order));
  CAF_CHECK(lines->call(1).caller == call.caller);
  CAF_CHECK(ask(client));
  CAF_CHECK(!lines->call(2).caller);
}

CAF_TEST(a call keeps its id and one that has none is given one) {
  listen();
  const auto client = connect();
  const auto call = limited(patience);
  CAF_REQUIRE(ask(client, call));
  CAF_REQUIRE(ask(client, call));
  CAF_CHECK_EQUAL(lines->call(1).call_id, call.call_id);
  CAF_CHECK_EQUAL(lines->call(2).call_id, call.call_id);
  bare_client other{to_server().target};
  CAF_CHECK(other.call().status.ok());
  CAF_CHECK(other.call().status.ok());
  CAF_CHECK_EQUAL(lines->call(3).call_id.size(), 36U);
  CAF_CHECK_NOT_EQUAL(lines->call(3).call_id, lines->call(4).call_id);
}

CAF_TEST(metadata that is not of one hop goes on through server and client) {
  listen();
  bare_client first{to_server().target};
  CAF_REQUIRE(first
                .call([](::grpc::ClientContext& context) {
                  context.AddMetadata("x-tenant", "blue");
                  context.AddMetadata("x-token-bin", std::string{"\0\xff", 2});
                  context.AddMetadata("troupe-other", "ours");
                  context.AddMetadata("x-b3-sampled", "1");
                })
                .status.ok());
  auto onward = lines->call(1);
  const header_list wanted{{"x-tenant", "blue"}, {"x-token-bin", std::string{"\0\xff", 2}}};
  CAF_CHECK(onward.forwarded == wanted);
  onward.answer_by = deadline::after(patience, std::chrono::steady_clock::now());
  onward.forwarded.push_back({"X-Upper", "also"});
  onward.forwarded.push_back({"x-broken", "line\nfeed"});
  onward.forwarded.push_back({"bad name", "value"});
  CAF_REQUIRE(ask(connect(), onward));
  auto both = wanted;
  both.push_back({"x-upper", "also"});
  CAF_CHECK(lines->call(2).forwarded == both);
}

CAF_TEST(the trace goes on through client and server and each has a span) {
  listen();
  auto call = limited(patience);
  call.trace = new_trace(system_random());
  call.trace.ot_span_context = "opaque";
  CAF_REQUIRE(ask(connect(), call));
  const auto seen = lines->call(1).trace;
  CAF_CHECK_EQUAL(trace_id_text(seen), trace_id_text(call.trace));
  CAF_CHECK_EQUAL(seen.request_id, call.trace.request_id);
  CAF_CHECK_EQUAL(seen.ot_span_context, "opaque");
  CAF_CHECK_NOT_EQUAL(span_id_text(seen), span_id_text(call.trace));
  const auto spans = watcher->spans(2);
  CAF_REQUIRE_EQUAL(spans.size(), 2U);
  for (const auto kind : {span_kind::server, span_kind::client})
    CAF_CHECK(std::any_of(spans.begin(), spans.end(), [&](const recorder::span_seen& each) {
      return each.kind == kind && each.name == "greeting.GreetingService/Greeting" && each.outcome.code == errc::none;
    }));
}

CAF_TEST(a malformed trace is counted and a new one begins) {
  listen();
  bare_client other{to_server().target};
  CAF_CHECK(other
              .call([](::grpc::ClientContext& context) {
                context.AddMetadata("traceparent", "nonsense");
                context.AddMetadata("x-request-id", "request-8");
              })
              .status.ok());
  CAF_CHECK(lines->call(1).trace.valid());
  CAF_CHECK_EQUAL(lines->call(1).trace.request_id, "request-8");
  CAF_CHECK_EQUAL(watcher->value("troupe_grpc_malformed_traces_total"), 1);
}

CAF_TEST(the remaining time is what the greeter is given) {
  listen();
  const auto before = std::chrono::steady_clock::now();
  CAF_REQUIRE(ask(connect(), limited(10s)));
  const auto answer_by = lines->call(1).answer_by;
  CAF_CHECK(answer_by.remaining(before) > 5s);
  CAF_CHECK(answer_by.remaining(before) < 11s); // gRPC rounds up a little on the wire
}

CAF_TEST(a call without a deadline gets those of the configuration) {
  config.deadline = 7s;
  listen();
  auto how = to_server();
  how.deadline = 3s;
  const auto before = std::chrono::steady_clock::now();
  CAF_REQUIRE(ask(connect(how), greet{}));
  const auto of_client = lines->call(1).answer_by.remaining(before);
  CAF_CHECK(of_client > 2s && of_client < 6s);
  bare_client other{how.target};
  // The bare client sets a deadline of its own, which this takes back.
  CAF_REQUIRE(
    other.call([](::grpc::ClientContext& context) { context.set_deadline(std::chrono::system_clock::time_point::max()); })
      .status.ok());
  const auto of_server = lines->call(2).answer_by.remaining(before);
  CAF_CHECK(of_server > 6s && of_server < 10s);
}

CAF_TEST(what is missing is sent in the trailers and read from them) {
  const std::vector<shortfall> missing{{"service-e", "greeting", errc::deadline_exceeded},
                                       {"service-d", "publish", errc::unavailable}};
  lines->answer_by([missing](const greet&) {
    auto answer = two_greetings();
    answer.missing = missing;
    return answer;
  });
  listen();
  const auto answer = ask(connect());
  CAF_REQUIRE(answer);
  CAF_CHECK(answer->missing == missing);
  bare_client other{to_server().target};
  CAF_CHECK_EQUAL(other.call().trailer("troupe-missing"), missing_header(missing));
}

CAF_TEST(more that is missing than fits in metadata is cut after a whole entry) {
  std::vector<shortfall> missing;
  for (int number = 0; number < 300; ++number)
    missing.push_back({"service-" + std::to_string(number), "greeting", errc::unavailable});
  lines->answer_by([missing](const greet&) {
    auto answer = two_greetings();
    answer.missing = missing;
    return answer;
  });
  listen();
  const auto answer = ask(connect());
  CAF_REQUIRE(answer);
  CAF_REQUIRE_GREATER(answer->missing.size(), 50U);
  missing.resize(answer->missing.size());
  CAF_CHECK(answer->missing == missing);
}

CAF_TEST(a thousand calls at once are all answered) {
#ifdef __SANITIZE_THREAD__
  constexpr int many = 50; // each costs the thread sanitizer a hundred reports that it overlooks
#else
  constexpr int many = 1000;
#endif
  config.in_flight = many;
  lines->hold();
  listen();
  const auto client = connect();
  caf::scoped_actor self{system};
  for (int number = 0; number < many; ++number)
    self->send(client, limited(patience));
  lines->call(many);
  CAF_CHECK(watcher->becomes("troupe_grpc_server_in_flight", "", many));
  release();
  CAF_CHECK(watcher->becomes("grpc_client_handled_total", "grpc_code=OK", many));
  CAF_CHECK(watcher->becomes("troupe_grpc_server_in_flight", "", 0));
  CAF_CHECK(watcher->becomes("grpc_server_handling_seconds", "grpc_method=Greeting", many));
  CAF_CHECK_EQUAL(watcher->value("grpc_server_handled_total", "grpc_code=OK"), many);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
