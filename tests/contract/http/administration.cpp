#define CAF_SUITE http_administration

#include <troupe_test/suite.hpp>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/http/client.hpp>
#include <troupe/bridges/http/page.hpp>
#include <troupe/messages/values/json.hpp>

#include "support.hpp"

using namespace http_test;

namespace {

numbered_dead_letter letter(std::int64_t number, std::string payload) {
  dead_letter what;
  what.content.id = "message-" + std::to_string(number);
  what.content.key = "k";
  what.content.content_type = "text/plain";
  what.content.headers = {{"author", "me"}};
  what.content.payload = std::move(payload);
  if (number == 8)
    what.content.trace.trace_id.back() = what.content.trace.span_id.back() = 1;
  what.from = {"service-d", 1, 42};
  what.why = {errc::undecodable, "not a \"greeting\""};
  what.attempts = 3;
  what.first_failure = timestamp{std::chrono::seconds{1555381396}};
  what.last_failure = timestamp{std::chrono::seconds{1555381397}};
  what.service = "service-f";
  return {number, std::move(what)};
}

constexpr auto facts = R"("source":"service-d","partition":1,"offset":42,"service":"service-f","error":"undecodable",)"
                       R"("reason":"not a \"greeting\"","attempts":3,"first_failure":"2019-04-16T02:23:16Z",)"
                       R"("last_failure":"2019-04-16T02:23:17Z",)";

class keeper_state {
public:
  keeper_state(dead_letters_actor::pointer, std::shared_ptr<std::vector<std::string>> seen) : seen_(std::move(seen)) {}

  dead_letters_actor::behavior_type make_behavior() {
    return {[this](const list_dead_letters& what) -> caf::result<dead_letter_page> {
              seen_->push_back(what.source + "/" + std::to_string(what.after) + "/" + std::to_string(what.limit));
              if (what.source == "empty")
                return dead_letter_page{};
              return dead_letter_page{{letter(7, "text"), letter(9, std::string(9000, 'x'))}};
            },
            [](const show_dead_letter& what) -> caf::result<numbered_dead_letter> {
              if (what.number == 404)
                return to_error({errc::not_found, "no such dead letter"});
              return letter(what.number, "\xff\x00 bytes");
            },
            [this](const redrive_dead_letters& what) -> caf::result<redriven> {
              seen_->push_back(what.source + "/" + (what.numbers.empty() ? "-" : std::to_string(what.numbers.back())) + "/"
                               + std::to_string(what.limit));
              return redriven{5};
            }};
  }

private:
  std::shared_ptr<std::vector<std::string>> seen_; // read by the test only after an answer
};

// Keeps every request unanswered.
class silent_keeper {
public:
  explicit silent_keeper(dead_letters_actor::pointer self) : self_(self) {}

  dead_letters_actor::behavior_type make_behavior() {
    return {[this](const list_dead_letters&) { return kept<dead_letter_page>(); },
            [this](const show_dead_letter&) { return kept<numbered_dead_letter>(); },
            [this](const redrive_dead_letters&) { return kept<redriven>(); }};
  }

private:
  template <class Answer>
  caf::result<Answer> kept() {
    auto promise = self_->make_response_promise<Answer>();
    promises_.push_back(std::make_shared<caf::typed_response_promise<Answer>>(promise));
    return promise;
  }

  dead_letters_actor::pointer self_;
  std::vector<std::shared_ptr<void>> promises_; // of answers of any type
};

struct administration_fixture {
  administration_fixture() {
    keeper = spawn_supervised<dead_letters_actor, keeper_state>(unsupervised(system, "store/dead-letters"), seen);
    ports.dead_letters = keeper;
    ports.tree = [this] {
      supervision_tree tree;
      tree.name = "root" + std::to_string(version.load());
      tree.last_error = std::string(padding.load(), 'x');
      return tree;
    };
    ports.tree_version = [this] { return version.load(); };
    ports.watcher = watcher;
    config.patience.poll = 5ms;
    config.patience.reread = 10ms;
  }

