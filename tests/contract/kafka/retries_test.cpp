#define CAF_SUITE kafka_retries
#include <troupe_test/suite.hpp>

#include "kafka_transport.hpp"

// Delayed retries in a topic of their own, on a real broker.

using namespace troupe;
using namespace troupe::contract;

namespace {

struct fixture {
  kafka_topic peer;

  fixture() {
    auto admin = kafka::administrator::connect(test_connection(), std::chrono::seconds{20});
    CAF_REQUIRE(admin.has_value());
    CAF_REQUIRE(admin->create({{kafka::retry_topic(peer.topic()), 1, 1, {}}}).has_value());
  }

  kafka::subscription behind(const std::string& group) {
    auto config = peer.config();
    config.topic = kafka::retry_topic(peer.topic());
    config.group = group;
    config.retries_of = peer.topic();
    return config;
  }

  // A member of the topic and one of its retries, for one handler.
  void start(const journal_ptr& book) {
    const auto handler = spawn_handler(peer, book);
    const auto to = [this](const std::string& topic) {
      auto made = kafka::spawn_publisher(peer.context("test/" + topic), test_connection(), {.topic = topic});
      peer.adopt(caf::actor_cast<caf::actor>(made));
      return made;
    };
    auto before = peer.config();
    before.delayed = kafka::retry_location::topic;
    const auto letters = to(kafka::dead_letter_topic(peer.topic()));
    const auto source = kafka::spawn_source(peer.context("test/source"), test_connection(), before, handler, letters,
                                            to(kafka::retry_topic(peer.topic())));
    peer.adopt(caf::actor_cast<caf::actor>(source));
    peer.source(handler, behind(before.group));
  }

  void accept(const std::vector<std::string>& ids) {
    publish batch;
    for (const auto& each : ids) {
      message made;
      made.id = each;
      made.key = "key";
      made.headers = {{"own", "header"}};
      batch.messages.push_back(std::move(made));
    }
    const auto done = ask_and_wait<published>(peer.system(), peer.publisher(), batch);
    CAF_REQUIRE(done.has_value() && done->complete());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(kafka_retries, fixture)

CAF_TEST(a delivery that fails waits in the topic of retries while its key goes on) {
  const auto book = std::make_shared<journal>(one_by_one([](const delivery& each) {
    const bool fails = each.content.id == "first" && each.attempts < 2;
    return fails ? reply{verdict::retry, {errc::unavailable, "away"}} : reply{};
  }));
  const auto of_others = std::make_shared<journal>(all_done());
  const auto at_others = std::make_shared<recording_observer>();
  start(book);
  const auto other = kafka::spawn_source(unsupervised(peer.system(), "test/other", at_others), test_connection(),
                                         behind("another-group"), spawn_handler(peer, of_others), peer.publisher());
  peer.adopt(caf::actor_cast<caf::actor>(other));
  accept({"first", "second"});
  CAF_REQUIRE(book->wait_for_done({"first", "second"}));
  CAF_CHECK_EQUAL(book->seen().back().content.id, "first");
  CAF_CHECK_EQUAL(book->seen().back().attempts, 2u);
  for (const auto& each : book->seen()) {
    CAF_CHECK_EQUAL(each.from.source, peer.topic());
    CAF_CHECK((each.content.headers == header_list{{"own", "header"}}));
  }
  CAF_REQUIRE(at_others->wait_for("troupe_kafka_commits_total", 1)); // it has passed the retry by
  CAF_CHECK(of_others->seen().empty());
}

CAF_TEST(what no retry cures is a dead letter of the topic it came from) {
  start(std::make_shared<journal>(one_by_one([](const delivery&) {
    return reply{verdict::retry, {errc::unavailable, "away"}};
  })));
  accept({"poison"});
  CAF_REQUIRE(peer.watcher->wait_for("troupe_kafka_dead_lettered_total", 1));
  const auto page = ask_and_wait<dead_letter_page>(peer.system(), peer.dead_letters(), list_dead_letters{});
  CAF_REQUIRE(page.has_value());
  CAF_REQUIRE_EQUAL(page->letters.size(), 1u);
  const auto& letter = page->letters.front().letter;
  CAF_CHECK_EQUAL(letter.content.id, "poison");
  CAF_CHECK((letter.from == origin{peer.topic(), 0, 0}));
  CAF_CHECK_EQUAL(letter.attempts, 1 + peer.delays());
  CAF_CHECK((letter.content.headers == header_list{{"own", "header"}}));
}

CAF_TEST_FIXTURE_SCOPE_END()
