#define CAF_SUITE topology_validation

#include <troupe_test/suite.hpp>

#include <string>
#include <vector>

#include "reading.hpp"

using troupe_test::configured;

namespace {

using lines = std::vector<std::string>;

lines mistakes(const std::string& text) {
  return configured(text).mistakes;
}

constexpr auto greeter_b = "  b: {greeter: {greeting: Hi}}\n";

} // namespace

CAF_TEST(a call to no service is reported with the nearest greeter) {
  CAF_CHECK_EQUAL(
    mistakes(std::string{"services:\n  a: {greeter: {greeting: Hi, calls: [c]}}\n"} + greeter_b),
    lines{"t.yaml:2:39: there is no service \"c\"; expected a service that has a greeter; did you mean \"b\"?"});
}

CAF_TEST(a gateway to a service without a greeter is reported) {
  CAF_CHECK_EQUAL(mistakes("services:\n  a: {gateway: b}\n  b: {producers: [{to: q}]}\nqueues: {q: }\n"),
                  lines{"t.yaml:2:16: \"b\" has no greeter to be called; expected a service that has one"});
}

CAF_TEST(a channel that does not exist is reported with the nearest) {
  CAF_CHECK_EQUAL(
    mistakes("services:\n  a: {greeter: {greeting: Hi, publish: order}}\nqueues: {orders: }\n"),
    lines{"t.yaml:2:40: there is no stream or queue \"order\"; expected a name below \"streams\" or \"queues\"; "
          "did you mean \"orders\"?"});
}

CAF_TEST(calls in a circle are reported at the call that closes it) {
  CAF_CHECK_EQUAL(mistakes("services:\n"
                           "  a: {greeter: {greeting: Hi, calls: [b]}}\n"
                           "  b: {greeter: {greeting: Hi, calls: [c]}}\n"
                           "  c: {greeter: {greeting: Hi, calls: [b]}}\n"),
                  lines{"t.yaml:4:39: calls go in a circle: b calls c calls b; expected calls that end somewhere"});
  CAF_CHECK_EQUAL(mistakes("services: {a: {greeter: {greeting: Hi, calls: a}}}"),
                  lines{"t.yaml:1:47: calls go in a circle: a calls a; expected calls that end somewhere"});
}

CAF_TEST(a diamond of calls is no circle) {
  CAF_CHECK_EQUAL(mistakes("services:\n"
                           "  a: {greeter: {greeting: Hi, calls: [b, c]}}\n"
                           "  b: {greeter: {greeting: Hi, calls: [d]}}\n"
                           "  c: {greeter: {greeting: Hi, calls: [d]}}\n"
                           "  d: {greeter: {greeting: Hi}}\n"),
                  lines{});
}

CAF_TEST(a long chain of calls is followed without recursion) {
  std::string text = "services:\n";
  for (int i = 0; i < 2000; ++i)
    text += "  s" + std::to_string(i) + ": {greeter: {greeting: Hi, calls: s" + std::to_string((i + 1) % 2000) + "}}\n";
  const auto found = mistakes(text);
  CAF_REQUIRE_EQUAL(found.size(), 1U);
  CAF_CHECK(found.front().starts_with("t.yaml:2001:"));
}

CAF_TEST(a service that is called twice is reported) {
  CAF_CHECK_EQUAL(mistakes(std::string{"services:\n  a: {greeter: {greeting: Hi, calls: [b, b]}}\n"} + greeter_b),
                  lines{"t.yaml:2:42: \"b\" is called twice; expected each service once"});
}

CAF_TEST(what follows from a key that was not understood is not reported as well) {
  CAF_CHECK_EQUAL(mistakes("services:\n  a: {gateway: b}\n  b: {greeeter: {greeting: Hi}}\n").size(), 1U);
}

