#define CAF_SUITE amqp_source
#include <troupe_test/suite.hpp>

#include <latch>

#include "broker.hpp"
#include "mute_relay.hpp"

namespace {

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

struct fixture : amqp_quorum {
  void accept(std::vector<message> batch) { accept(std::move(batch), publisher()); }
  void accept(std::vector<message> batch, const publisher_actor& by) {
    const auto answer = ask_and_wait<published>(system(), by, publish{std::move(batch)});
    CAF_REQUIRE(answer.has_value());
    CAF_REQUIRE(answer->complete());
  }

  journal_ptr subscribe(journal::script script, amqp::subscription with) {
    auto book = std::make_shared<journal>(std::move(script));
    auto to = test_connection();
    state = to.state;
    tested = source(spawn_handler(*this, book), std::move(with), std::move(to));
    return book;
  }
  journal_ptr subscribe(journal::script script) { return subscribe(std::move(script), config()); }

  /// Makes the queue with a single active consumer, which only an operator does.
  amqp::subscription with_single_active_consumer() {
    auto with = config();
    with.queues = amqp::declaring::expect;
    auto around = amqp::queues_around(queue(), with.redelivery.delays);
    std::erase(around, queue());
    auto admin = amqp::administrator::connect(test_connection(), 10s);
    CAF_REQUIRE(admin.has_value());
    CAF_REQUIRE(admin->create({std::move(around), {}, {}}).has_value());
    control("eval '{new, _} = rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"" + queue().name
            + "\">>), true, false, [{<<\"x-queue-type\">>, longstr, <<\"quorum\">>}, "
              "{<<\"x-single-active-consumer\">>, bool, true}], none, <<\"test\">>).'");
    return with;
  }

  /// Publishes to a queue that we do not declare.
  publisher_actor expecting_publisher() {
    auto made = amqp::spawn_publisher(context("test/expecting"), test_connection(),
                                      {.to = queue(), .queues = amqp::declaring::expect});
    adopt(caf::actor_cast<caf::actor>(made));
    return made;
  }

  static std::vector<std::string> ids_of(const std::vector<delivery>& batch) {
    std::vector<std::string> ids;
    for (const auto& each : batch)
      ids.push_back(each.content.id);
    return ids;
  }

  static std::vector<std::string> ids_in_order(std::size_t count) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i)
      ids.push_back(numbered(i).id);
    return ids;
  }

  drained drain_it() {
    const auto answer = ask_and_wait<drained>(system(), tested, drain{20s});
    CAF_REQUIRE(answer.has_value());
    return *answer;
  }

  source_actor tested;
  link_state_ptr state;
};

const failure transient{errc::unavailable, "the store is away"};

} // namespace

CAF_TEST_FIXTURE_SCOPE(amqp_source_tests, fixture)

CAF_TEST(consumption goes on after the broker has closed every connection) {
  accept({numbered(0)});
  const auto book = subscribe(all_done());
  CAF_REQUIRE(book->wait_for_done(ids_up_to(1)));
  for (std::size_t round = 1; round < 4; ++round) {
    control("close_all_connections 'a test closes it'");
    accept({numbered(round)});
    CAF_CHECK(book->wait_for_done(ids_up_to(round + 1)));
  }
  CAF_CHECK(works(state));
}

CAF_TEST(the lag is the depth of the queue with what is in hand) {
  auto with = config();
  with.prefetch = 4;
  with.batch = 2;
  with.batches_in_flight = 10; // none of the first session is answered
  accept(numbered_up_to(30));
  const auto book = subscribe(never_answering(), with);
  CAF_CHECK(watcher->wait_for_gauge("troupe_amqp_lag", 30));
  CAF_REQUIRE(watcher->wait_for_gauge("troupe_amqp_unsettled", 5)); // one that was pulled, and those that were pushed
  accept({numbered(30)});
  CAF_CHECK(watcher->wait_for_gauge("troupe_amqp_lag", 31));
  CAF_CHECK_EQUAL(watcher->value("troupe_amqp_sessions_total"), 1.0);
  book->follow(all_done());
  control("close_all_connections 'a test closes it'");
  CAF_CHECK(book->wait_for_done(ids_up_to(31)));
  CAF_CHECK(watcher->wait_for_gauge("troupe_amqp_lag", 0));
}