  ~administration_fixture() {
    served.reset();
    ask_to_end(keeper, caf::exit_reason::user_shutdown);
  }

  void listen() {
    auto made = http::administration::listen(config, ports);
    if (!made)
      throw std::runtime_error(to_string(made.error()));
    served = std::move(*made);
  }

  client connect() { return client{served->local()}; }

  client::answer ask(const std::string& what) {
    auto one = connect();
    one.send(what);
    return one.read();
  }

  std::string tree_json() { return to_json(ports.tree()); }

  system_config settings;
  caf::actor_system system{settings};
  std::shared_ptr<recorder> watcher = std::make_shared<recorder>();
  std::shared_ptr<std::vector<std::string>> seen = std::make_shared<std::vector<std::string>>();
  std::atomic<std::uint64_t> version{1};
  std::atomic<std::size_t> padding{0};
  dead_letters_actor keeper;
  http::administration_config config;
  http::administration_ports ports;
  std::unique_ptr<http::administration> served;
};

constexpr auto json_type = "Content-Type: application/json\r\n";

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_administration_tests, administration_fixture)

CAF_TEST(the supervision tree is served as JSON) {
  listen();
  const auto answer = ask(get("/tree"));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.body, tree_json());
  CAF_CHECK_EQUAL(answer.header("access-control-allow-origin"), "(none)");
  CAF_CHECK_EQUAL(answer.header("vary"), "(none)");
}