CAF_TEST(what every part needs is reported when it is missing) {
  CAF_CHECK_EQUAL(mistakes("services:\n  a: {greeter: {}}\n  b: {}\n  c: {producers: [{}], consumers: [{}]}\n"),
                  (lines{"t.yaml:2:16: this greeter has no \"greeting\"; expected a text",
                         "t.yaml:3:3: \"b\" does nothing; expected a greeter, a gateway, producers or consumers in it",
                         "t.yaml:4:19: this producer has no \"to\"; expected a stream or a queue",
                         "t.yaml:4:36: this consumer has no \"from\"; expected a stream or a queue"}));
}

CAF_TEST(a consumer has a group exactly when it reads a stream) {
  CAF_CHECK_EQUAL(
    mistakes("services:\n"
             "  a: {consumers: [{from: s}]}\n"
             "  b: {consumers: [{from: q, group: g}]}\n"
             "streams: {s: }\n"
             "queues: {q: }\n"),
    (lines{"t.yaml:2:19: this consumer of a stream has no \"group\"; expected the name under which it keeps its "
           "offsets",
           "t.yaml:3:36: a consumer of a queue has no group; expected none, or a stream in \"from\""}));
}

CAF_TEST(a batch fits into the credit) {
  CAF_CHECK_EQUAL(mistakes("services: {a: {consumers: [{from: q, credit: 10}]}}\nqueues: {q: }\n"),
                  lines{"t.yaml:1:46: a batch of 100 exceeds the credit of 10; expected a batch of at most the credit"});
}

CAF_TEST(a stream and a queue do not share a name) {
  CAF_CHECK_EQUAL(mistakes("services: {a: {producers: [{to: x}]}}\nstreams: {x: }\nqueues: {x: }\n"),
                  lines{"t.yaml:2:11: \"x\" is a queue too, in t.yaml:3:10; expected a name of its own"});
}

CAF_TEST(what this build has not is refused with what it has) {
  CAF_CHECK_EQUAL(mistakes("services: {a: {producers: [{to: x}]}}\n"
                           "streams: {x: {via: amqp}}\n"
                           "queues: {y: {via: kafka}}\n"),
                  (lines{"t.yaml:2:20: \"amqp\" is not allowed here; expected embedded or kafka",
                         "t.yaml:3:19: \"kafka\" is not allowed here; expected embedded or amqp"}));
}

CAF_TEST(documents in mongodb want a connection string and a service that keeps some) {
  const std::string keeper = "services: {a: {greeter: {greeting: Hi, store: a.greetings}}}\n";
  CAF_CHECK_EQUAL(mistakes(keeper + "node: {store: mongodb}\n"),
                  lines{"t.yaml:2:15: mongodb keeps the documents of \"a\" and has no connection string; expected \"uri\" "
                        "below \"node.mongodb\", or MONGO_CONN"});
  CAF_CHECK_EQUAL(mistakes(keeper + "node: {store: mongodb, mongodb: {uri: 'env:X'}}\n"), lines{});
  CAF_CHECK_EQUAL(mistakes("services: {a: {mongodb: 'env:X', greeter: {greeting: Hi, store: a.greetings}}}\n"
                           "node: {store: mongodb}\n"),
                  lines{});
  CAF_CHECK_EQUAL(
    mistakes("services: {a: {mongodb: 'env:X', greeter: {greeting: Hi}}}\n"),
    lines{"t.yaml:1:25: \"a\" keeps no documents; expected \"store\" in its greeter or in one of its consumers"});
}

CAF_TEST(a topic that is read has a name that leaves room for those of its other topics) {
  const auto read = [](const std::string& name, const std::string& more) {
    return mistakes("services: {a: {producers: [{to: " + name + "}]" + more + "}}\nstreams: {" + name
                    + ": {via: kafka}}\nnode: {kafka: {brokers: 'b:9092'}}\n");
  };
  const std::string longest(245, 'n');
  const auto consumer = [](const std::string& name, const std::string& retry) {
    return ", consumers: [{group: g, retry: {" + retry + "}, from: " + name + "}]";
  };
  CAF_CHECK_EQUAL(read(longest, consumer(longest, "")), lines{});
  CAF_CHECK_EQUAL(read(longest + 'n', ""), lines{}); // which has no others
  const auto refused = [](const std::vector<std::string>& all, const std::string& most) {
    return all.size() == 1
           && all.front().ends_with(" leaves no room for the names of its other topics; expected at most " + most
                                    + " bytes");
  };
  CAF_CHECK(refused(read(longest + 'n', consumer(longest + 'n', "")), "245"));
  CAF_CHECK(refused(read(longest, consumer(longest, "delayed-in: topic")), "243"));
}

