#define CAF_SUITE amqp_publisher
#include <troupe_test/suite.hpp>

#include "broker.hpp"
#include "mute_relay.hpp"

namespace {

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

struct fixture : amqp_quorum {
  publisher_actor start(amqp::connection to, amqp::publisher_config config) {
    state = to.state;
    auto made = amqp::spawn_publisher(context("test/publisher"), std::move(to), std::move(config));
    adopt(caf::actor_cast<caf::actor>(made));
    return made;
  }

  failure publish_one(const publisher_actor& to, std::size_t number = 0) {
    const auto answer = ask_and_wait<published>(system(), to, publish{{numbered(number)}});
    return answer.has_value() ? answer->outcomes.at(0) : answer.error();
  }

  link_state_ptr state;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(amqp_publisher_tests, fixture)

CAF_TEST(a message that no queue takes is an error and those beside it are not) {
  const auto astray = start(test_connection(), {.exchange = "amq.direct", .routing_key = "nobody-" + queue().name});
  const auto outcome = publish_one(astray);
  CAF_CHECK_EQUAL(outcome.code, errc::unavailable);
  CAF_CHECK(outcome.reason.find("NO_ROUTE") != std::string::npos);
  CAF_CHECK_EQUAL(publish_one(start(test_connection(), {.to = queue()})).code, errc::none);
}

CAF_TEST(an exchange that does not exist is reported and its messages are answered) {
  const auto astray = start(test_connection(), {.exchange = "no-such-" + queue().name, .acknowledged_within = 2s});
  const auto outcome = publish_one(astray);
  CAF_CHECK(outcome.code == errc::not_found || outcome.code == errc::outcome_unknown);
  CAF_CHECK(trouble_of(state, errc::not_found).find("no exchange") != std::string::npos);
}

CAF_TEST(a queue that exists with other properties is reported with both lists) {
  CAF_REQUIRE_EQUAL(publish_one(start(test_connection(), {.to = queue()})).code, errc::none);
  const auto other = start(
    test_connection(), {.to = amqp::work_queue(queue().name, amqp::queue_kind::reference), .acknowledged_within = 500ms});
  const auto outcome = publish_one(other);
  CAF_CHECK_EQUAL(outcome.code, errc::conflict);
  CAF_CHECK(outcome.reason.find("PRECONDITION_FAILED") != std::string::npos);
  CAF_CHECK(outcome.reason.find("durable=false") != std::string::npos);
  CAF_CHECK_EQUAL(trouble_of(state, errc::conflict), outcome.reason);
}

CAF_TEST(a wrong password is reported and a renewed one is used) {
  auto to = test_connection();
  auto right = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP")});
  auto wrong = right;
  wrong.login.password = secret{"wrong"};
  auto renewed = std::make_shared<std::atomic<bool>>(false);
  to.where = [=](freshness how) -> expected<amqp::access> { return how == freshness::anew && *renewed ? right : wrong; };
  const auto tested = start(std::move(to), {.to = queue()});
  const auto words = trouble_of(state, errc::unauthenticated);
  CAF_CHECK(words.find("ACCESS_REFUSED") != std::string::npos);
  CAF_CHECK(words.find("wrong") == std::string::npos);
  *renewed = true;
  CAF_CHECK(works(state));
  CAF_CHECK_EQUAL(publish_one(tested).code, errc::none);
}

CAF_TEST(a virtual host that does not exist or is forbidden is reported) {
  auto nowhere = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP")});
  nowhere.virtual_host = "no-such-place";
  auto to = test_connection();
  to.where = amqp::always(nowhere);
  start(std::move(to), {.to = queue()});
  CAF_CHECK(trouble_of(state, errc::forbidden).find("no-such-place") != std::string::npos);
  start(test_connection("TROUPE_TEST_AMQP_GUEST"), {.to = queue()});
  CAF_CHECK(!trouble_of(state, errc::forbidden).empty());
}

CAF_TEST(a virtual host whose name wants encoding is reached) {
  CAF_CHECK_EQUAL(publish_one(start(test_connection("TROUPE_TEST_AMQP_VHOST"), {.to = queue()})).code, errc::none);
}

CAF_TEST(the next host is tried where the first one is away) {
  auto where = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP")});
  where.hosts.insert(where.hosts.begin(), {"127.0.0.1", 1});
  auto to = test_connection();
  to.where = amqp::always(where);
  CAF_CHECK_EQUAL(publish_one(start(std::move(to), {.to = queue()})).code, errc::none);
}

CAF_TEST(publishing goes on after the broker has closed every connection) {
  const auto tested = start(test_connection(), {.to = queue()});
  CAF_REQUIRE_EQUAL(publish_one(tested).code, errc::none);
  for (int round = 0; round < 2; ++round) {
    control("close_all_connections 'a test closes it'");
    CAF_CHECK_EQUAL(publish_one(tested).code, errc::none);
  }
}

CAF_TEST(a connection that is lost between a message and its confirm leaves the outcome unknown) {
  auto where = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP")});
  mute_relay relay{where.hosts.at(0).port};
  where.hosts = {{"127.0.0.1", relay.port()}};
  auto to = test_connection();
  to.where = amqp::always(where);
  const auto tested = start(std::move(to), {.to = queue()});
  CAF_REQUIRE_EQUAL(publish_one(tested, 0).code, errc::none);
  relay.mute();
  caf::scoped_actor self{system()};
  auto asked = self->request(tested, 25s, publish{{numbered(1)}});
  const auto book = std::make_shared<journal>(all_done());
  source(spawn_handler(*this, book));
  CAF_REQUIRE(book->wait_for_done(ids_up_to(2))); // it is there, and its publisher does not know
  relay.cut();
  asked.receive([](const published& answer) { CAF_CHECK_EQUAL(answer.outcomes.at(0).code, errc::outcome_unknown); },
                [](const caf::error& why) { CAF_ERROR("publishing failed: " << to_string(why)); });
  CAF_CHECK_EQUAL(publish_one(tested, 2).code, errc::none);
}

CAF_TEST(a broker that blocks publishers is waited for and what was not sent is known not to have arrived) {
  const auto patient = start(test_connection(), {.to = queue()});
  CAF_REQUIRE_EQUAL(publish_one(patient).code, errc::none);
  control("set_vm_memory_high_watermark absolute 1");
  const auto watched = state;
  caf::scoped_actor self{system()};
  auto triggers = self->request(patient, 25s, publish{{numbered(1)}}); // by it the broker notices that we publish
  CAF_CHECK(trouble_of(watched, errc::throttled).find("blocks") != std::string::npos);
  auto waits = self->request(patient, 25s, publish{{numbered(2)}});
  const auto hasty = start(test_connection(), {.to = queue(), .acknowledged_within = 300ms});
  std::set<errc> seen; // the first one is sent before the broker says that it blocks
  for (std::size_t i = 0; i < 3; ++i)
    seen.insert(publish_one(hasty, 3 + i).code);
  CAF_CHECK(seen.contains(errc::throttled));
  control("set_vm_memory_high_watermark 0.4");
  const auto arrives = [](published& answer) { CAF_CHECK(answer.complete()); };
  const auto fails = [](const caf::error& why) { CAF_ERROR("publishing failed: " << to_string(why)); };
  triggers.receive(arrives, fails);
  waits.receive(arrives, fails);
  CAF_CHECK(works(watched));
}

CAF_TEST(a publisher of a wrong configuration ends with what is wrong) {
  const auto made = start(test_connection(), {.to = amqp::work_queue("")});
  const auto answer = ask_and_wait<published>(system(), made, publish{{numbered(0)}});
  CAF_REQUIRE(answer.has_error());
}

CAF_TEST(beyond its bounds it answers overloaded at once) {
  const auto nobody = connection_to("amqp://127.0.0.1:1");
  const auto tested = start(nobody, {.to = queue(), .acknowledged_within = 500ms, .in_flight = 2});
  caf::scoped_actor self{system()};
  auto waits = self->request(tested, 25s, publish{numbered_up_to(2)});
  const auto answer = ask_and_wait<published>(system(), tested, publish{{numbered(2)}});
  CAF_REQUIRE(answer.has_error());
  CAF_CHECK_EQUAL(answer.error().code, errc::overloaded);
  waits.receive([](const published& one) { CAF_CHECK_EQUAL(one.outcomes.at(0).code, errc::unavailable); },
                [](const caf::error& why) { CAF_ERROR("publishing failed: " << to_string(why)); });
}

CAF_TEST(a message beyond the bound of bytes is published by one that is idle) {
  const auto tested = start(test_connection(), {.to = queue(), .in_flight_bytes = 1024});
  auto large = numbered(0);
  large.payload = std::string(2'000'000, 'x');
  const auto answer = ask_and_wait<published>(system(), tested, publish{{large}});
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->outcomes.at(0).code, errc::none);
}

CAF_TEST(what is larger than the broker takes is rejected for ever and what goes beside it is not) {
  control("eval 'application:set_env(rabbit, max_message_size, 1000000).'");
  const auto tested = start(test_connection(), {.to = queue()});
  auto large = numbered(0);
  large.payload = std::string(1'000'001, 'x');
  CAF_CHECK_EQUAL(publish_one(tested, 1).code, errc::none);
  for (int twice = 0; twice < 2; ++twice) {
    const auto answer = ask_and_wait<published>(system(), tested, publish{{large}});
    CAF_REQUIRE(answer.has_value());
    CAF_CHECK_EQUAL(answer->outcomes.at(0).code, errc::rejected);
    CAF_CHECK(answer->outcomes.at(0).reason.find("larger than configured max size 1000000") != std::string::npos);
    CAF_CHECK_EQUAL(publish_one(tested, 2).code, errc::none);
  }
  control("eval 'application:set_env(rabbit, max_message_size, 134217728).'");
}

CAF_TEST(a message that the protocol cannot carry is rejected and those beside it arrive) {
  const auto tested = start(test_connection(), {.to = queue()});
  auto monster = numbered(1);
  monster.id = std::string(256, 'x');
  auto heavy = numbered(2);
  heavy.headers.push_back({"heavy", std::string(200'000, 'x')});
  const auto answer = ask_and_wait<published>(system(), tested, publish{{numbered(0), monster, heavy, numbered(3)}});
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->outcomes.at(0).code, errc::none);
  CAF_CHECK_EQUAL(answer->outcomes.at(1).code, errc::rejected);
  CAF_CHECK_EQUAL(answer->outcomes.at(2).code, errc::rejected);
  CAF_CHECK_EQUAL(answer->outcomes.at(3).code, errc::none);
}

CAF_TEST_FIXTURE_SCOPE_END()