CAF_TEST(subscribers get the tree at once and whenever it changes) {
  listen();
  auto one = connect();
  auto two = connect();
  one.send(get("/tree/events"));
  two.send(get("/tree/events"));
  for (auto* const each : {&one, &two}) {
    const auto head = each->read_until("\r\n\r\n");
    CAF_CHECK_NOT_EQUAL(head.find("HTTP/1.1 200 OK\r\n"), std::string::npos);
    CAF_CHECK_NOT_EQUAL(head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
    CAF_CHECK_NOT_EQUAL(head.find("Connection: close\r\n"), std::string::npos);
    CAF_CHECK_EQUAL(each->read_until("\r\n\r\n"), "event: tree\r\nid: 1\r\ndata: " + tree_json() + "\r\n\r\n");
  }
  version = 2;
  CAF_CHECK_EQUAL(one.read_until("\r\n\r\n"), "event: tree\r\nid: 2\r\ndata: " + tree_json() + "\r\n\r\n");
  two.close();
  version = 3;
  CAF_CHECK_EQUAL(one.read_until("\r\n\r\n"), "event: tree\r\nid: 3\r\ndata: " + tree_json() + "\r\n\r\n");
}

CAF_TEST(subscribers get what has changed in the tree without a version and nothing where nothing has) {
  config.patience.heartbeat = 200ms;
  listen();
  auto one = connect();
  one.send(get("/tree/events"));
  one.read_until("data: ");
  one.read_until("\r\n\r\n");
  padding = 3; // as the depths of mailboxes
  CAF_CHECK_EQUAL(one.read_until("\r\n\r\n"), "event: tree\r\nid: 1\r\ndata: " + tree_json() + "\r\n\r\n");
  CAF_CHECK_EQUAL(one.read_until("\r\n\r\n"), ": heartbeat\r\n\r\n");
}

CAF_TEST(a silent stream has heartbeats) {
  config.patience.heartbeat = 20ms;
  listen();
  auto one = connect();
  one.send(get("/tree/events"));
  one.read_until("data: ");
  one.read_until("\r\n\r\n");
  CAF_CHECK_EQUAL(one.read_until("\r\n\r\n"), ": heartbeat\r\n\r\n");
  CAF_CHECK_EQUAL(one.read_until("\r\n\r\n"), ": heartbeat\r\n\r\n");
}

CAF_TEST(the tree is looked at for changes only for subscribers) {
  std::atomic<std::uint64_t> looks{0};
  ports.tree_version = [&] { return ++looks, std::uint64_t{1}; };
  listen();
  CAF_CHECK_EQUAL(ask(get("/tree")).status, 200U);
  CAF_CHECK_EQUAL(looks.load(), 0U);
  auto one = connect();
  one.send(get("/tree/events"));
  one.read_until("data: ");
  while (looks < 3)
    std::this_thread::yield();
}

CAF_TEST(subscribers beyond the bound are refused and those before them are served) {
  config.bounds.subscribers = 1;
  listen();
  auto one = connect();
  one.send(get("/tree/events"));
  one.read_until("data: ");
  const auto refused = ask(get("/tree/events"));
  CAF_CHECK_EQUAL(refused.status, 503U);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_refused_total", "reason=stream_bound"), 1);
  version = 2;
  CAF_CHECK_NOT_EQUAL(one.read_until("id: 2\r\n").find("id: 2"), std::string::npos);
}

CAF_TEST(a subscriber that does not read is dropped) {
  config.patience.write = 50ms;
  padding = 32'000'000;
  listen();
  auto deaf = connect();
  deaf.send(get("/tree/events"));
  CAF_CHECK(watcher->reaches("troupe_http_subscribers_dropped_total", "", 1));
  CAF_CHECK_EQUAL(ask(get("/nothing")).status, 404U);
}

CAF_TEST(an event source that throws keeps its subscribers) {
  std::atomic<bool> broken{false};
  ports.tree_version = [&]() -> std::uint64_t {
    if (broken)
      throw std::runtime_error("broken");
    return version;
  };
  listen();
  auto one = connect();
  one.send(get("/tree/events"));
  one.read_until("id: 1");
  broken = true;
  CAF_CHECK(watcher->reaches("log", "", 2));
  version = 2;
  broken = false;
  CAF_CHECK_NOT_EQUAL(one.read_until("id: 2\r\n").find("id: 2"), std::string::npos);
}

CAF_TEST(draining ends the streams) {
  listen();
  auto one = connect();
  one.send(get("/tree/events"));
  one.read_until("data: ");
  served->drain(50ms);
  one.read_all();
  one.close();
  CAF_CHECK(served->drain(patience));
}

CAF_TEST(a page of dead letters holds everything but large payloads) {
  listen();
  const auto answer = ask(get("/dead-letters?source=service%2Dd&after=6&limit=2"));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(seen->at(0), "service-d/6/2");
  CAF_CHECK_EQUAL(answer.body,
                  R"({"dead_letters":[{"number":"7",)" + std::string{facts}
                    + R"("id":"message-7","key":"k","content_type":"text/plain","headers":[{"name":"author","value":"me"}],)"
                    + R"("payload_bytes":4,"payload":"text"},{"number":"9",)" + facts
                    + R"("id":"message-9","key":"k","content_type":"text/plain","headers":[{"name":"author","value":"me"}],)"
                    + R"("payload_bytes":9000}],"next":"9"})");
  CAF_CHECK_EQUAL(ask(get("/dead-letters")).status, 200U);
  CAF_CHECK_EQUAL(seen->at(1), "/0/100");
  CAF_CHECK_EQUAL(ask(get("/dead-letters?source=empty")).body, R"({"dead_letters":[]})");
}

CAF_TEST(one dead letter is shown with its bytes) {
  listen();
  const auto answer = ask(get("/dead-letters/8"));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.body,
                  R"({"number":"8",)" + std::string{facts} + R"("id":"message-8","key":"k","content_type":"text/plain",)"
                    + R"("trace":"00000000000000000000000000000001","headers":[{"name":"author","value":"me"}],)"
                    + R"("payload_bytes":1,"payload_base64":"/w=="})");
  CAF_CHECK_EQUAL(ask(get("/dead-letters/404")).status, 404U);
}