CAF_TEST(a connection is kept by its heartbeats while it is idle and while its handler is busy) {
  accept(numbered_up_to(3));
  const auto book = std::make_shared<journal>(never_answering());
  auto to = test_connection();
  to.heartbeat = 1s; // a broker ends a connection of which it hears nothing for three times as long
  tested = source(spawn_handler(*this, book), config(), to);
  CAF_REQUIRE(book->wait_for([](const auto& batches) { return !batches.empty(); }));
  CAF_CHECK(!to.state->wait_for(8s, [](const auto& trouble) { return trouble.has_value(); }));
  CAF_CHECK_EQUAL(watcher->value("troupe_amqp_sessions_total"), 1.0);
  CAF_CHECK_EQUAL(book->batches().size(), 1u);
}

CAF_TEST(a broker of which nothing is heard is left and found again) {
  auto where = *amqp::parse_url(secret{server_variable("TROUPE_TEST_AMQP")});
  mute_relay relay{where.hosts.at(0).port};
  where.hosts = {{"127.0.0.1", relay.port()}};
  auto to = test_connection();
  to.where = amqp::always(where);
  to.heartbeat = 1s;
  const auto book = std::make_shared<journal>(all_done());
  tested = source(spawn_handler(*this, book), config(), to);
  accept({numbered(0)});
  CAF_REQUIRE(book->wait_for_done(ids_up_to(1)));
  relay.mute();
  CAF_CHECK(to.state->wait_for(20s, [](const auto& trouble) { return trouble.has_value(); }));
  accept({numbered(1)});
  CAF_CHECK(book->wait_for_done(ids_up_to(2)));
}

CAF_TEST(what was in hand when a connection was lost comes again and no attempt is counted) {
  accept(numbered_up_to(10));
  const auto book = subscribe([](const std::vector<delivery>& batch) -> journal::answer {
    return replies{std::vector<reply>(batch.size(), {verdict::untouched, {errc::none, {}}}), hold{20ms, 1}};
  });
  for (int round = 1; round <= 8; ++round) { // more often than attempts that end a process are borne
    CAF_REQUIRE(watcher->wait_for("troupe_amqp_sessions_total", round));
    CAF_REQUIRE(watcher->wait_for("troupe_amqp_batches_total", watcher->value("troupe_amqp_batches_total") + 1));
    control("close_all_connections 'a test closes it'");
  }
  book->follow(all_done());
  CAF_CHECK(book->wait_for_done(ids_up_to(10)));
  CAF_CHECK_EQUAL(drain_it().unfinished, 0u);
  for (const auto& each : book->seen())
    CAF_CHECK_EQUAL(each.attempts, 0u);
  const auto letters = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
  CAF_REQUIRE(letters.has_value());
  CAF_CHECK(letters->letters.empty());
}

CAF_TEST(an orderly end gives nothing back to the queue) {
  constexpr std::size_t count = 20;
  accept(numbered_up_to(count));
  auto with = config();
  with.prefetch = 6;
  with.batch = 2;
  with.batches_in_flight = 1;
  std::latch begun{1};
  std::latch drain_is_asked{1};
  const auto first = subscribe(
    [&](const std::vector<delivery>& batch) -> journal::answer {
      if (!begun.try_wait())
        begun.count_down();
      drain_is_asked.wait();
      return all_done()(batch);
    },
    with);
  begun.wait();
  caf::scoped_actor self{system()};
  auto asked = self->request(tested, 20s, drain{20s});
  drain_is_asked.count_down();
  asked.receive([](const drained& answer) { CAF_CHECK_EQUAL(answer.unfinished, 0u); },
                [](const caf::error& why) { CAF_FAIL(why); });
  const auto finished = first->seen().size();
  CAF_CHECK(finished > with.batch); // what was in hand, and no more
  CAF_CHECK(finished <= with.prefetch + with.batch);
  const auto second = subscribe(all_done());
  auto rest = ids_up_to(count);
  for (const auto& each : first->done())
    rest.erase(each);
  CAF_CHECK(second->wait_for_done(rest));
  CAF_CHECK_EQUAL(watcher->value("troupe_amqp_redelivered_total"), 0.0);
}

CAF_TEST(a consumer whose queue is deleted makes it again and goes on) {
  accept({numbered(0)});
  const auto book = subscribe(all_done());
  CAF_REQUIRE(book->wait_for_done(ids_up_to(1)));
  control("delete_queue " + queue().name);
  CAF_CHECK(watcher->wait_for("troupe_amqp_sessions_total", 2));
  accept({numbered(1)});
  CAF_CHECK(book->wait_for_done(ids_up_to(2)));
}

