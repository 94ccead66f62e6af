#define CAF_SUITE amqp_administration
#include <troupe_test/suite.hpp>

#include <set>

#include "broker.hpp"

namespace {

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;
using remedy_kind = amqp::difference::remedy_kind;

struct fixture : amqp_quorum {
  fixture() {
    auto made = amqp::administrator::connect(test_connection(), 10s);
    CAF_REQUIRE(made.has_value());
    admin.emplace(std::move(*made));
    wished.queues = amqp::queues_around(queue(), {5s, 30s});
    wished.exchanges = {{"exchange-" + queue().name, "topic"}};
    wished.bindings = {{"exchange-" + queue().name, queue().name, "greetings.#"}};
  }

  std::vector<amqp::difference> differences() {
    const auto found = admin->look(wished);
    CAF_REQUIRE(found.has_value());
    return amqp::compare(wished, *found);
  }

  std::optional<amqp::administrator> admin;
  amqp::wish_list wished;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(amqp_administration_tests, fixture)

CAF_TEST(looking creates nothing and creating leaves no difference) {
  for (int twice = 0; twice < 2; ++twice)
    CAF_CHECK_EQUAL(differences().size(), 6u); // four queues, an exchange, a binding
  for (const auto& each : differences())
    CAF_CHECK(each.remedy == remedy_kind::apply);
  for (int twice = 0; twice < 2; ++twice) {
    CAF_REQUIRE(admin->create(wished).has_value());
    CAF_CHECK(differences().empty());
  }
}

CAF_TEST(what is published to a bound exchange reaches the queue) {
  CAF_REQUIRE(admin->create(wished).has_value());
  const auto made = amqp::spawn_publisher(context("test/exchange"), test_connection(),
                                          {.exchange = wished.exchanges[0].name, .routing_key = "greetings.morning"});
  adopt(caf::actor_cast<caf::actor>(made));
  const auto answer = ask_and_wait<published>(system(), made, publish{{numbered(0)}});
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK(answer->complete());
  const auto book = std::make_shared<journal>(all_done());
  auto with = config();
  with.redelivery.delays = {5s, 30s};
  source(spawn_handler(*this, book), with);
  CAF_CHECK(book->wait_for_done(ids_up_to(1)));
}

CAF_TEST(a queue with other properties is reported and neither deleted nor created again) {
  CAF_REQUIRE(admin->create(wished).has_value());
  wished.queues[0] = amqp::work_queue(queue().name, amqp::queue_kind::reference);
  wished.exchanges[0].type = "fanout";
  const auto found = differences();
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK(found[0].remedy == remedy_kind::report);
  CAF_CHECK(found[0].text.find("PRECONDITION_FAILED") != std::string::npos);
  CAF_CHECK(found[0].text.find("durable=false") != std::string::npos);
  CAF_CHECK(found[1].remedy == remedy_kind::report);
  CAF_CHECK(admin->create(wished).has_value());
  CAF_CHECK_EQUAL(differences().size(), 2u);
}

CAF_TEST(a login without rights is reported) {
  const auto refused = amqp::administrator::connect(test_connection("TROUPE_TEST_AMQP_GUEST"), 10s);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, errc::forbidden);
}

CAF_TEST(what the broker itself or another client set aside is listed and sent back) {
  CAF_REQUIRE(admin->create(wished).has_value());
  const auto foreign =
    amqp::spawn_publisher(context("test/foreign"), test_connection(), {.to = amqp::dead_letter_queue(queue())});
  adopt(caf::actor_cast<caf::actor>(foreign));
  const auto answer = ask_and_wait<published>(system(), foreign, publish{numbered_up_to(3)});
  CAF_REQUIRE(answer.has_value());
  auto page = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
  CAF_REQUIRE(page.has_value());
  CAF_REQUIRE_EQUAL(page->letters.size(), 3u);
  const auto& one = page->letters[1];
  CAF_CHECK_EQUAL(one.letter.from.source, queue().name);
  const auto shown = ask_and_wait<numbered_dead_letter>(system(), dead_letters(), show_dead_letter{one.number});
  CAF_REQUIRE(shown.has_value());
  CAF_CHECK_EQUAL(shown->letter.content.id, one.letter.content.id);
  redrive_dead_letters two;
  two.limit = 2;
  for (const auto left : {1U, 0U}) {
    const auto moved = ask_and_wait<redriven>(system(), dead_letters(), two);
    CAF_REQUIRE(moved.has_value());
    page = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
    CAF_REQUIRE(page.has_value());
    CAF_CHECK_EQUAL(page->letters.size(), left);
  }
  const auto book = std::make_shared<journal>(all_done());
  auto with = config();
  with.redelivery.delays = {5s, 30s};
  source(spawn_handler(*this, book), with);
  CAF_CHECK(book->wait_for_done(ids_up_to(3)));
}

CAF_TEST(reading dead letters spends none of their deliveries) {
  control("set_policy --apply-to queues limited '" + queue().name + "' '{\"delivery-limit\": 1}'");
  for (const auto kind : {amqp::queue_kind::letters, amqp::queue_kind::quorum}) { // and of a queue that counts
    const auto letters = amqp::queue{amqp::dead_letter_queue_name(queue().name), kind, {}};
    CAF_REQUIRE(admin->create({{letters}, {}, {}}).has_value());
    const auto foreign = amqp::spawn_publisher(context("test/foreign"), test_connection(), {.to = letters});
    adopt(caf::actor_cast<caf::actor>(foreign));
    CAF_REQUIRE(ask_and_wait<published>(system(), foreign, publish{numbered_up_to(3)}).has_value());
    for (int look = 0; look < 5; ++look) {
      const auto page = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
      CAF_REQUIRE(page.has_value());
      CAF_REQUIRE_EQUAL(page->letters.size(), 3u);
      const auto shown =
        ask_and_wait<numbered_dead_letter>(system(), dead_letters(), show_dead_letter{page->letters[2].number});
      CAF_CHECK(shown.has_value());
      const auto refused = ask_and_wait<redriven>(system(), dead_letters(), redrive_dead_letters{}); // to no queue
      CAF_CHECK(refused.has_error());
    }
    admin->create({{queue()}, {}, {}});
    const auto back = ask_and_wait<redriven>(system(), dead_letters(), redrive_dead_letters{});
    CAF_REQUIRE(back.has_value());
    CAF_CHECK_EQUAL(back->count, 3u);
    control("delete_queue " + letters.name);
    control("delete_queue " + queue().name);
  }
  control("clear_policy limited");
}

CAF_TEST(pages of dead letters follow one another) {
  CAF_REQUIRE(admin->create(wished).has_value());
  const auto foreign =
    amqp::spawn_publisher(context("test/foreign"), test_connection(), {.to = amqp::dead_letter_queue(queue())});
  adopt(caf::actor_cast<caf::actor>(foreign));
  CAF_REQUIRE(ask_and_wait<published>(system(), foreign, publish{numbered_up_to(25)}).has_value());
  std::set<std::string> seen;
  list_dead_letters asked;
  asked.limit = 10;
  for (int page = 0; page < 4; ++page) {
    const auto found = ask_and_wait<dead_letter_page>(system(), dead_letters(), asked);
    CAF_REQUIRE(found.has_value());
    for (const auto& each : found->letters) {
      seen.insert(each.letter.content.id);
      asked.after = std::max(asked.after, each.number);
    }
  }
  CAF_CHECK(seen == ids_up_to(25));
}

CAF_TEST(of letters that share a number as many go back as are named) {
  CAF_REQUIRE(admin->create(wished).has_value());
  const auto foreign =
    amqp::spawn_publisher(context("test/foreign"), test_connection(), {.to = amqp::dead_letter_queue(queue())});
  adopt(caf::actor_cast<caf::actor>(foreign));
  auto batch = numbered_up_to(2);
  batch.insert(batch.begin(), batch.front()); // the same message: nobody knows when it failed
  CAF_REQUIRE(ask_and_wait<published>(system(), foreign, publish{batch}).has_value());
  const auto before = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
  CAF_REQUIRE(before.has_value());
  std::set<std::int64_t> numbers;
  for (const auto& each : before->letters)
    numbers.insert(each.number);
  CAF_REQUIRE_EQUAL(before->letters.size(), 3u);
  CAF_REQUIRE_EQUAL(numbers.size(), 2u);
  redrive_dead_letters which;
  which.numbers = {numbers.begin(), numbers.end()};
  CAF_CHECK_EQUAL(ask_and_wait<redriven>(system(), dead_letters(), which)->count, 2u);
  const auto after = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
  CAF_REQUIRE(after.has_value());
  CAF_REQUIRE_EQUAL(after->letters.size(), 1u);
  CAF_CHECK_EQUAL(after->letters.front().letter.content.id, batch.front().id);
}

CAF_TEST(a redrive whose queue is gone fails and loses nothing) {
  CAF_REQUIRE(admin->create(wished).has_value());
  const auto foreign =
    amqp::spawn_publisher(context("test/foreign"), test_connection(), {.to = amqp::dead_letter_queue(queue())});
  adopt(caf::actor_cast<caf::actor>(foreign));
  CAF_REQUIRE(ask_and_wait<published>(system(), foreign, publish{numbered_up_to(2)}).has_value());
  control("delete_queue " + queue().name);
  const auto moved = ask_and_wait<redriven>(system(), dead_letters(), redrive_dead_letters{});
  CAF_REQUIRE(moved.has_error());
  CAF_CHECK_EQUAL(moved.error().code, errc::unavailable);
  const auto page = ask_and_wait<dead_letter_page>(system(), dead_letters(), list_dead_letters{});
  CAF_REQUIRE(page.has_value());
  CAF_CHECK_EQUAL(page->letters.size(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