CAF_TEST(dead letters are sent back by what the body says) {
  listen();
  const auto answer =
    ask(request("POST", "/dead-letters/redrive", R"({"source":"service-d","number":8,"limit":3})", json_type));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.body, R"({"redriven":5})");
  CAF_CHECK_EQUAL(seen->at(0), "service-d/8/3");
  CAF_CHECK_EQUAL(ask(request("POST", "/dead-letters/redrive", "{}", json_type)).status, 200U);
  CAF_CHECK_EQUAL(seen->at(1), "/-/100");
  CAF_CHECK_EQUAL(ask(request("POST", "/dead-letters/redrive", R"({"numbers":[9,"9007199254740993"]})", json_type)).status,
                  200U);
  CAF_CHECK_EQUAL(seen->at(2), "/9007199254740993/100");
  std::string thousand = R"({"numbers":[9000000000000000000)";
  for (std::int64_t number = 1; number < 1000; ++number)
    thousand += ",90000000000000" + std::to_string(10'000 + number);
  CAF_CHECK_EQUAL(ask(request("POST", "/dead-letters/redrive", thousand + "]}", json_type)).status, 200U);
  const auto many = ask(request("POST", "/dead-letters/redrive", thousand + ",1]}", json_type));
  CAF_CHECK_EQUAL(many.status, 400U);
  CAF_CHECK(many.body.find("numbers is a list of 1 to 1000 numbers") != std::string::npos);
}

CAF_TEST(malformed questions about dead letters are refused) {
  listen();
  for (const auto* const target :
       {"/dead-letters?after=x", "/dead-letters?limit=0", "/dead-letters?limit=1001", "/dead-letters?limit=-1",
        "/dead-letters?source=%zz", "/dead-letters/x", "/dead-letters/-1", "/dead-letters/99999999999999999999"})
    CAF_CHECK_EQUAL(ask(get(target)).status, 400U);
  for (const auto* const body :
       {"", "[]", "{", R"({"source":1})", R"({"number":"one"})", R"({"number":"-1"})", R"({"number":-1})", R"({"limit":0})",
        R"({"limit":1.5})", R"({"nubmer":1})", R"({"numbers":1})", R"({"numbers":[]})", R"({"numbers":[1,"2 "]})",
        R"({"numbers":[-1]})", "{} x"})
    CAF_CHECK_EQUAL(ask(request("POST", "/dead-letters/redrive", body, json_type)).status, 400U);
  CAF_CHECK(seen->empty());
}

CAF_TEST(the log level is shown and set and a name that is none changes nothing) {
  std::string level = "info";
  ports.log_level = [&] { return level; };
  ports.set_log_level = [&](std::string_view wanted) -> expected<void> {
    if (wanted == "loud")
      return failure{errc::invalid, "unknown log level"};
    level = wanted;
    return {};
  };
  listen();
  CAF_CHECK_EQUAL(ask(get("/log-level")).body, R"({"level":"info"})");
  const auto answer = ask(request("PUT", "/log-level", R"({"level":"debug"})", json_type));
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.body, R"({"level":"debug"})");
  for (const auto* const body : {"", "[]", "{}", R"({"level":1})", R"({"level":"loud"})", R"({"level":"warning","x":1})"})
    CAF_CHECK_EQUAL(ask(request("PUT", "/log-level", body, json_type)).status, 400U);
  CAF_CHECK_EQUAL(ask(request("PUT", "/log-level", R"({"level":"warning"})")).status, 415U);
  CAF_CHECK_EQUAL(ask(request("POST", "/log-level", R"({"level":"warning"})", json_type)).status, 405U);
  CAF_CHECK_EQUAL(level, "debug");
  served.reset();
}

CAF_TEST(a form that a page could send without asking is refused) {
  listen();
  CAF_CHECK_EQUAL(ask(request("POST", "/dead-letters/redrive", "{}", "Content-Type: text/plain\r\n")).status, 415U);
  CAF_CHECK_EQUAL(ask(request("POST", "/dead-letters/redrive", "{}")).status, 415U);
  const auto foreign = ask(
    request("POST", "/dead-letters/redrive", "{}", "Content-Type: application/json\r\nOrigin: https://evil.example\r\n"));
  CAF_CHECK_EQUAL(foreign.status, 403U);
  CAF_CHECK(seen->empty());
  const auto own = ask(request("POST", "/dead-letters/redrive", "{}",
                               "Content-Type: application/json; charset=utf-8\r\nOrigin: http://localhost\r\n"));
  CAF_CHECK_EQUAL(own.status, 200U);
}

