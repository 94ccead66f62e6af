#define CAF_SUITE grpc_failures

#include <troupe_test/suite.hpp>

#include "peers.hpp"

namespace troupe::grpc_test {

CAF_TEST_FIXTURE_SCOPE(grpc_failures_tests, fixture)

CAF_TEST(an error of the greeter arrives as what its status means) {
  listen();
  const auto client = connect();
  struct row {
    errc failed_with;
    errc heard;
  };
  for (const auto& [failed_with, heard] :
       {row{errc::unavailable, errc::unavailable}, row{errc::actor_failed, errc::unavailable},
        row{errc::shutting_down, errc::unavailable}, row{errc::overloaded, errc::throttled},
        row{errc::throttled, errc::throttled}, row{errc::invalid, errc::invalid}, row{errc::not_found, errc::not_found},
        row{errc::conflict, errc::conflict}, row{errc::forbidden, errc::forbidden},
        row{errc::unauthenticated, errc::unauthenticated}, row{errc::unsupported, errc::unsupported},
        row{errc::deadline_exceeded, errc::deadline_exceeded}, row{errc::internal, errc::internal}}) {
    lines->answer_by([code = failed_with](const greet&) -> caf::result<greeting_answer> {
      return to_error({code, "the \"words\" \xe2\x82\xac"});
    });
    const auto answer = ask(client);
    CAF_CHECK_EQUAL(to_string(code_of(answer)), to_string(heard));
    // What escapes an actor as an exception may say anything, and is not for callers.
    CAF_CHECK_EQUAL(reason_of(answer), to_server().target
                                         + (failed_with == errc::actor_failed ? ": the service failed at this call"
                                                                              : ": the \"words\" \xe2\x82\xac"));
  }
}

CAF_TEST(nobody who listens means that the call was not sent) {
  grpc::client_config how;
  how.target = "127.0.0.1:" + std::to_string(free_port());
  const auto answer = ask(connect(how));
  CAF_CHECK_EQUAL(to_string(code_of(answer)), "not_sent");
  CAF_CHECK_EQUAL(reason_of(answer).find(how.target + ": "), 0U);
}

CAF_TEST(a name that nobody knows means that the call was not sent) {
  grpc::client_config how;
  how.target = "dns:///no-such-host.invalid:50051";
  CAF_CHECK_EQUAL(to_string(code_of(ask(connect(how)))), "not_sent");
}

CAF_TEST(a server that comes later is found without a new client) {
  grpc::client_config how;
  const auto port = free_port();
  how.target = "localhost:" + std::to_string(port);
  const auto client = connect(how);
  CAF_CHECK_EQUAL(to_string(code_of(ask(client))), "not_sent");
  config.listen.port = port;
  listen();
  CAF_CHECK_EQUAL(services_of(ask_until_answered(client)), "Service-A,Service-B");
}

CAF_TEST(a connection that breaks with a call on it leaves its outcome unknown) {
  lines->hold();
  listen();
  relay between{served->local().port};
  auto how = to_server();
  how.target = between.target();
  const auto client = connect(how);
  auto answer = begin(client, limited(1h));
  lines->call(1);
  between.cut();
  CAF_CHECK_EQUAL(to_string(code_of(answer.get())), "outcome_unknown");
  // And the greeter learns that nobody waits for it any more.
  const auto abandoned = lines->call(1).abandoned;
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "grpc_code=Canceled", 1));
  CAF_CHECK(abandoned.stop_requested());
}

CAF_TEST(a call that a server took is never reported as not sent) {
  // The bare server ends each call with the status that gRPC itself uses for connections that fail.
  std::atomic<int> taken{0};
  bare_server peer{[&](::grpc::ServerContext&, const auto&, auto&) {
    ++taken;
    return ::grpc::Status{::grpc::StatusCode::UNAVAILABLE, "failed to connect to all addresses"};
  }};
  grpc::client_config how;
  how.target = peer.target();
  const auto client = connect(how);
  for (int number = 1; number <= 3; ++number) {
    CAF_CHECK_EQUAL(to_string(code_of(ask(client))), "outcome_unknown");
    CAF_CHECK_EQUAL(taken.load(), number);
  }
}

CAF_TEST(a call without any time left fails before it is sent) {
  listen();
  const auto client = connect();
  const auto answer = ask(client, limited(0s));
  CAF_CHECK_EQUAL(to_string(code_of(answer)), "deadline_exceeded");
  CAF_CHECK_NOT_EQUAL(reason_of(answer).find("no time was left to send"), std::string::npos);
  CAF_CHECK_EQUAL(watcher->value("grpc_client_handled_total"), 0);
  CAF_REQUIRE(ask(client));
  CAF_CHECK_EQUAL(lines->calls(), 1U);
}

