#define CAF_SUITE http_greeting

#include <troupe_test/suite.hpp>

#include "support.hpp"

using namespace http_test;

namespace {

constexpr auto gateway_form =
  R"({"greeting":[{"id":"id-a","service":"Service-A","message":"Hello","created":"2019-04-16T02:23:16Z"},)"
  R"({"id":"id-b","service":"Service-B","message":"Namaste","created":"2019-04-16T02:23:16Z"}]})";

constexpr auto array_form = R"([{"id":"id-b","service":"Service-B","message":"Namaste","created":"2019-04-16T02:23:16Z"},)"
                            R"({"id":"id-a","service":"Service-A","message":"Hello","created":"2019-04-16T02:23:16Z"}])"
                            "\n";

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_greeting_tests, edge_fixture)

CAF_TEST(the gateway route answers the greetings in pre order) {
  listen();
  const auto answer = ask(get("/api/v1/greeting"));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.body, gateway_form);
  CAF_CHECK_EQUAL(answer.header("content-type"), "application/json; charset=utf-8");
  CAF_CHECK_EQUAL(answer.header("troupe-missing"), "(none)");
}

CAF_TEST(the reference routes answer the bare array in post order with a trailing newline) {
  listen();
  for (const auto* const target : {"/api/greeting", "/api/ping"}) {
    const auto answer = ask(get(target));
    CAF_CHECK_EQUAL(answer.status, 200U);
    CAF_CHECK_EQUAL(answer.body, array_form);
    CAF_CHECK_EQUAL(answer.header("content-type"), "application/json; charset=utf-8");
  }
}

CAF_TEST(a hop between our services asks for its order) {
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/v1/greeting", "troupe-greeting-order: post\r\n")).body.find("id-b"), 20U);
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "Troupe-Greeting-Order: pre\r\n")).body.find("id-a"), 8U);
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "troupe-greeting-order: sideways\r\n")).status, 400U);
}

CAF_TEST(HEAD answers the length of the answer without it) {
  listen();
  auto one = connect();
  one.send("HEAD /api/greeting HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/api/health"));
  const auto answer = one.read(false);
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.header("content-length"), std::to_string(std::string{array_form}.size()));
  CAF_CHECK_EQUAL(one.read().body, R"({"alive": true})");
}

CAF_TEST(a caller names its call and others get a random one) {
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "troupe-call-id: 7f3c9f1e-1111-4222-8333-444455556666\r\n")).status, 200U);
  CAF_CHECK_EQUAL(greeter_script->call(1).call_id, "7f3c9f1e-1111-4222-8333-444455556666");
  ask(get("/api/greeting"));
  ask(get("/api/greeting"));
  CAF_CHECK_EQUAL(greeter_script->call(2).call_id.size(), 36U);
  CAF_CHECK_NOT_EQUAL(greeter_script->call(2).call_id, greeter_script->call(3).call_id);
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "troupe-call-id: mine\r\n")).status, 400U);
  CAF_CHECK_EQUAL(greeter_script->calls(), 3U);
}

CAF_TEST(a caller may ask for less time than the configured deadline and not for more) {
  config.deadline = 10s;
  listen();
  const auto before = std::chrono::steady_clock::now();
  ask(get("/api/greeting", "troupe-timeout: 5S\r\n"));
  ask(get("/api/greeting", "troupe-timeout: 1H\r\n"));
  ask(get("/api/greeting"));
  const auto after = std::chrono::steady_clock::now();
  const auto within = [&](std::size_t number, duration span) {
    const auto at = greeter_script->call(number).answer_by.at();
    return at >= before + span && at <= after + span;
  };
  CAF_CHECK(within(1, 5s));
  CAF_CHECK(within(2, 10s));
  CAF_CHECK(within(3, 10s));
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "troupe-timeout: soon\r\n")).status, 400U);
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "troupe-timeout: 0S\r\n")).status, 504U);
  CAF_CHECK_EQUAL(greeter_script->calls(), 3U);
}

CAF_TEST(the trace of the caller goes on and its request id comes back) {
  listen();
  const auto answer = ask(get("/api/greeting", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                                               "x-request-id: request-7\r\nx-ot-span-context: opaque\r\n"));
  CAF_CHECK_EQUAL(answer.header("x-request-id"), "request-7");
  const auto seen = greeter_script->call(1).trace;
  CAF_CHECK_EQUAL(trace_id_text(seen), "0af7651916cd43dd8448eb211c80319c");
  CAF_CHECK_EQUAL(seen.request_id, "request-7");
  CAF_CHECK_EQUAL(seen.ot_span_context, "opaque");
  CAF_CHECK_EQUAL(watcher->value("troupe_http_malformed_traces_total"), 0);
}

CAF_TEST(a trace begins where none came) {
  listen();
  const auto answer = ask(get("/api/greeting"));
  const auto seen = greeter_script->call(1).trace;
  CAF_CHECK(seen.valid());
  CAF_CHECK_EQUAL(answer.header("x-request-id"), seen.request_id);
}