CAF_TEST(a queue that exists with other properties is reported) {
  accept({numbered(0)});
  auto other = config();
  other.from = amqp::work_queue(queue().name, amqp::queue_kind::reference);
  const auto book = subscribe(all_done(), other);
  const auto words = trouble_of(state, errc::conflict);
  CAF_CHECK(words.find("PRECONDITION_FAILED") != std::string::npos);
  CAF_CHECK(words.find("Troupe declares durable=false") != std::string::npos);
  CAF_CHECK(book->seen().empty());
}

CAF_TEST(a queue that is expected and not there is waited for) {
  auto with = config();
  with.queues = amqp::declaring::expect;
  const auto book = subscribe(all_done(), with);
  CAF_CHECK(!trouble_of(state, errc::not_found).empty());
  auto admin = amqp::administrator::connect(test_connection(), 10s);
  CAF_REQUIRE(admin.has_value());
  CAF_REQUIRE(admin->create({amqp::queues_around(queue(), with.redelivery.delays), {}, {}}).has_value());
  accept({numbered(0)});
  CAF_CHECK(book->wait_for_done(ids_up_to(1)));
}

CAF_TEST(what is parked beyond half the prefetch waits in a delay queue and comes again with its attempts) {
  constexpr std::size_t count = 12;
  accept(numbered_up_to(count));
  auto with = config();
  with.prefetch = 4;
  with.batch = 4;
  with.redelivery.delays = {1500ms};
  const auto book = subscribe(one_by_one([](const delivery& each) {
                                return each.attempts == 0 ? reply{verdict::retry, transient} : reply{};
                              }),
                              with);
  CAF_REQUIRE(book->wait_for_done(ids_up_to(count)));
  CAF_CHECK(watcher->value("troupe_amqp_delayed_total") >= count - 2 * with.prefetch);
  CAF_CHECK_EQUAL(drain_it().unfinished, 0u);
  for (const auto& each : book->seen()) {
    CAF_CHECK(each.attempts <= 1);
    CAF_CHECK(each.content.headers.empty());
    CAF_CHECK_EQUAL(each.content.payload, "payload of " + each.content.id);
  }
  CAF_CHECK_EQUAL(book->seen().size(), 2 * count);
}

CAF_TEST(what fails after a delay elsewhere becomes a dead letter with the time of its first failure) {
  accept(numbered_up_to(3));
  auto with = config();
  with.prefetch = 1;
  with.batch = 1;
  with.redelivery.delays = {300ms};
  const auto before = system_now();
  const auto book = subscribe(one_by_one([](const delivery&) { return reply{verdict::retry, transient}; }), with);
  CAF_REQUIRE(watcher->wait_for("troupe_amqp_dead_lettered_total", 3));
  CAF_CHECK(watcher->value("troupe_amqp_delayed_total") >= 1);
  CAF_CHECK_EQUAL(drain_it().unfinished, 0u);
  const auto page = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
  CAF_REQUIRE(page.has_value());
  CAF_REQUIRE_EQUAL(page->letters.size(), 3u);
  for (const auto& each : page->letters) {
    CAF_CHECK_EQUAL(each.letter.attempts, 2u);
    CAF_CHECK(each.letter.first_failure >= before);
    CAF_CHECK(each.letter.last_failure - each.letter.first_failure >= 250ms);
    CAF_CHECK_EQUAL(each.letter.from.source, queue().name);
  }
}

CAF_TEST(a delay that the broker would not bear in hand waits at the broker) {
  control(
    "eval 'application:set_env(rabbit, consumer_timeout, 1000), application:set_env(rabbit, channel_tick_interval, 200).'");
  accept(numbered_up_to(3));
  auto with = config();
  with.hold_at_most = 500ms;
  with.redelivery.delays = {3s};
  const auto began = steady_now();
  const auto book = subscribe(one_by_one([](const delivery& each) {
                                return each.attempts == 0 ? reply{verdict::retry, transient} : reply{};
                              }),
                              with);
  CAF_CHECK(book->wait_for_done(ids_up_to(3)));
  CAF_CHECK(steady_now() - began >= 3s);
  CAF_CHECK_EQUAL(watcher->value("troupe_amqp_sessions_total"), 1);
  CAF_CHECK_EQUAL(book->seen().size(), 6u);
  control("eval 'application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, "
          "60000).'");
}

