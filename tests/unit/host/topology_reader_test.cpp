#define CAF_SUITE topology_reader

#include <troupe_test/suite.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <troupe/deploy/host/topology/topology_reader.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>

#include "reading.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using namespace troupe::reference;

namespace {

using lines = std::vector<std::string>;

lines mistakes(const std::string& text) {
  diagnostics found;
  topology into;
  read_topology("f", text, troupe_test::platform(), into, found);
  return found.lines();
}

topology valid(const std::string& text) {
  diagnostics found;
  topology into;
  read_topology("f", text, troupe_test::platform(), into, found);
  CAF_CHECK_EQUAL(found.lines(), lines{});
  return into;
}

/// The mistakes of one service's map.
lines of_service(const std::string& map) {
  return mistakes("services: {a: " + map + "}");
}

} // namespace

CAF_TEST(a setting remembers where it was given) {
  const auto read = valid("services:\n  a:\n    greeter: {greeting: Hi}\n");
  const auto& greeter = *greeter_of(read.services.at(0));
  CAF_CHECK_EQUAL(greeter.greeting, "Hi");
  CAF_CHECK_EQUAL(to_string(greeter.source(greeter.greeting)), "f:3:25");
  CAF_CHECK_EQUAL(to_string(greeter.source(greeter.deadline)), "default");
}

CAF_TEST(an item begins with the defaults of its file and keeps their position) {
  const auto read = valid("services:\n"
                          "  a:\n"
                          "    producers: [{to: q, every: 1s}, {to: q}]\n"
                          "defaults:\n"
                          "  producer: {every: 10s, batch: 7}\n");
  const auto& producers = read.services.at(0).producers;
  CAF_CHECK(producers.at(0).every == troupe::duration{1s});
  CAF_CHECK(producers.at(1).every == troupe::duration{10s});
  CAF_CHECK_EQUAL(producers.at(0).batch, 7U);
  CAF_CHECK_EQUAL(to_string(producers.at(1).source(producers.at(1).every)), "f:5:21");
}

CAF_TEST(anchors may be kept under keys of the author) {
  const auto read = valid("x-common: &retry {attempts: 9}\n"
                          "services:\n"
                          "  a:\n"
                          "    consumers: [{from: q, retry: *retry}, {from: q, retry: *retry}]\n");
  CAF_CHECK_EQUAL(read.services.at(0).consumers.at(1).retry.in_place.attempts, 9U);
}

CAF_TEST(an unknown key is reported with the known ones and the nearest) {
  CAF_CHECK_EQUAL(mistakes("servces: {}\n"),
                  lines{"f:1:1: unknown key \"servces\"; expected \"defaults\", \"services\", \"streams\", \"queues\" or "
                        "\"node\"; did you mean \"services\"?"});
}

CAF_TEST(every mistake is reported at once) {
  const auto found = mistakes("services:\n"
                              "  a:\n"
                              "    greeter: {greting: Hi, deadline: 5x}\n"
                              "    producers: {to: q}\n"
                              "    consumers: [from]\n"
                              "streams:\n"
                              "  s: {partitions: 0}\n"
                              "node: {http: here}\n");
  CAF_REQUIRE_EQUAL(found.size(), 6U);
  CAF_CHECK(found[0].starts_with("f:3:15: unknown key \"greting\";"));
  CAF_CHECK_EQUAL(found[1],
                  "f:3:38: \"5x\" is not allowed here; expected a whole number with ms, s, min, h or d, such as 200ms, "
                  "5s or 5min");
  CAF_CHECK_EQUAL(found[2], "f:4:16: a map is not allowed here; expected a list of maps, each beginning with \"- \"");
  CAF_CHECK_EQUAL(found[3], "f:5:17: a value is not allowed here; expected a map of keys and values");
  CAF_CHECK_EQUAL(found[4], "f:7:19: \"0\" is not allowed here; expected 1 to 1024");
  CAF_CHECK(found[5].starts_with("f:8:14: \"here\" is not allowed here; expected ADDRESS:PORT"));
}

CAF_TEST(a value of the wrong shape is reported) {
  CAF_CHECK_EQUAL(of_service("{greeter: {greeting: [x]}}"),
                  lines{"f:1:36: a list is not allowed here; expected a text of 1 to 1024 bytes in UTF-8"});
  CAF_CHECK_EQUAL(of_service("{greeter: {deadline: }}").size(), 1U);
  CAF_CHECK_EQUAL(of_service("{greeter: {calls: {b: c}}}"),
                  lines{"f:1:33: a map is not allowed here; expected a list of values, such as [a, b]"});
  CAF_CHECK_EQUAL(of_service("[]"), lines{"f:1:15: a list is not allowed here; expected a map of keys and values"});
}