CAF_TEST(a malformed trace is counted and a new one begins) {
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "traceparent: nonsense\r\nx-request-id: request-8\r\n")).status, 200U);
  const auto seen = greeter_script->call(1).trace;
  CAF_CHECK(seen.valid());
  CAF_CHECK_EQUAL(seen.request_id, "request-8");
  CAF_CHECK_EQUAL(watcher->value("troupe_http_malformed_traces_total"), 1);
}

CAF_TEST(a request id that could not stand in a log is not repeated) {
  listen();
  const auto answer = ask(get("/api/greeting", "x-request-id: two words\r\n"));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.header("x-request-id").size(), 36U);
}

CAF_TEST(a partial answer is a success that says what is missing) {
  greeter_script->answer_by([](const greet&) {
    auto answer = two_greetings();
    answer.missing.push_back({"service-e", "greeting", errc::deadline_exceeded});
    return answer;
  });
  listen();
  const auto answer = ask(get("/api/v1/greeting"));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.header("troupe-missing"), missing_header({{"service-e", "greeting", errc::deadline_exceeded}}));
}

CAF_TEST(each error of the greeter has its status and its words) {
  struct row {
    errc code;
    unsigned status;
  };
  listen();
  for (const auto& [code, status] :
       {row{errc::deadline_exceeded, 504}, row{errc::unavailable, 503}, row{errc::actor_failed, 503},
        row{errc::not_sent, 503}, row{errc::overloaded, 503}, row{errc::shutting_down, 503}, row{errc::invalid, 400},
        row{errc::internal, 500}, row{errc::breaker_open, 503}, row{errc::outcome_unknown, 502}}) {
    greeter_script->answer_by([code = code](const greet&) -> caf::result<greeting_answer> {
      return to_error({code, "the \"words\""});
    });
    const auto answer = ask(get("/api/v1/greeting", "x-request-id: request-9\r\n"));
    CAF_CHECK_EQUAL(answer.status, status);
    CAF_CHECK_EQUAL(answer.header("content-type"), "application/problem+json");
    const bool told_to_wait = code == errc::overloaded || code == errc::breaker_open;
    CAF_CHECK_EQUAL(answer.header("retry-after"), told_to_wait ? "1" : "(none)");
    CAF_CHECK_EQUAL(answer.body, R"({"type":"about:blank","title":")" + std::string{http::reason_phrase(status)}
                                   + R"(","status":)" + std::to_string(status) + R"(,"detail":"the \"words\"","code":")"
                                   + std::string{to_string(code)} + R"(","request_id":"request-9"})");
  }
}

CAF_TEST(a greeter that never answers costs its caller the deadline and no more) {
  config.deadline = 50ms;
  greeter_script->hold();
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 504U);
}

CAF_TEST(a greeter that answers too late meets nobody) {
  config.deadline = 50ms;
  greeter_script->hold();
  listen();
  const auto answer = ask(get("/api/greeting"));
  CAF_CHECK_EQUAL(answer.status, 504U);
  CAF_CHECK_NOT_EQUAL(answer.body.find("deadline_exceeded"), std::string::npos);
  release();
  greeter_script->answer_by([](const greet&) { return two_greetings(); });
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 200U);
}

CAF_TEST(a greeter that dies in the middle of a request fails it at once) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto one = connect();
  one.send(get("/api/greeting"));
  greeter_script->call(1);
  ask_to_end(greeter, caf::exit_reason::kill);
  const auto answer = one.read();
  CAF_CHECK_EQUAL(answer.status, 503U);
  CAF_CHECK_NOT_EQUAL(answer.body.find("actor_failed"), std::string::npos);
  // And so does one that comes after its end.
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 503U);
}

CAF_TEST(a client that leaves abandons its call and one that was answered does not) {
  listen();
  auto answered = connect();
  answered.send(get("/api/greeting"));
  CAF_CHECK_EQUAL(answered.read().status, 200U);
  answered.close();
  greeter_script->hold();
  auto one = connect();
  one.send(get("/api/greeting"));
  const auto abandoned = greeter_script->call(2).abandoned;
  CAF_CHECK(!abandoned.stop_requested());
  one.reset();
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!abandoned.stop_requested() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CAF_CHECK(abandoned.stop_requested());
  CAF_CHECK(!greeter_script->call(1).abandoned.stop_requested());
}

CAF_TEST(a greeter that throws fails its own request alone) {
  listen();
  greeter_script->answer_by([](const greet&) -> caf::result<greeting_answer> { throw std::runtime_error("broken"); });
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 503U);
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
}

CAF_TEST(every call has a span that ends with its outcome) {
  listen();
  ask(get("/api/greeting"));
  greeter_script->answer_by([](const greet&) -> caf::result<greeting_answer> {
    return to_error({errc::unavailable, "away"});
  });
  ask(get("/api/greeting"));
  const auto spans = watcher->spans(2);
  CAF_REQUIRE_EQUAL(spans.size(), 2U);
  CAF_CHECK_EQUAL(spans[0].outcome.code, errc::none);
  CAF_CHECK_EQUAL(spans[1].outcome.code, errc::unavailable);
}

CAF_TEST_FIXTURE_SCOPE_END()