CAF_TEST(a queue of a broker has a name that brokers allow and a login that can be shown) {
  CAF_CHECK_EQUAL(
    mistakes("services: {a: {producers: [{to: amq.x}]}}\nqueues: {amq.x: {via: amqp}}\n"
             "node: {amqp: {url: 'env:U', mechanism: EXTERNAL, tls: {key: /k}}}\n"),
    (lines{"t.yaml:2:10: \"amq.x\" cannot be the name of a broker's queue; expected at most 225 bytes, which do "
           "not begin with \"amq.\"",
           "t.yaml:3:40: the mechanism EXTERNAL needs a certificate, and amqp.tls has none; expected "
           "\"certificate\" and \"key\" below \"node.amqp.tls\"",
           "t.yaml:3:61: amqp.tls has one of certificate and key; expected both or neither"}));
}

CAF_TEST(a stream on kafka needs brokers and one kind of credentials) {
  CAF_CHECK_EQUAL(mistakes("services: {a: {producers: [{to: x}]}}\nstreams: {x: {via: kafka}}\n"),
                  lines{"t.yaml:2:20: kafka carries \"x\" and has no brokers; expected \"brokers\" below \"node.kafka\", or "
                        "KAFKA_BROKERS"});
  CAF_CHECK_EQUAL(mistakes("services: {a: {producers: [{to: x}]}}\nstreams: {x: {via: kafka}}\n"
                           "node: {kafka: {brokers: b:1, credentials: 'env:C', username: u, password: 'env:P'}}\n")
                    .size(),
                  1u);
  CAF_CHECK_EQUAL(mistakes("services: {a: {producers: [{to: x}]}}\nstreams: {x: {via: kafka}}\n"
                           "node: {kafka: {brokers: b:1, username: u}}\n")
                    .size(),
                  1u);
}

CAF_TEST(actors of a service have distinct names) {
  CAF_CHECK_EQUAL(
    mistakes("services: {a: {producers: [{to: q, name: greeter}, {to: q, name: x}], consumers: [{from: q, name: x}]}}\n"
             "queues: {q: }\n"),
    (lines{"t.yaml:1:42: \"greeter\" is the name of another actor of \"a\"; expected a name of its own",
           "t.yaml:1:99: \"x\" is the name of another actor of \"a\"; expected a name of its own"}));
}

CAF_TEST(an actor has no name that the service gives to another one) {
  CAF_CHECK_EQUAL(mistakes("services:\n"
                           "  a: {producers: [{to: s, name: publish-q}, {to: q}], consumers: [{from: q, name: publish-s}]}\n"
                           "  b: {greeter: {greeting: Hi, publish: q}, consumers: [{from: q, name: publish-q}]}\n"
                           "  c: {consumers: [{from: q, name: x-logger}, {from: q, name: x}]}\n"
                           "  d: {consumers: [{from: q, name: y}, {from: q, name: y-subscription}]}\n"
                           "  e: {producers: [{to: q, name: z-recorder}], consumers: [{from: q, name: z, store: d.c}]}\n"
                           "streams: {s: }\nqueues: {q: }\n"),
                  (lines{"t.yaml:2:33: \"publish-q\" is the name of another actor of \"a\"; expected a name of its own",
                         "t.yaml:2:83: \"publish-s\" is the name of another actor of \"a\"; expected a name of its own",
                         "t.yaml:3:72: \"publish-q\" is the name of another actor of \"b\"; expected a name of its own",
                         "t.yaml:4:62: \"x-logger\" is the name of another actor of \"c\"; expected a name of its own",
                         "t.yaml:5:55: \"y-subscription\" is the name of another actor of \"d\"; expected a name of its own",
                         "t.yaml:6:75: \"z-recorder\" is the name of another actor of \"e\"; expected a name of its own"}));
  CAF_CHECK_EQUAL(mistakes("services: {a: {producers: [{to: q, name: publish-r}], consumers: [{from: q, name: x-logger},"
                           " {from: q, name: x, store: d.c}]}}\nqueues: {q: , r: }\n"),
                  lines{});
}

