#define CAF_SUITE http_routes

#include <troupe_test/suite.hpp>

#include "support.hpp"

using namespace http_test;

CAF_TEST_FIXTURE_SCOPE(http_routes_tests, edge_fixture)

CAF_TEST(the health route keeps the answer of the reference platforms) {
  listen();
  const auto answer = ask(get("/api/health"));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.body, R"({"alive": true})");
  CAF_CHECK_EQUAL(answer.header("content-type"), "application/json; charset=utf-8");
}

CAF_TEST(liveness and readiness say what was looked at) {
  ports.readiness = [] {
    using standing = http::health_check::standing;
    return http::health_report{{{"store", standing::failing, "disk \"full\""}, {"service-b", standing::degraded, ""}}};
  };
  listen();
  const auto live = ask(get("/livez"));
  CAF_CHECK_EQUAL(live.status, 200U);
  CAF_CHECK_EQUAL(live.body, R"({"status":"passing","checks":[]})");
  const auto ready = ask(get("/readyz"));
  CAF_CHECK_EQUAL(ready.status, 503U);
  CAF_CHECK_EQUAL(ready.body,
                  R"({"status":"failing","checks":[{"name":"store","status":"failing","detail":"disk \"full\""},)"
                  R"({"name":"service-b","status":"degraded"}]})");
}

CAF_TEST(a degraded check does not make a process unready) {
  ports.readiness = [] { return http::health_report{{{"service-b", http::health_check::standing::degraded, "open"}}}; };
  listen();
  CAF_CHECK_EQUAL(ask(get("/readyz")).status, 200U);
}

CAF_TEST(liveness is answered while every scheduler thread is blocked) {
  struct barrier {
    std::mutex guard;
    std::condition_variable released;
    bool go = false;
    std::atomic<int> blocked{0};
  };
  const auto shared = std::make_shared<barrier>(); // the actors leave it after the test has
  for (int count = 0; count < 2; ++count)
    system.spawn([shared] {
      std::unique_lock lock{shared->guard};
      ++shared->blocked;
      shared->released.wait(lock, [&] { return shared->go; });
    });
  while (shared->blocked < 2)
    std::this_thread::yield();
  listen();
  CAF_CHECK_EQUAL(ask(get("/livez")).status, 200U);
  {
    const std::scoped_lock lock{shared->guard};
    shared->go = true;
  }
  shared->released.notify_all();
}

CAF_TEST(many who ask for metrics at once share their renderings and keep nobody from the probes) {
  struct gate {
    std::mutex guard;
    std::condition_variable opened;
    bool open = false;
    std::atomic<int> renderings{0};
  };
  gate slow;
  ports.metrics = [&slow] {
    ++slow.renderings;
    std::unique_lock lock{slow.guard};
    slow.opened.wait(lock, [&] { return slow.open; });
    return std::string{"up 1\n"};
  };
  config.bounds.in_flight = 1;
  listen();
  std::vector<client> asking;
  for (int count = 0; count < 50; ++count)
    asking.push_back(connect());
  for (auto& each : asking)
    each.send(get("/metrics"));
  while (slow.renderings == 0)
    std::this_thread::yield();
  // Every one of them is waiting, because a connection's requests are taken in the order in which they came.
  CAF_CHECK(watcher->reaches("troupe_http_connections", "edge", 50));
  CAF_CHECK_EQUAL(ask(get("/livez")).status, 200U);
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 200U);
  {
    const std::scoped_lock lock{slow.guard};
    slow.open = true;
  }
  slow.opened.notify_all();
  for (auto& each : asking)
    CAF_CHECK_EQUAL(each.read().body, "up 1\n");
  CAF_CHECK_LESS(slow.renderings.load(), 10);
}

CAF_TEST(a rendering that throws is a 500 and the next one is made) {
  std::atomic<bool> broken{true};
  ports.metrics = [&broken]() -> std::string {
    if (broken.exchange(false))
      throw 7; // NOLINT(hicpp-exception-baseclass)
    return "up 1\n";
  };
  listen();
  CAF_CHECK_EQUAL(ask(get("/metrics")).status, 500U);
  CAF_CHECK_EQUAL(ask(get("/metrics")).body, "up 1\n");
}