CAF_TEST(a long pause gives back what is in hand and another consumer takes it) {
  accept(numbered_up_to(20));
  auto with = config();
  with.give_back_after = 300ms;
  const auto pausing = subscribe(
    [](const std::vector<delivery>& batch) -> journal::answer {
      return replies{std::vector<reply>(batch.size(), {verdict::untouched, {errc::none, {}}}), hold{50ms, 1}};
    },
    with);
  CAF_REQUIRE(watcher->wait_for("troupe_amqp_sessions_total", 2));
  const auto book = subscribe(all_done());
  // One stays with the consumer that pauses: it is what the handler is asked with.
  CAF_CHECK(book->wait_for([](const auto& all) {
    std::size_t count = 0;
    for (const auto& batch : all)
      count += batch.size();
    return count >= 19;
  }));
  pausing->follow(all_done());
  CAF_CHECK(watcher->wait_for("troupe_amqp_settled_total", 20));
  CAF_CHECK(pausing->done().size() + book->done().size() >= 20);
  accept(numbered_up_to(1));
}

CAF_TEST(consumers of one queue share it) {
  const auto one = subscribe(all_done());
  const auto other = subscribe(all_done());
  CAF_REQUIRE(watcher->wait_for("troupe_amqp_sessions_total", 2));
  accept(numbered_up_to(400));
  CAF_CHECK(watcher->wait_for("troupe_amqp_settled_total", 400));
  CAF_CHECK_EQUAL(one->done().size() + other->done().size(), 400u);
}

CAF_TEST(consumers of which a single one is active handle each message once and in order) {
  const auto with = with_single_active_consumer();
  constexpr std::size_t count = 300;
  accept(numbered_up_to(count), expecting_publisher());
  const auto book = std::make_shared<journal>(all_done());
  const auto handler = spawn_handler(*this, book);
  for (int each = 0; each < 3; ++each)
    source(handler, with);
  CAF_CHECK(book->wait_for_done(ids_up_to(count)));
  CAF_CHECK_EQUAL(ids_of(book->seen()), ids_in_order(count));
  CAF_CHECK_EQUAL(watcher->value("troupe_amqp_redelivered_total"), 0.0);
  CAF_CHECK(watcher->wait_for("troupe_amqp_sessions_total", 6)); // the first one of each learns that it may not pull
  CAF_CHECK_EQUAL(watcher->value("troupe_amqp_sessions_total"), 6.0);
}

CAF_TEST(an active consumer that ends orderly hands over to the next one in order) {
  auto with = with_single_active_consumer();
  constexpr std::size_t count = 60;
  with.prefetch = 6;
  with.batch = 2;
  with.batches_in_flight = 1;
  std::latch begun{1};
  std::latch drain_is_asked{1};
  const auto book = subscribe(
    [&](const std::vector<delivery>& batch) -> journal::answer {
      if (batch.front().content.id == numbered(count / 2).id) {
        begun.count_down();
        drain_is_asked.wait();
      }
      return all_done()(batch);
    },
    with);
  const auto publisher = expecting_publisher();
  accept(numbered_up_to(count / 2), publisher);
  CAF_REQUIRE(book->wait_for_done(ids_up_to(count / 2)));
  source(spawn_handler(*this, book), with);
  CAF_REQUIRE(watcher->wait_for("troupe_amqp_sessions_total", 4));
  std::vector<message> rest;
  for (auto i = count / 2; i < count; ++i)
    rest.push_back(numbered(i));
  accept(std::move(rest), publisher);
  begun.wait();
  caf::scoped_actor self{system()};
  auto asked = self->request(tested, 20s, drain{20s});
  drain_is_asked.count_down();
  asked.receive([](const drained& answer) { CAF_CHECK_EQUAL(answer.unfinished, 0u); },
                [](const caf::error& why) { CAF_FAIL(why); });
  CAF_CHECK(book->wait_for_done(ids_up_to(count)));
  CAF_CHECK_EQUAL(ids_of(book->seen()), ids_in_order(count));
}

CAF_TEST(a source of a wrong configuration ends with what is wrong) {
  auto with = config();
  with.prefetch = 0;
  subscribe(all_done(), with);
  caf::scoped_actor self{system()};
  self->monitor(tested);
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == errc::invalid); });
}

CAF_TEST_FIXTURE_SCOPE_END()
