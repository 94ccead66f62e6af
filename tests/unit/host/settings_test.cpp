#define CAF_SUITE settings

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "platform_settings.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using namespace troupe::reference;
using namespace troupe_test;
using troupe::endpoint;

CAF_TEST(an option beats a variable and a variable beats the file and the file beats the default) {
  const auto level = [](const reading& result) {
    CAF_REQUIRE_EQUAL(result.mistakes, lines{});
    const auto& node = result.got->settings.node;
    return text_form<log_level>::print(node.level) + " by " + to_string(node.source(node.level));
  };
  CAF_CHECK_EQUAL(level(configured("services: {a: {greeter: {greeting: Hi}}}")), "info by default");
  CAF_CHECK_EQUAL(level(all({})), "debug by t.yaml:8:19");
  CAF_CHECK_EQUAL(level(all({{"LOG_LEVEL", "WARN"}})), "warning by environment LOG_LEVEL");
  CAF_CHECK_EQUAL(level(all({{"LOG_LEVEL", "WARN"}}, {.log_level = "error"})), "error by flag --log-level");
}

CAF_TEST(a variable of one service applies when one service runs) {
  const auto a = one("service-a", {{"GREETING", "Howdy!"}, {"SERVICE_NAME", "The A"}, {"PORT", ":9090"}});
  CAF_CHECK_EQUAL(greeter_of(service(a, "service-a"))->greeting, "Howdy!");
  const auto& greeter = *greeter_of(service(a, "service-a"));
  CAF_CHECK_EQUAL(to_string(greeter.source(greeter.greeting)), "environment GREETING");
  CAF_CHECK_EQUAL(greeter_of(a.got->plan.services.at(0))->name.value(), "The A");
  CAF_CHECK(a.got->plan.node.edge.listen == (endpoint{"::", 9090}));
  CAF_CHECK(one("service-a", {{"PORT", "9090"}}).got->plan.node.edge.listen == (endpoint{"::", 9090}));
}

CAF_TEST(a variable of one service is refused while several run and the form of one is named) {
  CAF_CHECK_EQUAL(all({{"GREETING", "x"}}).mistakes,
                  lines{"environment: GREETING: this means one service, and 4 run in this process; expected the form of one "
                        "service, such as SERVICE_A_GREETING, or --service with one name"});
  CAF_CHECK_EQUAL(all({{"MSG_FREQ", "1"}}).mistakes,
                  lines{"environment: MSG_FREQ: this means one service, and 4 run in this process; expected the form of one "
                        "service, such as DEMO_A_MSG_FREQ, or --service with one name"});
  CAF_CHECK_EQUAL(
    all({{"PORT", "x"}, {"GROUP", "x"}, {"TOPIC1", "x"}, {"TOPIC2", "x"}, {"QUEUE_NAME", "x"}, {"SERVICE_NAME", "x"}})
      .mistakes.size(),
    6U);
}

CAF_TEST(the form with a service as its prefix always applies) {
  const auto result =
    all({{"SERVICE_B_GREETING", "Howdy!"}, {"DEMO_B_MSG_FREQ", "3"}, {"DEMO_A_GROUP", "mine"}, {"SERVICE_A_PORT", "81"}});
  CAF_CHECK_EQUAL(greeter_of(service(result, "service-b"))->greeting, "Howdy!");
  CAF_CHECK_EQUAL(greeter_of(service(result, "service-a"))->greeting, "Hello");
  CAF_CHECK(service(result, "demo-b").producers.at(0).every == troupe::duration{3s});
  CAF_CHECK_EQUAL(*service(result, "demo-a").consumers.at(0).group, "mine");
  CAF_CHECK(result.got->plan.node.edge.listen == (endpoint{"::", 81}));
  CAF_CHECK_EQUAL(greeter_of(service(one("service-a", {{"SERVICE_A_GREETING", "x"}}), "service-a"))->greeting, "x");
}

CAF_TEST(ports that disagree are reported) {
  CAF_CHECK_EQUAL(all({{"SERVICE_A_PORT", "81"}, {"SERVICE_B_PORT", "82"}}).mistakes,
                  lines{"environment: SERVICE_B_PORT: the services of a process share one port, and SERVICE_A_PORT asks for "
                        "another; expected one of the two"});
  CAF_CHECK_EQUAL(all({{"SERVICE_A_PORT", "81"}, {"SERVICE_B_PORT", ":81"}}).mistakes, lines{});
}