CAF_TEST(a value beyond its bounds is reported with them) {
  CAF_CHECK_EQUAL(of_service("{supervision: {jitter: 1.5}}"), lines{"f:1:38: \"1.5\" is not allowed here; expected 0 to 1"});
  CAF_CHECK_EQUAL(of_service("{producers: [{every: 25h}]}"),
                  lines{"f:1:36: \"25h\" is not allowed here; expected 0s to 1d"});
  CAF_CHECK_EQUAL(mistakes("services: {a: {gateway: b}}\nstreams: {s: {keep-size: 1B}}"),
                  lines{"f:2:26: \"1B\" is not allowed here; expected 1MiB to 16TiB"});
  CAF_CHECK_EQUAL(mistakes("services: {a: {gateway: b}}\nstreams: {s: {keep-for: forever}}").size(), 1U);
}

CAF_TEST(a word that is no choice is reported with the nearest) {
  CAF_CHECK_EQUAL(
    of_service("{supervision: {strategy: one_for_one}}"),
    lines{"f:1:40: \"one_for_one\" is not allowed here; expected one-for-one, one-for-all or rest-for-one; did you "
          "mean \"one-for-one\"?"});
}

CAF_TEST(a bad name is reported) {
  CAF_CHECK(
    mistakes("services: {Service_A: {gateway: b}}").at(0).starts_with("f:1:12: \"Service_A\" cannot be a name here"));
  CAF_CHECK(mistakes("services: {a: {gateway: b}}\nqueues: {a b: }").at(0).starts_with("f:2:10: \"a b\" cannot be"));
}

CAF_TEST(a secret in a topology is refused and not repeated) {
  const auto found = mistakes("services: {a: {gateway: b}}\nnode: {admin-token: hunter2}");
  CAF_CHECK_EQUAL(found, lines{"f:2:21: this is not allowed here; expected env:NAME or file:/PATH"});
}

CAF_TEST(a file that is no topology is reported) {
  CAF_CHECK_EQUAL(mistakes(""), lines{"f:1:1: this is not a topology; expected a map with \"services\""});
  CAF_CHECK_EQUAL(mistakes("- a\n"), lines{"f:1:1: this is not a topology; expected a map with \"services\""});
  CAF_CHECK_EQUAL(mistakes("queues: {q: }\n"),
                  lines{"f:1:1: this has no services; expected at least one below \"services\""});
}

CAF_TEST(a list of one may be written without brackets and an empty one as none) {
  const auto read =
    valid("services: {a: {greeter: {calls: b}, consumers: [{retry: {delayed: none}}, {retry: {delayed: 1s}}]}}");
  CAF_CHECK_EQUAL(greeter_of(read.services.at(0))->calls.at(0).name, "b");
  CAF_CHECK(read.services.at(0).consumers.at(0).retry.redelivery.delays.empty());
  CAF_CHECK_EQUAL(read.services.at(0).consumers.at(1).retry.redelivery.delays.size(), 1U);
}

CAF_TEST(two files make one topology) {
  diagnostics found;
  topology into;
  read_topology("one", "services: {a: {gateway: b}}\nnode: {log-level: debug}", troupe_test::platform(), into, found);
  read_topology("two", "services: {b: {greeter: {greeting: Hi}}}\nnode: {store: sqlite}", troupe_test::platform(), into,
                found);
  CAF_CHECK_EQUAL(found.lines(), lines{});
  CAF_CHECK_EQUAL(into.services.size(), 2U);
  CAF_CHECK_EQUAL(to_string(into.node.source(into.node.level)), "one:2:19");
  CAF_CHECK_EQUAL(to_string(into.node.source(into.node.store)), "two:2:15");
}

CAF_TEST(what two files both give is reported with both positions) {
  diagnostics found;
  topology into;
  read_topology("one", "services: {a: {gateway: a}}\nqueues: {q: }\nnode: {log-level: debug}", troupe_test::platform(), into,
                found);
  read_topology("two", "services: {a: {gateway: a}}\nqueues: {q: }\nnode: {log-level: debug}", troupe_test::platform(), into,
                found);
  CAF_CHECK_EQUAL(found.lines(),
                  (lines{"two:1:12: \"a\" is also in one:1:12; expected a name of its own",
                         "two:2:10: \"q\" is also in one:2:10; expected a name of its own",
                         "two:3:19: \"log-level\" is given in one:3:19 too; expected it in one of the files"}));
}
