#define CAF_SUITE code

#include <troupe_test/suite.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/host/time_zone.hpp>
#include <troupe/deploy/host/topology/check.hpp>
#include <troupe/deploy/host/topology/settings_report.hpp>

#include "code_fixture.hpp"

using namespace troupe_test::host_code;

namespace {

void pass(const PlaceOrder& /*order*/, delivery_context& /*at*/) {}

struct hasty {
  static constexpr auto line = __LINE__ + 1;
  explicit hasty(troupe::service_context& context) : orders(context.publishes<PlaceOrder>("ordres")) {}
  void operator()(troupe::timer_context& /*at*/) const {}
  troupe::channel_publisher<PlaceOrder> orders;
};

struct weighing {
  explicit weighing(troupe::service_context& context)
    : limit(context.setting("limit", 10, troupe::settings::between{1, 100}, "a cart's capacity")),
      patience(context.setting("patience", 5s, troupe::settings::between<troupe::duration>{1s, 1h})),
      unit(context.setting("unit", "kg", troupe::settings::one_of{"kg", "lb"})),
      exact(context.setting("exact", false)) {}
  void operator()(troupe::timer_context& /*at*/) const {}
  int limit;
  troupe::duration patience;
  std::string unit;
  bool exact;
};

struct asked {
  static constexpr auto where = troupe::source_location::current();