CAF_TEST(a variable can name a queue or stream that no file declares) {
  const auto queue = one("service-a", {{"QUEUE_NAME", "service-d.greeting"}});
  CAF_REQUIRE_EQUAL(queue.mistakes, lines{});
  CAF_CHECK_EQUAL(greeter_of(queue.got->plan.services.at(0))->publish.value(), "service-d.greeting");
  CAF_CHECK_EQUAL(queue.got->plan.queues.at(0).name, "service-d.greeting");

  const auto streams = one("demo-a", {{"TOPIC1", "new.topic"}, {"TOPIC2", "foo"}});
  CAF_REQUIRE_EQUAL(streams.mistakes, lines{});
  CAF_CHECK_EQUAL(streams.got->plan.services.at(0).producers.at(0).to, "new.topic");
  CAF_CHECK_EQUAL(streams.got->plan.services.at(0).consumers.at(0).from, "foo");
  CAF_REQUIRE_EQUAL(streams.got->plan.streams.size(), 2U);
  CAF_CHECK_EQUAL(streams.got->plan.streams.at(1).name, "new.topic");
  CAF_CHECK_EQUAL(streams.got->plan.streams.at(1).partitions, 5U); // as the stream in whose place it stands
}

CAF_TEST(a bad value of a variable is reported under its name) {
  CAF_CHECK_EQUAL(
    one("demo-a", {{"MSG_FREQ", "0"}}).first(),
    "environment: MSG_FREQ: \"0\" is not a number of seconds; expected a whole number of seconds from 1 to 86400");
  CAF_CHECK_EQUAL(one("service-a", {{"PORT", ":http"}}).first(),
                  "environment: PORT: \":http\" is not a port; expected a number from 0 to 65535, such as 8080 or :8080");
  CAF_CHECK_EQUAL(one("service-a", {{"PORT", "65536"}}).mistakes.size(), 1U);
  CAF_CHECK_EQUAL(all({{"LOG_LEVEL", "verbose"}}).mistakes.size(), 1U);
  CAF_CHECK_EQUAL(all({{"ALLOWED_ORIGINS", "https://ok, nonsense"}}).first(),
                  "environment: ALLOWED_ORIGINS: \"nonsense\" is not allowed here; expected * or an origin such as "
                  "https://ui.example.org or https://*.example.org");
}

CAF_TEST(a text of a variable that is no UTF 8 is refused as in a file) {
  CAF_CHECK_EQUAL(one("service-a", {{"GREETING", "Gr\xfc\xdf"}}).first(),
                  "environment: GREETING: \"Gr��\" is not allowed here; expected a text of 1 to 1024 bytes in UTF-8");
  CAF_CHECK_EQUAL(one("service-a", {{"GREETING", "Grüß"}}).mistakes, lines{});
}

CAF_TEST(an origin that no browser sends is refused with the form that it would send) {
  for (const auto& [listed, right] : std::vector<std::pair<std::string, std::string>>{
         {"https://UI.example.org", "https://ui.example.org"},
         {"https://ui.example.org/app", "https://ui.example.org"},
         {"https://ui.example.org:443", "https://ui.example.org"},
         {"http://ui.example.org:80/", "http://ui.example.org"},
       }) {
    const auto result = all({{"ALLOWED_ORIGINS", listed}});
    CAF_REQUIRE_EQUAL(result.mistakes.size(), 1U);
    CAF_CHECK(result.first().ends_with("did you mean \"" + right + "\"?"));
  }
  CAF_CHECK_EQUAL(all({{"ALLOWED_ORIGINS", "https://*.example.org, *"}}).mistakes, lines{});
}

CAF_TEST(hosts of the administration are names and addresses without a port) {
  CAF_CHECK_EQUAL(all({{"TROUPE_ADMIN_HOSTS", "admin.example, 10.0.0.7, fd00::1"}}).mistakes, lines{});
  for (const auto* const wrong : {"admin.example:8081", "https://admin.example", "*", "[::1]"})
    CAF_CHECK_EQUAL(all({{"TROUPE_ADMIN_HOSTS", wrong}}).mistakes.size(), 1U);
}

CAF_TEST(origins are words between commas) {
  const auto result = all({{"ALLOWED_ORIGINS", " https://a.example , https://b.example,"}});
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  CAF_CHECK_EQUAL(result.got->plan.node.edge.allowed_origins, (lines{"https://a.example", "https://b.example"}));
}

