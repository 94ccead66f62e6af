#define CAF_SUITE check

#include <troupe_test/suite.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <troupe/deploy/host/topology/check.hpp>

#include "reading.hpp"

using namespace troupe::host;
using troupe_test::configured;
using lines = std::vector<std::string>;

namespace {

std::string golden(const std::string& name) {
  std::ifstream stream{std::string{TROUPE_GOLDEN_FOLDER} + '/' + name};
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// One of everything.
constexpr auto platform = R"(services:
  shop:
    greeter: {greeting: Welcome!, calls: [till], publish: orders, store: shop.greetings}
  till:
    greeter: {name: The Till, greeting: Ka-ching!, tell-hostname: true}
  books:
    producers:
      - {to: ledger, every: 10s}
    consumers:
      - {from: orders, store: books.orders}
      - {name: auditor, from: ledger, group: audit, retry: {delayed: none}}
  door:
    gateway: shop
streams:
  ledger: {partitions: 1, keep-size: none}
queues:
  orders:
  returns:
)";

} // namespace

CAF_TEST(the plan is printed with actors and bridges and every setting with its source) {
  const auto got = configured(platform, {.http = "0.0.0.0:80", .data = "/var/lib/troupe"},
                              {{"LOG_LEVEL", "debug"}, {"BOOKS_MSG_FREQ", "3"}, {"AWS_REGION", "us-east-1"}});
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  CAF_CHECK_EQUAL(check_report(*got.got, troupe_test::platform()), golden("check.txt"));
}

CAF_TEST(the settings are also printed as JSON with the kind and the place of each source) {
  const auto got = configured(platform, {.http = "0.0.0.0:80"}, {{"BOOKS_MSG_FREQ", "3"}, {"TROUPE_ADMIN_TOKEN", "hush"}});
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  const auto text = settings_json(*got.got);
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  CAF_CHECK(text.starts_with(R"({"settings":[{"name":"node.)") && text.ends_with("]}"));
  CAF_CHECK(has(R"({"name":"node.http","value":"0.0.0.0:80","source":"flag","place":"--http","default":"127.0.0.1:8080",)"));
  CAF_CHECK(
    has(R"({"name":"services.books.producers[0].every","value":"3s","source":"environment","place":"BOOKS_MSG_FREQ",)"));
  CAF_CHECK(has(R"({"name":"streams.ledger.partitions","value":"1","source":"file","place":"t.yaml:15:24","default":"3",)"
                R"("range":"1 to 1024","reason":"as the Kafka demonstration has"})"));
  CAF_CHECK(has(R"({"name":"node.retry-failed","value":"30s","source":"default","place":null,"default":null,)"));
  CAF_CHECK(!has("hush"));
}

CAF_TEST(of each peer it is printed whether its calls are repeated) {
  const auto report =
    check_report(*configured("services:\n"
                             "  a: {greeter: {greeting: Hi, calls: [b, c]}}\n"
                             "  b: {address: \"https://b/api/ping\", peer: reference, greeter: {greeting: Hi}}\n"
                             "  c: {address: \"https://c/api/ping\", greeter: {greeting: Hi}}\n",
                             {.services = {"a"}})
                    .got,
                 troupe_test::platform());
  CAF_CHECK_NOT_EQUAL(report.find("calls to b at https://b/api/ping, repeated only where they were not sent\n"),
                      std::string::npos);
  CAF_CHECK_NOT_EQUAL(report.find("calls to c at https://c/api/ping\n"), std::string::npos);
}

