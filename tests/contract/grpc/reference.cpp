#define CAF_SUITE grpc_reference

#include <future>

#include <troupe_test/suite.hpp>

#include "peers.hpp"

namespace troupe::grpc_test {

// Peers as the reference platform's: generated code, Go's time strings, nothing of Troupe's.

namespace {

::greeting::v3::Greeting go_greeting(const char* service, const char* created) {
  ::greeting::v3::Greeting result;
  result.set_id("0f8fad5b-d9cb-469f-a165-70867728950e");
  result.set_service(service);
  result.set_message("Hello");
  result.set_created(created);
  return result;
}

std::multimap<std::string, std::string> metadata_of(::grpc::ServerContext& context) {
  std::multimap<std::string, std::string> result;
  for (const auto& [name, value] : context.client_metadata())
    result.emplace(std::string{name.data(), name.size()}, std::string{value.data(), value.size()});
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_reference_tests, fixture)

CAF_TEST(a reference service is asked as by its own kind and its block keeps its order) {
  std::promise<std::multimap<std::string, std::string>> received;
  bare_server peer{[&](::grpc::ServerContext& context, const auto&, auto& greetings) {
    received.set_value(metadata_of(context));
    greetings.push_back(go_greeting("Service-E", "2019-04-16 02:23:16.546749266 +0000 UTC m=+0.012345"));
    greetings.push_back(go_greeting("Service-G", "2019-04-15 22:23:16.5 -0400 EDT"));
    greetings.push_back(go_greeting("Service-H", "2019-04-16T02:23:16Z"));
    return ::grpc::Status::OK;
  }};
  grpc::client_config how;
  how.target = peer.target();
  auto call = limited(patience);
  call.order = greeting_order::post_order;
  call.trace = new_trace(system_random());
  call.forwarded = {{"x-tenant", "blue"}};
  const auto answer = ask(connect(how), call);
  CAF_CHECK_EQUAL(services_of(answer), "Service-E,Service-G,Service-H");
  CAF_REQUIRE(answer);
  CAF_CHECK(answer->complete());
  CAF_CHECK(answer->tree.downstream.empty());
  CAF_CHECK(answer->tree.own[0].created == two_greetings().tree.own[0].created);
  CAF_CHECK(answer->tree.own[1].created - answer->tree.own[2].created == 500ms);
  const auto seen = received.get_future().get();
  CAF_CHECK_EQUAL(seen.find("x-request-id")->second, call.trace.request_id);
  CAF_CHECK_EQUAL(seen.find("x-b3-traceid")->second, trace_id_text(call.trace));
  CAF_CHECK_EQUAL(seen.count("traceparent"), 1U);
  CAF_CHECK_EQUAL(seen.find("x-tenant")->second, "blue");
}

CAF_TEST(a reference service of 2021 gets the greeting of its caller) {
  std::promise<::greeting::v3::GreetingRequest> received;
  bare_server peer{[&](::grpc::ServerContext&, const ::greeting::v3::GreetingRequest& request, auto& greetings) {
    received.set_value(request);
    greetings.push_back(go_greeting("Service B", "2019-04-16 02:23:16.546749266 +0000 UTC"));
    greetings.back().set_hostname("service-b-7d4f");
    return ::grpc::Status::OK;
  }};
  grpc::client_config how;
  how.target = peer.target();
  how.contract = grpc::package::greeting_v3;
  auto call = limited(patience);
  call.caller = two_greetings().tree.own.front();
  const auto answer = ask(connect(how), call);
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->tree.own.front().hostname, "service-b-7d4f");
  const auto seen = received.get_future().get();
  CAF_CHECK_EQUAL(seen.greeting().service(), "Service-A");
  CAF_CHECK_EQUAL(seen.greeting().created(), "2019-04-16 02:23:16.546749266 +0000 UTC");
  CAF_CHECK_EQUAL(seen.greeting().hostname(), "host-a");
}

CAF_TEST(a reference client is answered as by its own kind) {
  listen();
  bare_client peer{to_server().target};
  const auto answer = peer.call();
  CAF_CHECK(answer.status.ok());
  CAF_CHECK_EQUAL(answer.services(), "Service-A,Service-B");
  CAF_REQUIRE_EQUAL(answer.greetings.size(), 2U);
  CAF_CHECK_EQUAL(answer.greetings[0].created(), "2019-04-16 02:23:16.546749266 +0000 UTC");
  CAF_CHECK_EQUAL(answer.header("troupe-greeting-order"), "(none)");
  ::greeting::v3::GreetingRequest request;
  *request.mutable_greeting() = go_greeting("Service A", "2019-04-15 22:23:16.546749266 -0400 EDT m=+1.5");
  const auto newer = peer.call_v3(request);
  CAF_CHECK(newer.status.ok());
  CAF_REQUIRE_EQUAL(newer.greetings.size(), 2U);
  CAF_CHECK_EQUAL(newer.greetings[1].hostname(), "host-b");
  const auto caller = lines->call(2).caller;
  CAF_REQUIRE(caller);
  CAF_CHECK_EQUAL(caller->service, "Service A");
  CAF_CHECK(caller->created == two_greetings().tree.own[0].created);
}

CAF_TEST(a reference client that leaves ends the work for it) {
  lines->hold();
  listen();
  const auto target = to_server().target;
  ::grpc::ClientContext leaving;
  leaving.set_wait_for_ready(true);
  auto left = std::async(std::launch::async, [&] {
    ::greeting::GreetingResponse response;
    const auto channel = ::grpc::CreateChannel(target, ::grpc::InsecureChannelCredentials());
    return ::greeting::GreetingService::NewStub(channel)->Greeting(&leaving, {}, &response).error_code();
  });
  const auto seen = lines->call(1).abandoned;
  leaving.TryCancel();
  CAF_CHECK_EQUAL(left.get(), ::grpc::StatusCode::CANCELLED);
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "grpc_code=Canceled", 1));
  CAF_CHECK(seen.stop_requested());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