CAF_TEST(the address of a service of another process may be a variable) {
  const auto calling = "services: {a: {greeter: {greeting: Hi, calls: b}}, b: {address: \"x:1\", greeter: {greeting: Hi}}}";
  const auto result = configured(calling, {.services = {"a"}}, {{"B_URL", "http://b"}});
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  CAF_CHECK_EQUAL(result.got->plan.peers.at(0).address.target, "b");
  CAF_CHECK(notes(configured(calling, {}, {{"B_URL", "b:50051"}}), "B_URL is set and not used: b runs in this process"));
  CAF_CHECK(configured(calling, {.services = {"a"}}, {{"B_URL", "b"}})
              .first()
              .starts_with("environment: B_URL: \"b\" is not allowed here; expected HOST:PORT"));
}

CAF_TEST(the port of a service of the gRPC platforms is that of gRPC) {
  const auto grpc = "services: {a: {greeter: {greeting: Hi, form: grpc}}, b: {greeter: {greeting: Hi}}}\n"
                    "node: {grpc: {without-tls: anywhere}}\n";
  const auto result = configured(grpc, {.services = {"a"}}, {{"PORT", ":50052"}});
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  CAF_CHECK(result.got->plan.node.grpc.listen == (endpoint{"::", 50052}));
  CAF_CHECK(result.got->plan.node.edge.listen == (endpoint{"127.0.0.1", 8080}));
}

CAF_TEST(one switch lets a service of the platform stand among those of a reference platform) {
  const auto queued = "services:\n"
                      "  a: {address: 'grpc://a:50051', greeter: {greeting: Hi, calls: [d]}}\n"
                      "  d: {address: 'dns:///d:50051', greeter: {greeting: Hi, publish: q, store: d.c}}\n"
                      "  f: {greeter: {greeting: Hi}, consumers: [{from: q, store: f.m}]}\n"
                      "  g: {consumers: [{from: q, store: g.m}]}\n"
                      "queues: {q: }\n";
  const auto grpc = configured(queued, {.services = {"a", "f", "g"}, .own = {{"reference", "grpc"}}});
  CAF_REQUIRE_EQUAL(grpc.mistakes, lines{});
  const auto& theirs = grpc.got->plan;
  CAF_CHECK(theirs.queues.at(0).follows == compatibility::reference);
  CAF_CHECK(platform_grpc_of(theirs.node).package == troupe::grpc::package::greeting_v3);
  CAF_CHECK(theirs.node.edge.array_order == troupe::greeting_order::pre_order);
  CAF_CHECK(form_of(theirs.node, theirs.services.at(1)) == troupe::document_form::grpc);
  CAF_CHECK(form_of(theirs.node, theirs.services.at(2)) == troupe::document_form::grpc);
  CAF_CHECK(theirs.peers.at(0).kind == troupe::policies::callee::any);
  CAF_CHECK(theirs.peers.at(0).address.how == peer_address::scheme::grpc);
  const auto d = configured(queued, {.services = {"d"}}, {{"TROUPE_REFERENCE", "grpc"}});
  CAF_CHECK(greeter_of(d.got->plan.services.at(0))->form == troupe::document_form::grpc);
  CAF_CHECK(greeter_of(d.got->plan.services.at(0))->keep == kept_greeting::callers);

  const auto http = configured(queued + std::string{"node: {reference: http}\n"}, {.services = {"a", "f"}});
  CAF_REQUIRE_EQUAL(http.mistakes, lines{});
  CAF_CHECK(http.got->plan.queues.at(0).follows == compatibility::reference);
  CAF_CHECK(http.got->plan.node.edge.array_order == troupe::greeting_order::post_order);
  CAF_CHECK(form_of(http.got->plan.node, http.got->plan.services.at(1)) == troupe::document_form::http);
  CAF_CHECK(http.got->plan.peers.at(0).address == (peer_address{peer_address::scheme::http, "d:8080", {}}));
}

CAF_TEST(host names that greetings have are sent to other processes) {
  const auto package = [](const std::string& parts, const std::string& node = {}) {
    const auto got = configured("services:\n  a: {" + parts + "greeter: {greeting: Hi, tell-hostname: true}}\n" + node);
    CAF_REQUIRE_EQUAL(got.mistakes, lines{});
    return platform_grpc_of(got.got->plan.node).package;
  };
  using troupe::grpc::package;
  CAF_CHECK(package({}) == package::greeting_v3);
  CAF_CHECK(package({}, "node: {grpc: {package: greeting}}\n") == package::greeting);
  CAF_CHECK(package("peer: reference, ") == package::greeting);
  CAF_CHECK(package({}, "node: {reference: http}\n") == package::greeting);
  CAF_CHECK(platform_grpc_of(configured("services: {a: {greeter: {greeting: Hi}}}\n").got->plan.node).package
            == package::greeting);
}