CAF_TEST(only its own names are answered) {
  config.allowed_hosts = {"admin.example"};
  listen();
  const auto with_host = [this](const std::string& host) {
    return ask("GET /tree HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  for (const auto* const host : {"localhost", "LOCALHOST:8081", "127.0.0.1", "127.0.0.1:1", "[::1]:8081", "admin.example"})
    CAF_CHECK_EQUAL(with_host(host), 200U);
  for (const auto* const host : {"evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "0"})
    CAF_CHECK_EQUAL(with_host(host), 403U);
  CAF_CHECK_EQUAL(ask("GET http://evil.example/tree HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 403U);
  CAF_CHECK_EQUAL(ask("GET /tree HTTP/1.0\r\n\r\n").status, 403U);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_refused_total", "reason=foreign_host"), 6);
}

CAF_TEST(with a token any Host is answered unless some are listed) {
  config.token = secret{"swordfish"};
  const auto with_host = [this](const std::string& host) {
    return ask("GET /tree HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer swordfish\r\n\r\n").status;
  };
  listen();
  for (const auto* const host : {"10.0.0.7:8081", "admin.example", "localhost"})
    CAF_CHECK_EQUAL(with_host(host), 200U);
  CAF_CHECK_EQUAL(ask("GET /tree HTTP/1.0\r\nAuthorization: Bearer swordfish\r\n\r\n").status, 200U);
  CAF_CHECK_EQUAL(ask("GET /tree HTTP/1.1\r\nHost: admin.example\r\n\r\n").status, 401U);
  CAF_CHECK_EQUAL(ask(get("/tree", "Authorization: Bearer swordfish\r\nOrigin: https://evil.example\r\n")).status, 403U);
  CAF_CHECK_EQUAL(ask(get("/tree", "Authorization: Bearer swordfish\r\nOrigin: https://localhost\r\n")).status, 200U);
  served.reset();
  config.allowed_hosts = {"admin.example"};
  listen();
  CAF_CHECK_EQUAL(with_host("admin.example:8081"), 200U);
  CAF_CHECK_EQUAL(with_host("10.0.0.7"), 403U);
}

CAF_TEST(probes are answered under any Host and without a token) {
  config.token = secret{"swordfish"};
  config.allowed_hosts = {"admin.example"};
  ports.liveness = [] { return http::health_report{}; };
  ports.readiness = [] { return http::health_report{{{"store", http::health_check::standing::failing, ""}}}; };
  listen();
  CAF_CHECK_EQUAL(ask("GET /livez HTTP/1.1\r\nHost: 10.0.0.7:8081\r\n\r\n").status, 200U);
  CAF_CHECK_EQUAL(ask("GET /readyz HTTP/1.1\r\nHost: 10.0.0.7:8081\r\n\r\n").status, 503U);
  CAF_CHECK_EQUAL(ask("GET /tree HTTP/1.1\r\nHost: 10.0.0.7:8081\r\n\r\n").status, 403U);
}

CAF_TEST(an operator is answered though others hold every connection) {
  config.bounds.connections = 2;
  config.bounds.reserved = 1;
  listen();
  auto first = connect();
  auto second = connect();
  CAF_CHECK(watcher->reaches("troupe_http_connections", "administration", 2));
  for (int count = 0; count < 3; ++count) {
    auto silent = connect(); // gives way to the next
    const auto answer = ask(get("/tree"));
    CAF_CHECK_EQUAL(answer.status, 200U);
    CAF_CHECK_EQUAL(answer.header("connection"), "close");
  }
}

CAF_TEST(a token is asked for where one is set) {
  config.token = secret{"swordfish"};
  listen();
  const auto refused = ask(get("/tree"));
  CAF_CHECK_EQUAL(refused.status, 401U);
  CAF_CHECK_EQUAL(refused.header("www-authenticate"), "Bearer");
  CAF_CHECK(refused.body.find("TROUPE_ADMIN_TOKEN") != std::string::npos); // says what to do
  CAF_CHECK_EQUAL(ask(get("/tree", "Authorization: Bearer swordfis\r\n")).status, 401U);
  CAF_CHECK_EQUAL(ask(get("/tree", "Authorization: Bearer swordfishes\r\n")).status, 401U);
  CAF_CHECK_EQUAL(ask(get("/tree", "Authorization: Basic swordfish\r\n")).status, 401U);
  CAF_CHECK_EQUAL(ask(get("/tree", "Authorization: bearer swordfish\r\n")).status, 200U);
}

CAF_TEST(the files of the page are answered without the token under names of its own) {
  config.token = secret{"swordfish"};
  config.allowed_hosts = {"admin.example"};
  ports.routes = http::page_routes({{"index.html", "a", "<p>"}}, {{"/", "index.html"}});
  listen();
  for (const std::string path : {"/", "/ui/index.html"}) {
    CAF_CHECK_EQUAL(ask(get(path)).status, 200U);
    CAF_CHECK_EQUAL(ask("GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 403U);
  }
  for (const auto* const path : {"/tree", "/ui", "//", "/ui/../tree", "/nothing"})
    CAF_CHECK_EQUAL(ask(get(path)).status, path == std::string_view{"/ui/../tree"} ? 404U : 401U);
}

CAF_TEST(without a token it listens only where nobody else can reach it) {
  for (const auto* const address : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    config.listen.address = address;
    CAF_CHECK(validate(config).empty());
  }
  for (const auto* const address : {"0.0.0.0", "::", "192.0.2.1", "127.0.0.1.example", "1270.0.0.1"}) {
    config.listen.address = address;
    CAF_CHECK_EQUAL(validate(config).size(), 1U);
  }
  config.listen.address = "0.0.0.0";
  CAF_CHECK_EQUAL(http::administration::listen(config, ports).error().code, errc::invalid);
  config.token = secret{"swordfish"};
  CAF_CHECK(validate(config).empty());
  listen();
  CAF_CHECK_EQUAL(served->local().address, "0.0.0.0");
}

CAF_TEST(the keeper of dead letters dying in the middle of a request fails it at once) {
  listen();
  ask_to_end(keeper, caf::exit_reason::kill);
  CAF_CHECK_EQUAL(ask(get("/dead-letters")).status, 503U);
}

CAF_TEST(the command line asks and gets what the listener answers) {
  config.token = secret{"swordfish"};
  listen();
  const auto tree = http::call(served->local(), http::method::get, "/tree", {}, patience, config.token);
  CAF_REQUIRE(tree);
  CAF_CHECK_EQUAL(tree->status, 200U);
  CAF_CHECK_EQUAL(tree->body, tree_json());
  CAF_CHECK_EQUAL(tree->content_type, "application/json; charset=utf-8");
  const auto sent = http::call(served->local(), http::method::post, "/dead-letters/redrive", "{}", patience, config.token);
  CAF_REQUIRE(sent);
  CAF_CHECK_EQUAL(sent->body, R"({"redriven":5})");
  const auto refused = http::call(served->local(), http::method::get, "/tree", {}, patience);
  CAF_REQUIRE(refused);
  CAF_CHECK_EQUAL(refused->status, 401U);
}

CAF_TEST(the command line reports when nobody listens and when nobody answers) {
  listen();
  const auto gone = served->local();
  served.reset();
  const auto nobody = http::call(gone, http::method::get, "/tree", {}, patience);
  CAF_REQUIRE(!nobody);
  CAF_CHECK_EQUAL(nobody.error().code, errc::not_sent);
  CAF_CHECK_EQUAL(nobody.error().reason, to_string(gone) + ": Connection refused");
  ports.dead_letters = spawn_supervised<dead_letters_actor, silent_keeper>(unsupervised(system, "store/silent"));
  listen();
  const auto silence = http::call(served->local(), http::method::get, "/dead-letters", {}, 20ms);
  CAF_REQUIRE(!silence);
  CAF_CHECK_EQUAL(silence.error().code, errc::deadline_exceeded);
  ask_to_end(ports.dead_letters, caf::exit_reason::user_shutdown);
}

CAF_TEST_FIXTURE_SCOPE_END()