  explicit asked(const troupe::service_context& context) {
    const troupe::settings::anything any;
    const troupe::settings::between range{1, 100};
    static_cast<void>(context.setting("Bad Name", 1, any, {}, where));
    static_cast<void>(context.setting("limit", 0, range, {}, where));
    static_cast<void>(context.setting("limit", 5, any, {}, where));
  }
};

struct franking {
  static constexpr auto line = __LINE__ + 2;
  explicit franking(const troupe::service_context& context)
    : key(context.setting<troupe::secret>("api-key", "of the carrier")),
      proxy(context.setting<std::optional<troupe::secret>>("proxy-password")) {}
  void operator()(troupe::timer_context& /*at*/) const {}
  troupe::secret key;
  std::optional<troupe::secret> proxy;
};

/// What an incarnation of the service is made with.
franking made_with(const service_topology& service) {
  troupe::service_links links;
  links.settings = part_of(service).given_settings();
  links.secrets = part_of(service).secrets();
  return franking{troupe::service_context{service.name, std::move(links)}};
}

struct unready : stock {
  unready() { throw std::runtime_error("no scales"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(code_tests, code_fixture)

CAF_TEST(without a topology all services of the code run on channels of the data folder) {
  const auto got = configured({});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  const auto& plan = got->plan;
  CAF_CHECK_EQUAL(got->running, (lines{"stock", "till", "archive"}));
  CAF_REQUIRE_EQUAL(plan.streams.size(), 1U);
  CAF_CHECK_EQUAL(plan.streams.front().name, "orders");
  CAF_CHECK(plan.streams.front().via == transport::embedded);
  CAF_CHECK_EQUAL(actors(plan, "stock"), lines{"troupe_test.shop.Stock"});
  CAF_CHECK_EQUAL(actors(plan, "till"), (lines{"publish-orders", "timer"}));
  CAF_CHECK_EQUAL(actors(plan, "archive"), (lines{"store", "consumer-handler", "consumer", "consumer-subscription"}));
  CAF_CHECK_EQUAL(plan.services.at(2).consumers.at(0).group.value(), "archive");
  CAF_CHECK_EQUAL(plan.edge_services, lines{"stock"});
  CAF_CHECK(!plan.serves_grpc);
  CAF_CHECK_EQUAL(*plan.node.data, "/home/operator/.local/state/shop");
  const auto report = check_report(*got, code_extension{code});
  CAF_CHECK(report.find("timer, every 1s, calls stock") != std::string::npos);
  CAF_CHECK(report.find("greet") == std::string::npos);
}

CAF_TEST(a topology may say of the process alone what differs) {
  const auto got = configured({"node: {log-level: debug}\n"});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_CHECK(got && got->plan.services.size() == 3);
}

CAF_TEST(the topology says what carries a channel and how its consumer consumes) {
  const auto got = configured({"services:\n"
                               "  stock: {}\n"
                               "  till: {}\n"
                               "  archive: {consumers: [{from: orders, name: ear, timeout: 7s, group: g}]}\n"
                               "streams: {orders: {partitions: 9, encoding: json}}\n"});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  const auto& consumer = got->plan.services.at(2).consumers.at(0);
  CAF_CHECK(consumer.code == std::size_t{0});
  CAF_CHECK(consumer.timeout == troupe::duration{7s});
  CAF_CHECK_EQUAL(consumer.group.value(), "g");
  CAF_CHECK_EQUAL(actors(got->plan, "archive"), (lines{"store", "ear-handler", "ear", "ear-subscription"}));
  CAF_CHECK_EQUAL(got->plan.streams.at(0).partitions, 9U);
  CAF_CHECK(configured({std::string{services} + "queues: {orders: }\n"}));
}

CAF_TEST(what only one of code and topology names is reported with the nearest name of the other) {
  CAF_CHECK_EQUAL(
    wrong("services: {stok: {}, till: {}, archive: {}}\n"),
    (lines{"t.yaml:1:12: shop has no service \"stok\"; expected stock, till or archive, or an \"address\" of a "
           "service of another program; did you mean \"stock\"?",
           place
             + "stock: the topology has no service \"stock\"; expected one below \"services\"; did you "
               "mean \"stok\"?"}));
  CAF_CHECK_EQUAL(
    wrong(std::string{services} + "streams: {ordes: }\n"),
    (lines{"t.yaml:5:11: no service of shop uses the stream \"ordes\"; expected a channel of the code; did you "
           "mean \"orders\"?",
           place
             + "till: there is no stream or queue \"orders\"; expected a name below \"streams\" or "
               "\"queues\"; did you mean \"ordes\"?",
           place
             + "archive: there is no stream or queue \"orders\"; expected a name below \"streams\" or "
               "\"queues\"; did you mean \"ordes\"?"}));
}

CAF_TEST(without a topology a channel that is published to by a misspelt name is reported) {
  code.services.erase(code.services.begin() + 1);
  add_using<troupe::publishes<PlaceOrder, "ordres">>("clerk");
  configured({});
  CAF_CHECK_EQUAL(mistakes,
                  lines{place
                        + "clerk: it publishes to \"ordres\", which no service consumes; expected a channel that is "
                          "consumed, or a topology that has \"ordres\"; did you mean \"orders\"?"});
  code.services.pop_back();
  add_using<troupe::publishes<PlaceOrder, "audit">>("clerk");
  CAF_CHECK(configured({}));
}

CAF_TEST(a gateway is no service of code) {
  CAF_CHECK_EQUAL(wrong("services: {stock: {}, till: {gateway: stock}, archive: {}}\n"),
                  lines{"t.yaml:1:39: shop has no gateways; expected no \"gateway\""});
}

CAF_TEST(a call of a service that nobody has or that serves no contract is reported) {
  add_using<troupe::calls<stock_client, "stok">>("clerk");
  configured({});
  CAF_CHECK_EQUAL(mistakes, lines{place
                                  + "clerk: there is no service \"stok\"; expected a service that has a contract; did "
                                    "you mean \"stock\"?"});
  code.services.pop_back();
  add_using<troupe::calls<orders_client, "stock">>("clerk");
  configured({});
  CAF_CHECK_EQUAL(mistakes, lines{place
                                  + "clerk: it calls troupe_test.shop.Orders of \"stock\", which does not serve it; "
                                    "expected a contract that is registered there by serves"});
}

CAF_TEST(a service of another program is called at its address and does not run here) {
  add_using<troupe::calls<orders_client, "orders">>("clerk");
  const auto got = configured({"services: {stock: {}, till: {}, archive: {}, clerk: {}, orders: {address: \"o:1\"}}\n"});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(got->running, (lines{"stock", "till", "archive", "clerk"}));
  CAF_REQUIRE_EQUAL(got->plan.peers.size(), 1U);
  CAF_CHECK_EQUAL(got->plan.peers.front().name, "orders");
}

CAF_TEST(a part of the services calls the others at their addresses) {
  const std::string text = "services: {stock: {address: \"s:1\"}, till: {}, archive: {}}\n";
  const auto till = configured({text}, {.services = {"till"}});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(till);
  CAF_CHECK_EQUAL(till->plan.peers.front().name, "stock");
  CAF_CHECK(!till->plan.serves_grpc);
  const auto stock = configured({text}, {.services = {"stock"}});
  CAF_REQUIRE(stock);
  CAF_CHECK(stock->plan.serves_grpc);
  CAF_CHECK(wrong(services, {.services = {"till"}}).at(0).find("--service stock too") != std::string::npos);
}

CAF_TEST(a contract without routes is not called over HTTP and one with routes is) {
  add_using<troupe::calls<orders_client, "desk">>("clerk");
  const std::string rest = ", till: {}, archive: {}, clerk: {}, desk: {address: \"http://d:1/shop\"}}\n";
  CAF_CHECK_EQUAL(wrong("services: {stock: {address: \"https://s:1\"}" + rest, {.services = {"till", "clerk"}}),
                  lines{place
                        + "till: it calls troupe_test.shop.Stock of \"stock\" at https://s:1: no method of "
                          "troupe_test.shop.Stock has a google.api.http option; expected routes in its file, or a gRPC "
                          "address"});
  CAF_CHECK(configured({"services: {stock: {address: \"s:1\"}" + rest}, {.services = {"till", "clerk"}}));
}

CAF_TEST(a class that cannot be made to say what it uses is reported with its place and its reason) {
  add("broken").serves<unready>(troupe::interleaving::allowed, here);
  configured({});
  CAF_CHECK_EQUAL(mistakes, lines{place
                                  + "broken: troupe_test.shop.Stock cannot be made: no scales; expected a constructor "
                                    "that can run at any time: it only takes what it uses from its context"});
}

CAF_TEST(a name that a class uses is reported at the place where its constructor asks for it) {
  add("hasty").every<hasty>(1s);
  CAF_CHECK_EQUAL(wrong(std::string{services} + "  hasty: {}\nstreams: {orders: }\n").back(),
                  "code_test.cpp:" + std::to_string(hasty::line)
                    + ": service hasty: there is no stream or queue \"ordres\"; expected a name below \"streams\" or "
                      "\"queues\"; did you mean \"orders\"?");
}

CAF_TEST(settings of the code have their values and sources from topology and environment and default) {
  add("scales").every<weighing>(1s);
  const auto text = std::string{services} + "  scales: {settings: {limit: 20, patience: 2min}}\nstreams: {orders: }\n";
  const auto got = configured({text}, {}, {{"SCALES_UNIT", "lb"}});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(part_of(got->plan.services.back()).given_settings(),
                  (std::map<std::string, std::string, std::less<>>{{"limit", "20"}, {"patience", "2min"}, {"unit", "lb"}}));
  diagnostics found;
  CAF_CHECK_EQUAL(settings_report(*got, explanation::full, "services.scales.settings", found),
                  "\n  service scales\n"
                  "    settings.limit     20     t.yaml:5:30\n"
                  "        allowed: 1 to 100\n"
                  "        default: 10\n"
                  "        reason: a cart's capacity\n"
                  "    settings.patience  2min   t.yaml:5:44\n"
                  "        allowed: 1s to 1h\n"
                  "        default: 5s\n"
                  "    settings.unit      lb     environment SCALES_UNIT\n"
                  "        allowed: kg or lb\n"
                  "        default: kg\n"
                  "    settings.exact     false  default\n"
                  "        allowed: true or false\n");
}

CAF_TEST(a setting that the code does not have or allow is reported with its place) {
  add("scales").every<weighing>(1s);
  CAF_CHECK_EQUAL(
    wrong(std::string{services} + "  scales: {settings: {limit: 200, patence: 2min, patience: 3, exact: yes}}\n"),
    (lines{"t.yaml:5:30: \"200\" is not allowed here; expected 1 to 100",
           "t.yaml:5:35: the code has no setting \"patence\"; expected limit, patience, unit or exact; did you "
           "mean \"patience\"?",
           "t.yaml:5:60: \"3\" is not allowed here; expected a whole number with ms, s, min, h or d, such as "
           "200ms, 5s or 5min",
           "t.yaml:5:70: \"yes\" is not allowed here; expected true or false"}));
  CAF_CHECK(!configured({}, {}, {{"SCALES_UNIT", "lbs"}}));
  CAF_CHECK_EQUAL(mistakes,
                  lines{"environment: SCALES_UNIT: \"lbs\" is not allowed here; expected kg or lb; did you mean \"lb\"?"});
  CAF_CHECK_EQUAL(
    wrong(std::string{services} + "  scales: {}\n  far: {address: \"f:1\", settings: {limit: 2}}\n"),
    lines{"t.yaml:6:35: the settings of a service of another program are not here; expected \"settings\" in the "
          "topology of its program"});
}

CAF_TEST(a secret of the code is read from a variable or a mounted file and never shown) {
  add("post").every<franking>(1s);
  mounted["/run/secrets/proxy"] = "{\"password\": \"open\"}\n";
  const auto text = std::string{services}
                    + "  post: {settings: {proxy-password: \"file:/run/secrets/proxy#password\"}}\nstreams: {orders: }\n";
  const auto got = configured({text}, {}, {{"POST_API_KEY", "sesame\n"}});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  const auto made = made_with(got->plan.services.back());
  CAF_CHECK_EQUAL(made.key.reveal(), "sesame");
  CAF_CHECK_EQUAL(made.proxy.value().reveal(), "open");
  diagnostics found;
  CAF_CHECK_EQUAL(settings_report(*got, explanation::full, "services.post.settings", found),
                  "\n  service post\n"
                  "    settings.api-key         env:POST_API_KEY                  environment POST_API_KEY\n"
                  "        allowed: env:NAME or file:/PATH\n"
                  "        reason: of the carrier\n"
                  "    settings.proxy-password  file:/run/secrets/proxy#password  t.yaml:5:37\n"
                  "        allowed: env:NAME or file:/PATH\n"
                  "        default: none\n");
  CAF_CHECK(check_report(*got, code_extension{code}).find("sesame") == std::string::npos);
}

CAF_TEST(a secret may be left out where it is optional and is asked of the service that runs alone) {
  add("post").every<franking>(1s);
  const auto got = configured({}, {}, {{"POST_API_KEY", "sesame"}});
  CAF_REQUIRE(got);
  CAF_CHECK(!made_with(got->plan.services.back()).proxy);
  CAF_CHECK(configured({}, {.services = {"archive"}}));
}

CAF_TEST(a secret that is missing or cannot be read is reported and not quoted) {
  add("post").every<franking>(1s);
  configured({});
  CAF_CHECK_EQUAL(mistakes,
                  lines{"code_test.cpp:" + std::to_string(franking::line)
                        + ": service post: the secret \"api-key\" is missing; expected POST_API_KEY in the "
                          "environment, or in the topology env:NAME or file:/PATH at services.post.settings.api-key"});
  const auto written = [this](const std::string& value) {
    return wrong(std::string{services} + "  post: {settings: {api-key: \"" + value + "\"}}\nstreams: {orders: }\n").at(0);
  };
  CAF_CHECK_EQUAL(written("sesame"), "t.yaml:5:30: this is not allowed here; expected env:NAME or file:/PATH");
  CAF_CHECK_EQUAL(written("aws-ssm:key").substr(0, 38), "t.yaml:5:30: this is not allowed here;");
  CAF_CHECK_EQUAL(
    written("file:/nowhere"),
    "t.yaml:5:30: the secret could not be read: there is no such file; expected a readable file of at most 64 KiB");
  CAF_CHECK_EQUAL(written("env:NOBODY"), "t.yaml:5:30: the secret is empty in env:NOBODY; expected a secret there");
}

CAF_TEST(no secret is read for a command that runs no service) {
  add("post").every<franking>(1s);
  const auto node = "node: {admin-token: 'file:/nowhere', traces: {headers: 'file:/nowhere'}}\n";
  CAF_CHECK_EQUAL(wrong(node).size(), 3U);
  secrets = secrets_read::none;
  CAF_CHECK(configured({node}));
  CAF_CHECK_EQUAL(mistakes, lines{});
}

CAF_TEST(settings of the code have no defaults in a topology) {
  CAF_CHECK_EQUAL(wrong("defaults: {settings: {limit: 2}}\n" + std::string{services} + "streams: {orders: }\n"),
                  lines{"t.yaml:1:12: unknown key \"settings\"; expected \"producer\", \"consumer\" or \"supervision\""});
}

CAF_TEST(settings of code that contradict themselves are reported at their places) {
  add("scales").every(
    1s, [](troupe::timer_context& /*at*/, const asked& /*wrong*/) {}, here);
  configured({});
  CAF_REQUIRE_EQUAL(mistakes.size(), 3U);
  const auto at = "code_test.cpp:" + std::to_string(asked::where.line()) + ": service scales: ";
  CAF_CHECK_EQUAL(mistakes.at(0).substr(0, mistakes.at(0).find(';')), at + "\"Bad Name\" cannot be the name of a setting");
  CAF_CHECK_EQUAL(mistakes.at(1), at + "the default of \"limit\" is 0; expected 1 to 100");
  CAF_CHECK_EQUAL(mistakes.at(2),
                  at + "the setting \"limit\" has another default or range elsewhere; expected the same at each place");
}

CAF_TEST(schedules are read at start) {
  const auto nothing_to_do = [](troupe::timer_context& /*at*/) {};
  add("clock").cron("0 25 * * *", nothing_to_do, "UTC", here).cron("0 2 * * *", nothing_to_do, "Europe/Nowhere", here);
  configured({});
  CAF_CHECK_EQUAL(
    mistakes, (lines{place
                       + "clock: \"0 25 * * *\" is no time of cron: its hour has \"25\"; expected *, 0 to 23, ranges and "
                         "lists of those, and steps as in */5",
                     place
                       + "clock: there is no time zone \"Europe/Nowhere\"; expected \"UTC\", or one of the time zone "
                         "database of the system (tzdata), such as \"Europe/Berlin\""}));
  code.services.pop_back();
  add("clock").cron("30 2 * * MON-FRI", nothing_to_do, "Europe/Berlin");
  const auto got = configured({});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  CAF_CHECK(check_report(*got, code_extension{code}).find("timer, cron 30 2 * * MON-FRI Europe/Berlin")
            != std::string::npos);
}

CAF_TEST(a zone of the system has its summer time) {
  const auto berlin = zone_named("Europe/Berlin").value();
  const auto schedule = troupe::policies::cron::parse("30 2 * * *").value();
  const auto due_after = [&](const std::string& text) {
    return troupe::to_rfc3339(troupe::policies::next_due(schedule, berlin, troupe::parse_timestamp(text).value()));
  };
  CAF_CHECK_EQUAL(due_after("2026-01-01T00:00:00Z"), "2026-01-01T01:30:00Z");
  CAF_CHECK_EQUAL(due_after("2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z");
  CAF_CHECK_EQUAL(due_after("2026-07-01T00:00:00Z"), "2026-07-01T00:30:00Z");
  CAF_CHECK_EQUAL(due_after("2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
  CAF_CHECK_EQUAL(due_after("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
  CAF_CHECK(!zone_named(""));
  CAF_CHECK(!zone_named("../etc/passwd"));
}

CAF_TEST(checks and steps have names of their own) {
  const auto check = [](troupe::timer_context& /*at*/) {};
  add("scales")
    .healthy("level", check, here)
    .healthy("level", check, here)
    .step(
      "Warm up", [] {}, {}, here);
  configured({});
  CAF_CHECK_EQUAL(mistakes.size(), 2U);
  CAF_CHECK_EQUAL(mistakes.at(0), place + "scales: it has the health check \"level\" twice; expected a name of its own");
  CAF_CHECK_EQUAL(mistakes.at(1).find(place + "scales: \"Warm up\" cannot be the name of a step"), 0U);
}

CAF_TEST(mistakes of the code itself are reported at start) {
  add("Bad Name").consumes("orders", pass).consumes("orders", pass);
  add("other").every(1s, nothing<troupe::publishes<Reservation, "orders">>).serves<stock>().serves<stock>();
  configured({});
  CAF_CHECK_EQUAL(mistakes.size(), 4U);
  const auto has = [this](const std::string& part) {
    return std::ranges::any_of(mistakes, [&](const std::string& line) { return line.find(part) != std::string::npos; });
  };
  CAF_CHECK(has("\"Bad Name\" cannot be the name of a service"));
  CAF_CHECK(has("it consumes from \"orders\" twice"));
  CAF_CHECK(has("it publishes to \"orders\" messages of troupe_test.shop.Reservation, and till has "
                "troupe_test.shop.PlaceOrder there"));
  CAF_CHECK(has("it serves troupe_test.shop.Stock twice"));
  code.services.clear();
  configured({});
  CAF_CHECK_EQUAL(mistakes, lines{"code: program shop: it has no services; expected at least one"});
}

CAF_TEST_FIXTURE_SCOPE_END()