CAF_TEST(what a file says goes before the defaults of a reference platform) {
  const auto got = configured("services:\n"
                              "  a: {peer: troupe, greeter: {greeting: Hi, form: http, store: a.b, keep: own, publish: q}}\n"
                              "queues: {q: {compatibility: troupe}}\n"
                              "node: {reference: grpc, grpc: {package: greeting}}\n");
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  CAF_CHECK(got.got->plan.queues.at(0).follows == compatibility::troupe);
  CAF_CHECK(platform_grpc_of(got.got->plan.node).package == troupe::grpc::package::greeting);
  CAF_CHECK(form_of(got.got->plan.node, got.got->plan.services.at(0)) == troupe::document_form::http);
  CAF_CHECK(greeter_of(got.got->plan.services.at(0))->keep == kept_greeting::own);
}

CAF_TEST(an address in a variable is called with its own protocol on every platform) {
  const auto got = configured("services: {a: {greeter: {greeting: Hi, calls: [b]}}, b: {greeter: {greeting: Hi}}}\n",
                              {.services = {"a"}, .own = {{"reference", "http"}}}, {{"B_URL", "grpc://b:1"}});
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  CAF_CHECK(got.got->plan.peers.at(0).address.how == peer_address::scheme::grpc);
}

CAF_TEST(line ends behind a variable are no part of its value) {
  const auto result = configured("services: {a: {greeter: {greeting: Hi, store: d.c}}}\nnode: {admin: '0.0.0.0:1'}\n", {},
                                 {{"TROUPE_ADMIN_TOKEN", "swordfish\n"},
                                  {"TROUPE_HTTP", "127.0.0.1:90\r\n"},
                                  {"ALLOWED_ORIGINS", "https://ui.example.org\n"},
                                  {"MONGO_CONN", "mongodb://user:word@host\n"},
                                  {"GREETING", "Howdy\n"}});
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  const auto& plan = result.got->plan;
  CAF_CHECK_EQUAL(plan.node.admin.token.reveal(), "swordfish");
  CAF_CHECK_EQUAL(plan.node.edge.listen.port, 90);
  CAF_CHECK_EQUAL(plan.node.edge.allowed_origins, lines{"https://ui.example.org"});
  CAF_CHECK_EQUAL(plan.services.at(0).document_server->shown, "mongodb://***@host");
  CAF_CHECK_EQUAL(greeter_of(plan.services.at(0))->greeting, "Howdy");
  CAF_CHECK_EQUAL(
    configured("services: {a: {greeter: {greeting: Hi}}}\nnode: {admin-token: 'env:TOKEN'}\n", {}, {{"TOKEN", "\n"}})
      .first(),
    "t.yaml:2:21: the secret is empty in env:TOKEN; expected a secret there");
}

CAF_TEST(a variable that no service reads is noted) {
  CAF_CHECK(notes(all({{"AWS_REGION", "us-east-1"}}), "AWS_REGION is set and not used: nothing that runs is kept by AWS"));
  CAF_CHECK(
    notes(one("service-a", {{"GROUP", "users"}}), "GROUP is set and not used: no service that runs has such a setting"));
  CAF_CHECK(notes(all({{"SERVICE_A_GREETIN", "x"}}),
                  "SERVICE_A_GREETIN is set and not known; did you mean \"SERVICE_A_GREETING\"?"));
  CAF_CHECK(notes(all({{"SERVICE_A_GROUP", "x"}}), "SERVICE_A_GROUP is set and not used: service-a has no such setting"));
  CAF_CHECK(notes(all({{"SERVICE_B_URL", "x"}}), "SERVICE_B_URL is set and not used: no service that runs calls service-b"));
}

CAF_TEST(the variables of a service that does not run change nothing) {
  const auto result = one("service-a", {{"SERVICE_B_GREETING", "x"}, {"DEMO_A_MSG_FREQ", "nonsense"}});
  CAF_CHECK_EQUAL(greeter_of(service(result, "service-b"))->greeting, "Hi");
}