CAF_TEST(a greeter that never answers costs its caller the deadline and no more) {
  lines->hold();
  listen();
  const auto client = connect();
  // A client that has its connection spends the short time on the call alone.
  lines->answer_by([](const greet&) { return two_greetings(); });
  CAF_REQUIRE(ask(client));
  lines->hold();
  CAF_CHECK_EQUAL(to_string(code_of(ask(client, limited(100ms)))), "deadline_exceeded");
  // Whether the server counts it as late or as left depends on whose clock is first.
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "", 2));
  CAF_CHECK_EQUAL(watcher->value("grpc_server_handled_total", "grpc_code=OK"), 1);
}

CAF_TEST(a caller that leaves ends the call and its greeter learns of it) {
  lines->hold();
  listen();
  const auto client = connect();
  std::stop_source leaving;
  auto call = limited(1h);
  call.abandoned = leaving.get_token();
  auto answer = begin(client, call);
  const auto seen = lines->call(1).abandoned;
  CAF_CHECK(!seen.stop_requested());
  leaving.request_stop();
  CAF_CHECK_EQUAL(to_string(code_of(answer.get())), "cancelled");
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "grpc_code=Canceled", 1));
  CAF_CHECK(seen.stop_requested());
  // The answer that comes now is dropped.
  release();
  CAF_CHECK(watcher->becomes("troupe_grpc_late_answers_total", "", 1));
  CAF_CHECK(watcher->becomes("troupe_grpc_server_in_flight", "", 0));
}

CAF_TEST(a caller that has left before sends nothing) {
  listen();
  const auto client = connect();
  std::stop_source left;
  left.request_stop();
  auto call = limited(patience);
  call.abandoned = left.get_token();
  CAF_CHECK_EQUAL(to_string(code_of(ask(client, call))), "cancelled");
  CAF_REQUIRE(ask(client));
  CAF_CHECK_EQUAL(lines->calls(), 1U);
}

CAF_TEST(callers that leave at any moment are all answered) {
  listen();
  const auto client = connect();
  for (int round = 0; round < 100; ++round) {
    std::stop_source leaving;
    auto call = limited(patience);
    call.abandoned = leaving.get_token();
    auto answer = begin(client, call);
    leaving.request_stop();
    const auto code = code_of(answer.get());
    CAF_REQUIRE(code == errc::none || code == errc::cancelled);
  }
}

CAF_TEST(a client that ends in the middle of a call fails it at once and cancels it) {
  lines->hold();
  listen();
  const auto client = connect();
  auto answer = begin(client, limited(1h));
  const auto seen = lines->call(1).abandoned;
  ask_to_end(client, caf::exit_reason::kill);
  CAF_CHECK_EQUAL(to_string(code_of(answer.get())), "actor_failed");
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "grpc_code=Canceled", 1));
  CAF_CHECK(seen.stop_requested());
}

CAF_TEST(a greeter that is killed in the middle of a call fails it at once) {
  lines->hold();
  listen();
  const auto client = connect();
  auto answer = begin(client, limited(1h));
  lines->call(1);
  ask_to_end(greeter, caf::exit_reason::kill);
  CAF_CHECK_EQUAL(to_string(code_of(answer.get())), "unavailable");
  // And so does one that comes after its end.
  CAF_CHECK_EQUAL(to_string(code_of(ask(client, limited(1h)))), "unavailable");
}

CAF_TEST(a greeter that dies or throws fails its calls at once) {
  listen();
  const auto client = connect();
  lines->answer_by([](const greet&) -> caf::result<greeting_answer> { throw std::runtime_error("broken"); });
  CAF_CHECK_EQUAL(to_string(code_of(ask(client, limited(1h)))), "unavailable");
  CAF_CHECK_EQUAL(to_string(code_of(ask(client, limited(1h)))), "unavailable");
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "grpc_code=Unavailable", 2));
}

CAF_TEST(an answer with a time that cannot be read is undecodable) {
  bare_server peer{[](::grpc::ServerContext&, const auto&, auto& greetings) {
    greetings.emplace_back().set_created("yesterday");
    return ::grpc::Status::OK;
  }};
  grpc::client_config how;
  how.target = peer.target();
  CAF_CHECK_EQUAL(to_string(code_of(ask(connect(how)))), "undecodable");
}

CAF_TEST(the outcome of a call is the outcome of its spans) {
  listen();
  lines->answer_by([](const greet&) -> caf::result<greeting_answer> { return to_error({errc::not_found, "nothing"}); });
  CAF_CHECK_EQUAL(to_string(code_of(ask(connect()))), "not_found");
  const auto spans = watcher->spans(2);
  CAF_REQUIRE_EQUAL(spans.size(), 2U);
  CAF_CHECK(spans[0].outcome.code == errc::not_found);
  CAF_CHECK(spans[1].outcome.code == errc::not_found);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
