#define CAF_SUITE http_greeter_client

#include <troupe_test/suite.hpp>

#include <mutex>

#include "client_fixture.hpp"

using namespace http_test;

namespace {

// As a reference service of the HTTP platform answers it: the last of its chain first, and nothing that is ours.
constexpr auto reference_answer =
  R"([{"id":"8b6f2dbe-9d3c-4d1f-9f4e-0f5b4e5a0c11","service":"Service-B","message":"Namasté, from Service-B!",)"
  R"("created":"2019-04-16T02:23:16.546749266Z"},{"id":"id-a","service":"Service-A","message":"Hello",)"
  R"("created":"2021-05-22T04:12:03.1+02:00","hostname":"service-a-1"}])";

void answer_all(bare_connection& one, const std::string& with) {
  while (!one.request().empty())
    one.send(with);
}

bare_server::behavior answering(std::string with) {
  return [with = std::move(with)](bare_connection& one) { answer_all(one, with); };
}

bare_server::behavior once(std::string with) {
  return [with = std::move(with)](bare_connection& one) {
    one.request();
    one.send(with);
  };
}

// Reads a request and answers nothing until the client has closed.
void never_answer(bare_connection& one) {
  one.request();
  one.closed_by_client();
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_greeter_client_tests, client_fixture)

// -- what is asked

CAF_TEST(a reference server is asked as its own clients ask it and its answer is one node in its order) {
  std::string seen;
  bare_server server{[&](bare_connection& one) {
    seen = one.request();
    one.send(ok(reference_answer));
  }};
  auto what = call();
  what.trace.trace_id[0] = 1;
  what.trace.span_id[0] = 2;
  what.trace.request_id = "request-7";
  client_of(server);
  const auto got = ask(what);
  CAF_REQUIRE(server.ended(1));
  CAF_REQUIRE(got.value);
  CAF_CHECK(got.value->complete());
  CAF_CHECK(got.value->tree.downstream.empty());
  const auto& greetings = got.value->tree.own;
  CAF_REQUIRE_EQUAL(greetings.size(), 2u);
  CAF_CHECK_EQUAL(greetings[0].service, "Service-B");
  CAF_CHECK_EQUAL(greetings[0].message, "Namasté, from Service-B!");
  CAF_CHECK_EQUAL(to_rfc3339(greetings[0].created), "2019-04-16T02:23:16.546749266Z");
  CAF_CHECK_EQUAL(greetings[1].hostname, "service-a-1");
  CAF_CHECK_EQUAL(seen.find("GET /api/greeting HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"), 0u);
  for (const auto* const line :
       {"\r\nAccept: application/json\r\n", "\r\nx-request-id: request-7\r\n", "\r\nx-b3-traceid: 01",
        "\r\ntraceparent: 00-01", "\r\ntroupe-greeting-order: pre\r\n", "\r\ntroupe-timeout: "})
    CAF_CHECK_NOT_EQUAL(seen.find(line), std::string::npos);
  CAF_CHECK_NOT_EQUAL(seen.find("\r\ntroupe-call-id: " + what.call_id + "\r\n"), std::string::npos);
}

CAF_TEST(the path of the target is asked for) {
  std::string seen;
  bare_server server{[&](bare_connection& one) {
    seen = one.request();
    one.send(ok("[]"));
  }};
  config.target = "http://127.0.0.1:" + std::to_string(server.port()) + "/api/ping";
  CAF_CHECK(ask().value);
  CAF_REQUIRE(server.ended(1));
  CAF_CHECK_EQUAL(seen.find("GET /api/ping HTTP/1.1\r\n"), 0u);
}

CAF_TEST(a value that could begin a header of its own is left out) {
  std::string seen;
  bare_server server{[&](bare_connection& one) {
    seen = one.request();
    one.send(ok("[]"));
  }};
  auto what = call();
  what.trace.request_id = "a\r\nx-injected: b";
  what.call_id = "id\r\n\r\nGET /other HTTP/1.1";
  client_of(server);
  CAF_CHECK(ask(what).value);
  CAF_REQUIRE(server.ended(1));
  CAF_CHECK_EQUAL(seen.find("x-injected"), std::string::npos);
  CAF_CHECK_EQUAL(seen.find("/other"), std::string::npos);
}

CAF_TEST(every address of a name is used) {
  bare_server server{answering(ok("[]"))}; // on 127.0.0.1 alone, while the name may mean ::1 too
  config.target = "http://localhost:" + std::to_string(server.port());
  config.bounds.connections = 1;
  CAF_CHECK(ask().value);
  CAF_CHECK(ask().value);
}

// -- forms of answers

CAF_TEST(answers come on one connection that is kept alive) {
  bare_server server{answering(ok(reference_answer))};
  client_of(server);
  for (int count = 0; count != 5; ++count)
    CAF_CHECK(ask().value);
  CAF_CHECK_EQUAL(server.connections(), 1u);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_client_connections", "to=remote"), 1);
}

CAF_TEST(an answer in chunks and one that ends with its connection are read) {
  bare_server server{[](bare_connection& one) {
    one.request();
    one.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n");
    one.send("1;ext=1\r\n]\r\n0\r\nTrailer: x\r\n\r\n");
    one.request();
    one.send("HTTP/1.1 200 OK\r\n\r\n[");
    one.send("]");
  }};
  client_of(server);
  CAF_CHECK(ask().value);
  CAF_CHECK(ask().value);
  CAF_CHECK_EQUAL(server.connections(), 1u);
}

CAF_TEST(interim answers are skipped) {
  bare_server server{answering("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok("[]"))};
  client_of(server);
  CAF_CHECK(ask().value);
  CAF_CHECK(ask().value);
  CAF_CHECK_EQUAL(server.connections(), 1u);
}

CAF_TEST(what is missing may stand in several headers) {
  bare_server server{answering(ok("[]", "troupe-missing: service-e;part=greeting;error=deadline_exceeded\r\n"
                                        "Troupe-Missing: service-d;part=publish;error=unavailable\r\n"))};
  client_of(server);
  const auto got = ask();
  CAF_REQUIRE(got.value);
  CAF_CHECK(got.value->missing
            == (std::vector<shortfall>{{"service-e", "greeting", errc::deadline_exceeded},
                                       {"service-d", "publish", errc::unavailable}}));
}

CAF_TEST(a server that wishes to close after each answer gets a connection for each call) {
  std::atomic<int> closed{0};
  bare_server server{[&](bare_connection& one) {
    one.request();
    one.send(ok("[]", "Connection: close\r\n"));
    closed += one.closed_by_client() ? 1 : 0;
  }};
  client_of(server);
  for (int count = 0; count != 3; ++count)
    CAF_CHECK(ask().value);
  CAF_REQUIRE(server.ended(3));
  CAF_CHECK_EQUAL(closed.load(), 3);
  CAF_CHECK_EQUAL(server.connections(), 3u);
}

CAF_TEST(bytes after an answer end its connection and reach no other call) {
  bare_server server{[](bare_connection& one) {
    one.request();
    one.send(ok("[]") + ok(reference_answer));
    one.closed_by_client();
  }};
  client_of(server);
  for (int count = 0; count != 3; ++count) {
    const auto got = ask();
    CAF_REQUIRE(got.value);
    CAF_CHECK(got.value->tree.own.empty());
  }
  CAF_CHECK_EQUAL(server.connections(), 3u);
}

// -- answers that are none

CAF_TEST(what is not HTTP and what is no list of greetings is undecodable) {
  for (const auto& bytes :
       {std::string{"SSH-2.0-OpenSSH_9.2\r\n\r\n"}, std::string{"\0\1\2\3\r\n\r\n", 8}, ok("<html></html>"), ok(""),
        ok(R"({"alive":true})"), ok(R"([{"id":"x"}])"), std::string{"HTTP/1.1 204 No Content\r\n\r\n"},
        std::string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]"}}) {
    bare_server server{once(bytes)};
    config.target.clear();
    tested = nullptr;
    client_of(server);
    const auto got = ask();
    CAF_MESSAGE(to_string(got.error));
    CAF_CHECK(got.error.code == errc::undecodable);
    ask_to_end(tested, caf::exit_reason::user_shutdown);
  }
}

CAF_TEST(an answer beyond the bounds is undecodable) {
  config.bounds.answer = {.header_bytes = 1024, .body_bytes = 2048};
  for (const auto& bytes :
       {ok("[]", "x-long: " + std::string(2000, 'x') + "\r\n"), ok("[" + std::string(4000, ' ') + "]"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + std::string(4096, ' ') + "\r\n0\r\n\r\n"}) {
    bare_server server{once(bytes)};
    config.target.clear();
    tested = nullptr;
    client_of(server);
    CAF_CHECK(ask().error.code == errc::undecodable);
    ask_to_end(tested, caf::exit_reason::user_shutdown);
  }
}

CAF_TEST(an error of a server is known by its status) {
  bare_server server{answering("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")};
  client_of(server);
  const auto got = ask();
  CAF_CHECK(got.error.code == errc::rejected);
  CAF_CHECK_EQUAL(got.error.reason, "remote: it answered 302");
}

// -- connections that end

CAF_TEST(a connection that ends before an answer leaves the outcome unknown and the next call succeeds) {
  std::atomic<int> calls{0};
  bare_server server{[&](bare_connection& one) {
    one.request();
    if (calls++ > 0)
      one.send(ok("[]"));
  }};
  client_of(server);
  CAF_CHECK(ask().error.code == errc::outcome_unknown);
  CAF_CHECK(ask().value);
}

CAF_TEST(a kept connection that ends after the request was written leaves the outcome unknown) {
  bare_server server{[&](bare_connection& one) {
    one.request();
    one.send(ok("[]"));
    one.request();
  }};
  client_of(server);
  CAF_CHECK(ask().value);
  CAF_CHECK(ask().error.code == errc::outcome_unknown);
  CAF_CHECK_EQUAL(server.connections(), 1u);
}

CAF_TEST(an answer that is cut off leaves the outcome unknown) {
  for (const auto* const bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", "HTTP/1.1 200 OK\r\nContent-Le",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n"}) {
    bare_server server{once(bytes)};
    config.target.clear();
    tested = nullptr;
    client_of(server);
    CAF_CHECK(ask().error.code == errc::outcome_unknown);
    ask_to_end(tested, caf::exit_reason::user_shutdown);
  }
}

CAF_TEST(a kept connection that its server has closed is replaced before anything is written) {
  bare_server server{once(ok("[]"))};
  client_of(server);
  for (std::size_t count = 1; count != 20; ++count) {
    const auto got = ask();
    CAF_MESSAGE(to_string(got.error));
    CAF_CHECK(got.value.has_value());
    CAF_REQUIRE(server.ended(count));
  }
}

CAF_TEST(an idle connection is closed after its time) {
  config.patience.idle = 20ms;
  std::atomic<bool> closed{false};
  bare_server server{[&](bare_connection& one) {
    one.request();
    one.send(ok("[]"));
    closed = one.closed_by_client();
  }};
  client_of(server);
  CAF_CHECK(ask().value);
  CAF_CHECK(server.ended(1));
  CAF_CHECK(closed);
}

// -- deadlines, callers that leave, bounds

CAF_TEST(a slow answer costs its caller the deadline and closes the connection) {
  bare_server server{never_answer};
  client_of(server);
  const auto got = ask(call(300ms));
  CAF_CHECK(got.error.code == errc::deadline_exceeded);
  CAF_CHECK(got.in_time());
  CAF_CHECK(server.ended(1));
}

CAF_TEST(an answer that trickles in does not extend the deadline) {
  bare_server server{[](bare_connection& one) {
    one.request();
    one.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[");
    one.closed_by_client();
  }};
  client_of(server);
  const auto got = ask(call(300ms));
  CAF_CHECK(got.error.code == errc::deadline_exceeded);
  CAF_CHECK(got.in_time());
  CAF_CHECK(server.ended(1));
}

CAF_TEST(a caller that leaves ends its call and closes the connection) {
  std::promise<void> asked;
  bare_server server{[&](bare_connection& one) {
    one.request();
    asked.set_value();
    one.closed_by_client();
  }};
  client_of(server);
  std::stop_source caller;
  auto what = call();
  what.abandoned = caller.get_token();
  auto pending = begin(what);
  CAF_REQUIRE(asked.get_future().wait_for(patience) == std::future_status::ready);
  caller.request_stop();
  CAF_CHECK(pending.get().error.code == errc::cancelled);
  CAF_CHECK(server.ended(1));
  CAF_CHECK(ask(what).error.code == errc::cancelled);
  CAF_CHECK_EQUAL(server.connections(), 1u);
}

CAF_TEST(a caller that leaves while it waits for a connection costs nobody else) {
  config.bounds.connections = 1;
  std::promise<void> go_on;
  auto may_go_on = go_on.get_future().share();
  std::atomic<int> requests{0};
  bare_server server{[&](bare_connection& one) {
    while (!one.request().empty()) {
      ++requests;
      may_go_on.wait_for(patience);
      one.send(ok("[]"));
    }
  }};
  client_of(server);
  auto first = begin(call());
  CAF_REQUIRE(server.took(1));
  std::stop_source caller;
  auto what = call();
  what.abandoned = caller.get_token();
  caf::scoped_actor self{system};
  auto second = self->request(tested, patience, what);
  // What the actor refuses at once it has seen after the call, which waits by now.
  CAF_CHECK(ask(call(-1ms)).error.code == errc::deadline_exceeded);
  caller.request_stop();
  second.receive([](const greeting_answer&) { CAF_FAIL("it was answered"); },
                 [](const caf::error& why) { CAF_CHECK(to_failure(why).code == errc::cancelled); });
  go_on.set_value();
  CAF_CHECK(first.get().value);
  CAF_CHECK(ask().value);
  CAF_CHECK_EQUAL(server.connections(), 1u);
  CAF_CHECK_EQUAL(requests.load(), 2);
}

CAF_TEST(calls beyond the connections wait and calls beyond the bound are refused at once) {
  config.bounds.connections = 2;
  config.bounds.waiting = 3;
  std::promise<void> go_on;
  auto may_go_on = go_on.get_future().share();
  bare_server server{[&](bare_connection& one) {
    while (!one.request().empty()) {
      may_go_on.wait_for(patience);
      one.send(ok("[]"));
    }
  }};
  client_of(server);
  caf::scoped_actor self{system};
  auto send = [&] { return self->request(tested, patience, call()); };
  std::vector<decltype(send())> pending;
  for (int count = 0; count != 5; ++count)
    pending.push_back(send());
  CAF_CHECK(ask().error.code == errc::overloaded);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_client_refused_total", "to=remote"), 1);
  go_on.set_value();
  for (auto& each : pending)
    each.receive([](const greeting_answer&) {}, [](const caf::error& why) { CAF_FAIL(to_string(to_failure(why))); });
  CAF_CHECK_EQUAL(server.connections(), 2u);
  CAF_CHECK(ask().value);
}

CAF_TEST(a call that waits for a connection until its deadline reports so) {
  config.bounds.connections = 1;
  bare_server server{never_answer};
  client_of(server);
  auto first = begin(call(1s));
  CAF_REQUIRE(server.took(1));
  const auto second = ask(call(100ms));
  CAF_CHECK(second.error.code == errc::deadline_exceeded);
  CAF_CHECK(second.in_time());
  CAF_CHECK(first.get().error.code == errc::deadline_exceeded);
}

CAF_TEST(a call without a deadline gets the default one) {
  config.default_deadline = 50ms;
  bare_server server{never_answer};
  client_of(server);
  auto what = call();
  what.answer_by = {};
  const auto got = ask(what);
  CAF_CHECK(got.error.code == errc::deadline_exceeded);
  CAF_CHECK(got.in_time());
}

CAF_TEST(a call without time left is not sent) {
  std::atomic<int> requests{0};
  bare_server server{[&](bare_connection& one) {
    while (!one.request().empty()) {
      ++requests;
      one.send(ok("[]"));
    }
  }};
  client_of(server);
  CAF_CHECK(ask().value);
  CAF_CHECK(ask(call(-1ms)).error.code == errc::deadline_exceeded);
  CAF_CHECK(ask().value);
  CAF_CHECK_EQUAL(requests.load(), 2);
}

// -- ends

CAF_TEST(the end of the engine fails what is under way at once and closes the connections) {
  bare_server server{never_answer};
  client_of(server);
  auto pending = begin(call(1h));
  CAF_REQUIRE(server.took(1));
  engine.reset();
  CAF_CHECK(pending.get().error.code == errc::shutting_down);
  CAF_CHECK(server.ended(1));
  CAF_CHECK(ask().error.code == errc::shutting_down);
}

CAF_TEST(the end of the client fails what is under way at once and closes the connections) {
  bare_server server{never_answer};
  client_of(server);
  auto pending = begin(call(1h));
  CAF_REQUIRE(server.took(1));
  ask_to_end(tested, caf::exit_reason::user_shutdown);
  CAF_CHECK(pending.get().error.code == errc::actor_failed);
  CAF_CHECK(server.ended(1));
}

CAF_TEST(a configuration that cannot work is refused in words) {
  config.via = engine->inbox();
  config.target = "http://127.0.0.1:1";
  CAF_CHECK(validate(config).empty());
  auto wrong = config;
  wrong.target = "dns:///service-b:50051";
  CAF_REQUIRE_EQUAL(validate(wrong).size(), 1u);
  CAF_CHECK_NOT_EQUAL(validate(wrong)[0].find("dns:///service-b:50051"), std::string::npos);
  CAF_CHECK_THROWS_AS(http::spawn_greeter_client(unsupervised(system, "a/b"), wrong), std::invalid_argument);
  wrong = config;
  wrong.tls.key = "key.pem";
  wrong.bounds.connections = 0;
  wrong.via = nullptr;
  CAF_CHECK_EQUAL(validate(wrong).size(), 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()