CAF_TEST(an explained setting has its allowed values and its default and the reason for it) {
  const auto got = configured(platform, {}, {{"BOOKS_MSG_FREQ", "3"}});
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  diagnostics none;
  CAF_CHECK_EQUAL(settings_report(*got.got, explanation::full, "services.books.producers[0].every", none),
                  "\n  service books\n"
                  "    producers[0].every  3s  environment BOOKS_MSG_FREQ\n"
                  "        allowed: 0s to 1d\n"
                  "        default: 1min\n"
                  "        reason: the Kafka demonstration's MSG_FREQ\n");
  CAF_CHECK_EQUAL(settings_report(*got.got, explanation::full, "streams.ledger.keep-", none),
                  "\n  stream ledger\n"
                  "    keep-for   7d    default\n"
                  "        allowed: 1s to 3650d, or none\n"
                  "        reason: Kafka's own default\n"
                  "    keep-size  none  t.yaml:15:38\n"
                  "        allowed: 1MiB to 16TiB, or none\n"
                  "        default: 1GiB\n"
                  "        reason: a laptop's disk is not filled unnoticed\n");
  CAF_CHECK_EQUAL(settings_report(*got.got, explanation::full, "node.kafka.encryption", none),
                  "\n  node\n"
                  "    kafka.encryption  tls  default\n"
                  "        allowed: tls or none\n"
                  "        reason: what crosses a network is encrypted, unless you say otherwise\n");
  CAF_CHECK_EQUAL(settings_report(*got.got, explanation::none, "node.shutdown.fl", none),
                  "\n  node\n    shutdown.flush  8s  default\n");
  CAF_CHECK(none.empty());
  const auto all = check_report(*got.got, troupe_test::platform(), explanation::full);
  CAF_CHECK_NOT_EQUAL(all.find("        reason: Kafka's own default\n"), std::string::npos);
}

CAF_TEST(a key that begins no setting is reported with the nearest) {
  diagnostics found;
  CAF_CHECK_EQUAL(settings_report(*configured(platform).got, explanation::none, "node.kafka.sesion", found), "");
  CAF_CHECK_EQUAL(found.lines(),
                  lines{"command line: --key: no setting begins with \"node.kafka.sesion\"; expected \"node\", "
                        "\"streams.NAME\", \"queues.NAME\" or \"services.NAME\", and the keys below; "
                        "did you mean \"node.kafka.session\"?"});
}

CAF_TEST(the text is the same every time) {
  CAF_CHECK_EQUAL(check_report(*configured(platform).got, troupe_test::platform()),
                  check_report(*configured(platform).got, troupe_test::platform()));
}

CAF_TEST(the server of a service is printed without the password) {
  const auto got = configured(
    platform, {}, {{"MONGO_CONN", "mongodb://user:hunter2@one"}, {"BOOKS_MONGO_CONN", "mongodb://u:hunter2@two"}});
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  const auto text = check_report(*got.got, troupe_test::platform());
  CAF_CHECK_EQUAL(text.find("hunter2"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("  store     documents of shop in mongodb, at mongodb://***@one\n"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("  store     documents of books in mongodb, at mongodb://***@two\n"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("env:BOOKS_MONGO_CONN"), std::string::npos);
}

CAF_TEST(retries that give up the order of their keys are printed) {
  const auto got = configured("services: {s: {consumers: [{from: t, group: g, retry: {delayed-in: topic}}]}}\n"
                              "streams: {t: {via: kafka}}\nnode: {kafka: {brokers: [\"127.0.0.1:1\"]}}\n");
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  const auto text = check_report(*got.got, troupe_test::platform());
  CAF_CHECK_NOT_EQUAL(
    text.find("  delayed retries of s's consumer in t.retry, after which a message comes behind later ones of "
              "its key\n"),
    std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("consumer-retries"), std::string::npos);
}

CAF_TEST(a secret does not stand in it) {
  const auto got = configured(platform, {}, {{"TROUPE_ADMIN_TOKEN", "hunter2"}});
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  const auto text = check_report(*got.got, troupe_test::platform());
  CAF_CHECK_EQUAL(text.find("hunter2"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("env:TROUPE_ADMIN_TOKEN"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("administration at 127.0.0.1:8081, with a token"), std::string::npos);
}