CAF_TEST(a service has no name that the process gives to a part of itself) {
  CAF_CHECK_EQUAL(mistakes("services:\n  bridges: {greeter: {greeting: Hi}}\n  peers: {greeter: {greeting: Hi}}\n"),
                  (lines{"t.yaml:2:3: \"bridges\" is the name of a part of the process itself; expected a name of its own",
                         "t.yaml:3:3: \"peers\" is the name of a part of the process itself; expected a name of its own"}));
}

CAF_TEST(a backoff does not begin above its end) {
  CAF_CHECK_EQUAL(mistakes("services: {a: {greeter: {greeting: Hi}, supervision: {backoff-min: 1min}}}"),
                  lines{"t.yaml:1:68: backoff-min is longer than backoff-max; expected at most 30s"});
}

CAF_TEST(administration that others can reach needs a token) {
  const std::string services = "services: {a: {greeter: {greeting: Hi}}}\n";
  const auto found = mistakes(services + "node: {admin: 0.0.0.0:9000}\n");
  CAF_REQUIRE_EQUAL(found.size(), 1U);
  CAF_CHECK(found.front().starts_with("t.yaml:2:15: administration at 0.0.0.0:9000 needs a token; expected "));
  const auto with_token =
    configured(services + "node: {admin: 0.0.0.0:9000, admin-token: \"env:T\"}\n", {}, {{"T", "hush"}});
  CAF_REQUIRE(with_token.got);
  CAF_CHECK_EQUAL(with_token.got->plan.node.admin.token.reveal(), "hush");
}

CAF_TEST(a token that is empty or cannot be read is reported) {
  const std::string text = "services: {a: {greeter: {greeting: Hi}}}\nnode: {admin-token: ";
  CAF_CHECK_EQUAL(mistakes(text + "env:T}\n"), lines{"t.yaml:2:21: the secret is empty in env:T; expected a secret there"});
  CAF_CHECK_EQUAL(
    mistakes(text + "file:/x}\n"),
    lines{"t.yaml:2:21: the secret could not be read: there is no such file; expected a readable file of at most 64 KiB"});
}

CAF_TEST(the edge and the administration listen apart) {
  CAF_CHECK_EQUAL(
    mistakes("services: {a: {greeter: {greeting: Hi}}}\nnode: {http: 127.0.0.1:8081}\n"),
    lines{"t.yaml:2:14: the edge and the administration cannot both listen at 127.0.0.1:8081; expected two ports"});
  CAF_CHECK_EQUAL(mistakes("services: {a: {greeter: {greeting: Hi}}}\nnode: {http: 127.0.0.1:0, admin: 127.0.0.1:0}\n"),
                  lines{});
}

CAF_TEST(gRPC without TLS on a network is reported unless something else encrypts) {
  const auto with = [](const std::string& grpc) {
    return mistakes("services: {a: {greeter: {greeting: Hi}}}\nnode:\n  grpc: {" + grpc + "}\n");
  };
  CAF_CHECK_EQUAL(with("listen: \"0.0.0.0:1\""),
                  lines{"t.yaml:3:18: gRPC at 0.0.0.0:1 would go without TLS; expected \"tls\" below \"grpc\", or "
                        "\"without-tls: anywhere\" where something else encrypts, such as a mesh"});
  CAF_CHECK_EQUAL(with("listen: \"0.0.0.0:1\", without-tls: anywhere"), lines{});
  CAF_CHECK_EQUAL(with("listen: \"0.0.0.0:1\", tls: {certificate: c, key: k}"), lines{});
  CAF_CHECK_EQUAL(with("listen: \"127.0.0.1:1\""), lines{});
}