CAF_TEST(metrics are served at both paths in the text form) {
  listen();
  for (const auto* const target : {"/metrics", "/api/metrics"}) {
    const auto answer = ask(get(target));
    CAF_CHECK_EQUAL(answer.status, 200U);
    CAF_CHECK_EQUAL(answer.body, "up 1\n");
    CAF_CHECK_EQUAL(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  }
}

CAF_TEST(the status route replies the code it is asked for) {
  listen();
  for (const unsigned status : {200U, 201U, 299U, 301U, 404U, 418U, 500U, 503U, 599U}) {
    const auto answer = ask(get("/api/status/" + std::to_string(status)));
    CAF_CHECK_EQUAL(answer.status, status);
    CAF_CHECK(!answer.body.empty());
  }
  CAF_CHECK_EQUAL(ask("OPTIONS /api/status/202 HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 202U);
}

CAF_TEST(a code outside 200 to 599 is a bad request) {
  listen();
  for (const auto* const code : {"199", "600", "100", "0", "-200", "2000", "abc", "20x", "0200", "+200", "%20200"})
    CAF_CHECK_EQUAL(ask(get(std::string{"/api/status/"} + code)).status, 400U);
  CAF_CHECK_EQUAL(ask(get("/api/status/")).status, 404U);
  CAF_CHECK_EQUAL(ask(get("/api/status/200/x")).status, 404U);
}

CAF_TEST(204 and 304 have no body and the connection goes on) {
  listen();
  auto one = connect();
  for (const unsigned status : {204U, 304U}) {
    one.send(get("/api/status/" + std::to_string(status)) + get("/api/health"));
    const auto answer = one.read();
    CAF_CHECK_EQUAL(answer.status, status);
    CAF_CHECK_EQUAL(answer.header("content-length"), "(none)");
    CAF_CHECK_EQUAL(one.read().body, R"({"alive": true})");
  }
}

CAF_TEST(the echo dumps the request as it came) {
  listen();
  const auto sent =
    request("POST", "/api/request-echo?a=%20b", "line one\nline two%s%n", "X-Odd-Case: Value\r\nCookie: c=1\r\n");
  const auto answer = ask(sent);
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.header("content-type"), "text/plain; charset=utf-8");
  CAF_CHECK_EQUAL(answer.header("x-content-type-options"), "nosniff");
  CAF_CHECK_EQUAL(answer.body, sent);
  for (const auto* const verb : {"GET", "PUT", "DELETE", "PATCH", "OPTIONS"})
    CAF_CHECK_EQUAL(ask(request(verb, "/api/request-echo", "")).status, 200U);
}

CAF_TEST(the echo does not show a page of another origin what identifies its user) {
  listen();
  const auto answer =
    ask(get("/api/request-echo", "Origin: https://evil.example\r\nCookie: session=1\r\nAuthorization: x\r\n"));
  CAF_CHECK_EQUAL(answer.body.find("session=1"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(answer.body.find("Cookie: ***\r\nAuthorization: ***\r\n"), std::string::npos);
}

CAF_TEST(an unknown route and a wrong method are problems) {
  listen();
  const auto unknown = ask(get("/api/nothing", "x-request-id: r1\r\n"));
  CAF_CHECK_EQUAL(unknown.status, 404U);
  CAF_CHECK_EQUAL(unknown.header("content-type"), "application/problem+json");
  CAF_CHECK_NOT_EQUAL(unknown.body.find(R"("request_id":"r1")"), std::string::npos);
  const auto wrong = ask(request("POST", "/api/greeting", "{}"));
  CAF_CHECK_EQUAL(wrong.status, 405U);
  CAF_CHECK_EQUAL(wrong.header("allow"), "GET, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(ask(request("BREW", "/api/greeting", "")).status, 405U);
  CAF_CHECK_EQUAL(ask(request("get", "/api/greeting", "")).status, 405U);
}

CAF_TEST(OPTIONS says what a route and the server answer) {
  listen();
  const auto route = ask("OPTIONS /api/greeting HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CAF_CHECK_EQUAL(route.status, 204U);
  CAF_CHECK_EQUAL(route.header("allow"), "GET, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204U);
}

CAF_TEST(an injected route is served and one that throws is a 500 with the connection kept) {
  ports.routes.push_back(
    {"/", {http::method::get}, [](const http::request&) {
       return http::response{200, "text/html; charset=utf-8", "<p>", {{"X-Bad", "a\r\nInjected: b"}}, {}};
     }});
  ports.routes.push_back(
    {"/broken", {http::method::get}, [](const http::request&) -> http::response { throw std::runtime_error("broken"); }});
  listen();
  auto one = connect();
  one.send(get("/") + get("/broken") + get("/api/health"));
  const auto page = one.read();
  CAF_CHECK_EQUAL(page.body, "<p>");
  CAF_CHECK_EQUAL(page.header("injected"), "(none)");
  const auto broken = one.read();
  CAF_CHECK_EQUAL(broken.status, 500U);
  CAF_CHECK_EQUAL(broken.body.find("broken\""), std::string::npos);
  CAF_CHECK_EQUAL(one.read().status, 200U);
  CAF_CHECK_EQUAL(watcher->value("log"), 1);
}

CAF_TEST(an event source is looked at only while somebody subscribes) {
  config.patience.poll = 5ms;
  std::atomic<std::uint64_t> looks{0};
  std::atomic<std::uint64_t> looks_at_other{0};
  const auto source = [](std::atomic<std::uint64_t>& count) {
    return http::event_source{"event", [&count] { return ++count, std::uint64_t{1}; }, [] { return std::string{"x"}; }};
  };
  ports.routes.push_back({"/events", {http::method::get}, source(looks)});
  ports.routes.push_back({"/other-events", {http::method::get}, source(looks_at_other)});
  listen();
  auto one = connect();
  auto other = connect();
  one.send(get("/events"));
  other.send(get("/other-events"));
  one.read_until("data: ");
  other.read_until("data: ");
  const auto comes_to = [](const auto& condition) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!condition() && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    return condition();
  };
  CAF_REQUIRE(comes_to([&] { return looks >= 3; }));
  one.close();
  // The listener calls the subscribers of the source that changed last: the one who left.
  CAF_REQUIRE(comes_to([&] { return watcher->value("troupe_http_subscribers") == 0; }));
  const auto before = looks.load();
  const auto others_before = looks_at_other.load();
  // The other source is looked at as often, by the same thread.
  CAF_REQUIRE(comes_to([&] { return looks_at_other >= others_before + 10; }));
  CAF_CHECK_EQUAL(looks.load(), before);
  served.reset(); // it counts in what ends here
}

CAF_TEST(whatever a deferred handler throws is a 500 and everybody is still served) {
  ports.routes.push_back({"/exception", {http::method::get}, [](const http::request&, http::pending_answer) -> instant {
                            throw std::runtime_error("broken");
                          }});
  ports.routes.push_back(
    {"/number", {http::method::get}, [](const http::request&, http::pending_answer) -> instant { throw 7; }});
  listen();
  auto one = connect();
  for (const auto* const path : {"/exception", "/number"}) {
    one.send(get(path));
    CAF_CHECK_EQUAL(one.read().status, 500U);
  }
  one.send(get("/api/health"));
  CAF_CHECK_EQUAL(one.read().status, 200U);
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
  CAF_CHECK_EQUAL(watcher->value("log"), 2);
}

CAF_TEST(whatever an event source throws at first is a 500 and everybody is still served) {
  config.patience.poll = 5ms;
  ports.routes.push_back({"/number",
                          {http::method::get},
                          http::event_source{"event", []() -> std::uint64_t { throw 7; }, [] { return std::string{}; }}});
  std::atomic<bool> broken{false};
  std::atomic<std::uint64_t> version{1};
  ports.routes.push_back({"/later",
                          {http::method::get},
                          http::event_source{"event", [&] { return version.load(); },
                                             [&]() -> std::string {
                                               if (broken)
                                                 throw 7; // NOLINT(hicpp-exception-baseclass)
                                               return "x";
                                             }}});
  listen();
  CAF_CHECK_EQUAL(ask(get("/number")).status, 500U);
  auto one = connect();
  one.send(get("/later"));
  one.read_until("id: 1");
  const auto before = watcher->value("log");
  broken = true;
  version = 2;
  CAF_CHECK(watcher->reaches("log", "", before + 2));
  broken = false;
  CAF_CHECK_NOT_EQUAL(one.read_until("id: 2").find("id: 2"), std::string::npos);
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
  served.reset(); // it looks at what ends here
}

CAF_TEST(whatever a gate throws is a 500 and everybody is still served) {
  http::listener_options options;
  options.name = "gated";
  options.where = {"127.0.0.1", 0};
  options.watcher = watcher;
  options.admit = [](const http::request& what) -> std::optional<http::refused_request> {
    if (what.path == "/number")
      throw 7; // NOLINT(hicpp-exception-baseclass)
    return std::nullopt;
  };
  auto gated = http::listener::listen(std::move(options));
  CAF_REQUIRE(gated.has_value());
  client one{(*gated)->local()};
  one.send(get("/number"));
  CAF_CHECK_EQUAL(one.read().status, 500U);
  one.send(get("/nothing"));
  CAF_CHECK_EQUAL(one.read().status, 404U);
}

CAF_TEST(every answer bears the date of the injected clock) {
  ports.clock = [] { return timestamp{std::chrono::seconds{784111777}}; };
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/health")).header("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  CAF_CHECK_EQUAL(ask(get("/nothing")).header("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

CAF_TEST(metrics name routes by their pattern) {
  listen();
  ask(get("/api/status/404"));
  ask(get("/api/status/200"));
  ask(get("/some/thing"));
  ask(get("/api/greeting"));
  CAF_CHECK_EQUAL(watcher->value("troupe_http_requests_total", "route=/api/status/{code},method=GET,status=4xx"), 1);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_requests_total", "route=/api/status/{code},method=GET,status=2xx"), 1);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_requests_total", "route=unmatched,method=GET,status=4xx"), 1);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_requests_total", "route=/api/greeting,method=GET,status=2xx"), 1);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_request_duration_seconds", "route=/api/greeting"), 1);
}

CAF_TEST(without a greeter there are no greeting routes) {
  ports.greeter = nullptr;
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 404U);
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
}

// -- CORS

CAF_TEST(an origin that is listed is named and may send credentials) {
  config.allowed_origins = {"https://ui.example"};
  listen();
  const auto answer = ask(get("/api/greeting", "Origin: https://ui.example\r\n"));
  CAF_CHECK_EQUAL(answer.header("access-control-allow-origin"), "https://ui.example");
  CAF_CHECK_EQUAL(answer.header("access-control-allow-credentials"), "true");
  CAF_CHECK_EQUAL(answer.header("vary"), "Origin");
  CAF_CHECK_EQUAL(answer.header("access-control-expose-headers"), "troupe-missing, x-request-id");
  const auto plain = ask(get("/api/greeting"));
  CAF_CHECK_EQUAL(plain.header("access-control-allow-origin"), "(none)");
  CAF_CHECK_EQUAL(plain.header("vary"), "Origin");
}

CAF_TEST(where every origin is allowed one that is not listed gets the wildcard and no credentials) {
  config.allowed_origins = {"*", "https://ui.example"};
  listen();
  for (const auto* const origin : {"https://evil.example", "null", "http://localhost", "https://ui.example.evil"}) {
    const auto answer = ask(get("/api/greeting", "Origin: " + std::string{origin} + "\r\n"));
    CAF_CHECK_EQUAL(answer.header("access-control-allow-origin"), "*");
    CAF_CHECK_EQUAL(answer.header("access-control-allow-credentials"), "(none)");
  }
  const auto preflight = ask("OPTIONS /api/greeting HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n"
                             "Access-Control-Request-Method: GET\r\n\r\n");
  CAF_CHECK_EQUAL(preflight.header("access-control-allow-origin"), "*");
  CAF_CHECK_EQUAL(preflight.header("access-control-allow-credentials"), "(none)");
  CAF_CHECK_EQUAL(preflight.header("access-control-allow-methods"), "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD");
  const auto listed = ask(get("/api/greeting", "Origin: https://ui.example\r\n"));
  CAF_CHECK_EQUAL(listed.header("access-control-allow-origin"), "https://ui.example");
  CAF_CHECK_EQUAL(listed.header("access-control-allow-credentials"), "true");
}

CAF_TEST(the opaque origin may be listed and never sends credentials) {
  config.allowed_origins = {"null"};
  listen();
  const auto answer = ask(get("/api/greeting", "Origin: null\r\n"));
  CAF_CHECK_EQUAL(answer.header("access-control-allow-origin"), "null");
  CAF_CHECK_EQUAL(answer.header("access-control-allow-credentials"), "(none)");
}

CAF_TEST(a host below a listed star is named) {
  config.allowed_origins = {"https://*.example.org"};
  listen();
  const auto allowed = [this](const std::string& origin) {
    return ask(get("/api/greeting", "Origin: " + origin + "\r\n")).header("access-control-allow-origin");
  };
  CAF_CHECK_EQUAL(allowed("https://ui.example.org"), "https://ui.example.org");
  CAF_CHECK_EQUAL(allowed("https://example.org"), "(none)");
  CAF_CHECK_EQUAL(allowed("https://evil.org/.example.org"), "(none)");
}

CAF_TEST(a preflight is answered for every route with the headers it asks for) {
  config.allowed_origins = {"https://ui.example"};
  listen();
  const auto preflight = [this](const std::string& further) {
    return ask("OPTIONS /api/v1/greeting HTTP/1.1\r\nHost: localhost\r\nOrigin: https://ui.example\r\n"
               "Access-Control-Request-Method: GET\r\n"
               + further + "\r\n");
  };
  const auto answer = preflight("Access-Control-Request-Headers: content-type,x-request-id\r\n");
  CAF_CHECK_EQUAL(answer.status, 204U);
  CAF_CHECK_EQUAL(answer.header("access-control-allow-origin"), "https://ui.example");
  CAF_CHECK_EQUAL(answer.header("access-control-allow-credentials"), "true");
  CAF_CHECK_EQUAL(answer.header("access-control-allow-methods"), "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD");
  CAF_CHECK_EQUAL(answer.header("access-control-allow-headers"), "content-type,x-request-id");
  CAF_CHECK_EQUAL(answer.header("access-control-max-age"), "600");
  const auto none = preflight("");
  CAF_CHECK_EQUAL(none.header("access-control-allow-headers"), "(none)");
  const auto many = preflight("Access-Control-Request-Headers: " + std::string(1025, 'a') + "\r\n");
  CAF_CHECK_EQUAL(many.header("access-control-allow-headers"), "(none)");
  const auto odd = preflight("Access-Control-Request-Headers: a;b=\"c\"\r\n");
  CAF_CHECK_EQUAL(odd.header("access-control-allow-headers"), "(none)");
}

CAF_TEST(an origin that is not on the list gets nothing) {
  config.allowed_origins = {"https://ui.example", "http://localhost:4200"};
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/greeting", "Origin: http://localhost:4200\r\n")).header("access-control-allow-origin"),
                  "http://localhost:4200");
  const auto other = ask(get("/api/greeting", "Origin: https://ui.example.evil\r\n"));
  CAF_CHECK_EQUAL(other.status, 200U);
  CAF_CHECK_EQUAL(other.header("access-control-allow-origin"), "(none)");
  CAF_CHECK_EQUAL(other.header("access-control-allow-credentials"), "(none)");
  const auto preflight = ask("OPTIONS /api/greeting HTTP/1.1\r\nHost: localhost\r\nOrigin: https://ui.example.evil\r\n"
                             "Access-Control-Request-Method: GET\r\n\r\n");
  CAF_CHECK_EQUAL(preflight.header("access-control-allow-methods"), "(none)");
}

CAF_TEST_FIXTURE_SCOPE_END()