CAF_TEST(the variables that Kubernetes makes for its services change nothing) {
  const auto result = all({{"SERVICE_A_PORT", "tcp://10.0.0.1:8080"},
                           {"SERVICE_A_SERVICE_PORT", "8080"},
                           {"SERVICE_A_SERVICE_HOST", "10.0.0.1"},
                           {"SERVICE_A_PORT_8080_TCP_ADDR", "10.0.0.1"}});
  CAF_CHECK_EQUAL(service(result, "service-a").name, "service-a");
  CAF_CHECK_EQUAL(result.got->notes, lines{});
  CAF_CHECK(result.got->plan.node.edge.listen == (endpoint{"127.0.0.1", 8080}));
}

CAF_TEST(an empty variable is none) {
  const auto result =
    all({{"GREETING", ""}, {"PORT", ""}, {"MONGO_CONN", ""}, {"LOG_LEVEL", ""}, {"SERVICE_A_GREETING", ""}});
  CAF_CHECK_EQUAL(greeter_of(service(result, "service-a"))->greeting, "Hello");
}

CAF_TEST(a bad option is reported under its name) {
  const auto result =
    all({}, {.services = {"service-x"}, .http = "here", .admin = "there", .data = "", .log_level = "loud"});
  CAF_REQUIRE_EQUAL(result.mistakes.size(), 5U);
  CAF_CHECK_EQUAL(result.mistakes.at(0),
                  "command line: --service: there is no service \"service-x\"; expected service-a, service-b, "
                  "demo-a or demo-b; did you mean \"service-a\"?");
  CAF_CHECK(result.mistakes.at(1).starts_with("command line: --http: \"here\" is not allowed here; expected ADDRESS:PORT"));
}

CAF_TEST(data is kept in the folder that is given or else in the state folder of unit or user) {
  const auto folder = [](variables given, const process_options& options = {}) {
    return all(std::move(given), options).got->plan.node.data;
  };
  CAF_CHECK_EQUAL(folder({}), "/home/operator/.local/state/troupe");
  CAF_CHECK_EQUAL(folder({{"XDG_STATE_HOME", "/state"}}), "/state/troupe");
  CAF_CHECK_EQUAL(folder({{"XDG_STATE_HOME", "relative"}}), "/home/operator/.local/state/troupe");
  CAF_CHECK_EQUAL(folder({{"STATE_DIRECTORY", "/var/lib/troupe:/other"}, {"XDG_STATE_HOME", "/state"}}), "/var/lib/troupe");
  CAF_CHECK_EQUAL(folder({{"TROUPE_DATA", "/data"}, {"XDG_STATE_HOME", "/state"}}), "/data");
  CAF_CHECK_EQUAL(folder({{"TROUPE_DATA", "/data"}}, {.data = "./here"}), "./here");
  CAF_CHECK_EQUAL(all({{"HOME", ""}}).first(),
                  "command line: --data: there is no folder to keep data in: neither XDG_STATE_HOME "
                  "nor HOME is set; expected --data DIR or TROUPE_DATA");
}

CAF_TEST(a command about a process needs no settings of its services) {
  diagnostics found;
  const auto got = locate_program(
    {{"t.yaml", small_platform}}, troupe_test::platform(), {.admin = "127.0.0.1:9"},
    troupe_test::around({{"GREETING", "x"}, {"MONGO_CONN", "y"}, {"RABBITMQ_CONN", "z"}, {"TROUPE_DATA", "/d"}}), found);
  CAF_CHECK_EQUAL(found.lines(), lines{});
  CAF_REQUIRE(got);
  CAF_CHECK(got->admin == (endpoint{"127.0.0.1", 9}));
  CAF_CHECK_EQUAL(got->data, "/d");
}

CAF_TEST(a command about dead letters learns which streams Kafka carries and its addresses) {
  diagnostics found;
  const auto got = locate_program({{"t.yaml", "services: {a: {producers: [{to: s}, {to: t}]}}\n"
                                              "streams: {s: {}, t: {via: embedded}}\n"}},
                                  troupe_test::platform(), {},
                                  troupe_test::around({{"KAFKA_BROKERS", "one:9092"}, {"TROUPE_DATA", "/d"}}), found);
  CAF_CHECK_EQUAL(found.lines(), lines{});
  CAF_REQUIRE(got && got->kafka);
  CAF_CHECK_EQUAL(got->kafka_streams, (lines{"s"}));
  CAF_CHECK_EQUAL(got->kafka->brokers, (lines{"one:9092"}));
}