CAF_TEST(half of a certificate and a port that is taken are reported) {
  const auto with = [](const std::string& node) {
    return mistakes("services: {a: {greeter: {greeting: Hi}}}\nnode:\n  " + node + "\n");
  };
  CAF_CHECK_EQUAL(with("peer-tls: {key: k}"),
                  lines{"t.yaml:3:19: peer-tls has one of certificate and key; expected both or neither"});
  CAF_CHECK_EQUAL(with("grpc: {tls: {authorities: a}}"),
                  lines{"t.yaml:3:29: a server that asks for certificates has one itself; expected \"certificate\" and "
                        "\"key\" beside \"authorities\""});
  CAF_CHECK_EQUAL(with("grpc: {listen: \"127.0.0.1:8080\"}"),
                  lines{"t.yaml:3:18: gRPC cannot listen at 127.0.0.1:8080 beside HTTP; expected a port of its own"});
}

CAF_TEST(retries in a topic want a topic and something to wait for) {
  const auto with = [](const std::string& consumer, const std::string& via) {
    return mistakes("services:\n  a: {consumers: [{from: s, group: g, " + consumer + "}]}\nstreams: {s: {via: " + via
                    + "}, t: {via: kafka}}\nnode: {kafka: {brokers: \"one:1\"}}\n");
  };
  CAF_CHECK_EQUAL(with("retry: {delayed-in: topic}", "kafka"), lines{});
  CAF_CHECK_EQUAL(with("retry: {delayed-in: assignment}", "embedded"), lines{});
  CAF_CHECK_EQUAL(with("retry: {delayed-in: topic}", "kafka}, s.retry: {via: kafka"),
                  lines{"t.yaml:2:59: \"s.retry\" is a stream of its own; expected another name for one of the two"});
  CAF_CHECK_EQUAL(with("retry: {delayed-in: topic}", "embedded"),
                  lines{"t.yaml:2:59: \"s\" is not carried by kafka, and only kafka has a topic for retries; expected "
                        "\"delayed-in: assignment\", or \"via: kafka\" in it"});
  CAF_CHECK_EQUAL(with("retry: {delayed: none, delayed-in: topic}", "kafka"),
                  lines{"t.yaml:2:74: no delayed retry waits anywhere; expected \"delayed\", or no \"delayed-in\""});
  CAF_CHECK_EQUAL(with("into: t, retry: {delayed: none, delayed-in: topic}", "kafka"),
                  lines{"t.yaml:2:83: \"into\" excludes delayed retries; expected no \"delayed-in\""});
}

CAF_TEST(what goes on in a transaction wants kafka on both sides and neither store nor delayed retries) {
  const auto with = [](const std::string& consumer, const std::string& streams) {
    return mistakes("services:\n  a: {consumers: [{from: s, group: g, " + consumer + "}]}\nstreams: {" + streams
                    + "}\nnode: {kafka: {brokers: \"one:1\"}}\n");
  };
  const std::string both = "s: {via: kafka}, t: {via: kafka}";
  const std::string none = "retry: {delayed: none}";
  CAF_CHECK_EQUAL(with("into: t, " + none, both), lines{});
  CAF_CHECK_EQUAL(with("into: t", both),
                  lines{"t.yaml:2:45: \"into\" excludes delayed retries; expected \"delayed: none\" below its \"retry\""});
  CAF_CHECK_EQUAL(with("into: t, retry: {delayed: 5s}", both),
                  lines{"t.yaml:2:65: \"into\" excludes delayed retries; expected \"delayed: none\" below its \"retry\""});
  CAF_CHECK_EQUAL(
    with("into: t, " + none, "s: {via: kafka}, t: "),
    lines{"t.yaml:2:45: \"t\" is not carried by kafka, and only kafka has transactions; expected \"via: kafka\" "
          "in it"});
  CAF_CHECK_EQUAL(with("into: s, " + none, both),
                  lines{"t.yaml:2:45: this consumer would publish to the stream that it reads; expected another stream"});
  CAF_CHECK_EQUAL(with("into: t, store: d.c, " + none, both),
                  lines{"t.yaml:2:45: a store has no part in the transaction of \"into\"; expected \"store\" or \"into\""});
}
