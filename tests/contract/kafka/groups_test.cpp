#define CAF_SUITE kafka_groups
#include <troupe_test/suite.hpp>

#include "kafka_transport.hpp"

// Members of one group, on real brokers.

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

namespace {

struct fixture {
  kafka_partitions peer;
  std::uint64_t published_so_far = 0;

  std::set<std::string> accept(std::size_t count) {
    publish batch;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) {
      message made;
      made.id = "message-" + std::to_string(published_so_far++);
      made.key = "key-" + std::to_string(i);
      ids.insert(made.id);
      batch.messages.push_back(std::move(made));
    }
    const auto done = ask_and_wait<published>(peer.system(), peer.publisher(), batch);
    CAF_REQUIRE(done.has_value() && done->complete());
    return ids;
  }

  void drain_now(const source_actor& which) {
    const auto left = ask_and_wait<drained>(peer.system(), which, drain{20s});
    CAF_REQUIRE(left.has_value());
    CAF_CHECK_EQUAL(left->unfinished, 0u);
  }

  /// Two members come, share and go one after the other.
  void check_sharing(kafka::assignor how) {
    auto config = peer.config();
    config.strategy = how;
    const auto both = std::make_shared<journal>(all_done()); // a hand-over may repeat something, so that no count shows it
    const auto told_to_both = [both](const std::vector<delivery>& batch) { return both->handle(batch); };
    const auto second_book = std::make_shared<journal>(told_to_both);
    const auto first = peer.source(spawn_handler(peer, both), config);
    auto sent = accept(30);
    CAF_REQUIRE(both->wait_for_done(sent));
    const auto second = peer.source(spawn_handler(peer, second_book), config);
    while (second_book->batches().empty()) { // until it has partitions
      sent.merge(accept(9));
      CAF_REQUIRE(both->wait_for_done(sent));
    }
    drain_now(first);
    sent.merge(accept(30));
    CAF_REQUIRE(both->wait_for_done(sent));
    drain_now(second);
    CAF_CHECK(both->done() == sent);
  }
};

/// A handler that answers each batch with `done` after a while, and does not block meanwhile.
handler_actor spawn_slow_handler(transport& in, std::chrono::milliseconds pause) {
  const auto made = in.system().spawn([pause](handler_actor::pointer self) -> handler_actor::behavior_type {
    return {[self, pause](const deliveries& request) -> caf::result<replies> {
      auto promise = self->make_response_promise<replies>();
      replies answer;
      answer.each.resize(request.batch.size());
      self->run_delayed(pause, [promise, answer]() mutable { promise.deliver(std::move(answer)); });
      return promise;
    }};
  });
  in.adopt(caf::actor_cast<caf::actor>(made));
  return made;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(kafka_groups, fixture)

CAF_TEST(members of a cooperative group share and go one after the other and lose nothing) {
  check_sharing(kafka::assignor::cooperative_sticky);
}

CAF_TEST(members of an eager group share and go one after the other and lose nothing) {
  check_sharing(kafka::assignor::range);
}

CAF_TEST(a static member that is back within its session moves no partition) {
  auto config = peer.config();
  config.instance = "one";
  const auto book = std::make_shared<journal>(all_done());
  const auto first = peer.source(spawn_handler(peer, book), config);
  CAF_REQUIRE(book->wait_for_done(accept(30)));
  config.instance = "two";
  const auto of_other = std::make_shared<recording_observer>();
  const auto other_book = std::make_shared<journal>(all_done());
  const auto letters = kafka::spawn_publisher(peer.context("test/letters"), test_connection(),
                                              {.topic = kafka::dead_letter_topic(peer.topic())});
  peer.adopt(caf::actor_cast<caf::actor>(letters));
  const auto other = kafka::spawn_source(unsupervised(peer.system(), "test/other", of_other), test_connection(), config,
                                         spawn_handler(peer, other_book), letters);
  peer.adopt(caf::actor_cast<caf::actor>(other));
  CAF_REQUIRE(of_other->wait_for("troupe_kafka_partitions_assigned_total", 1));
  accept(30);
  CAF_REQUIRE(of_other->wait_for("troupe_kafka_settled_total", 1));
  const auto revoked = of_other->value("troupe_kafka_partitions_revoked_total");
  ask_to_end(first, caf::exit_reason::kill);
  const auto again = std::make_shared<journal>(all_done());
  config.instance = "one";
  peer.source(spawn_handler(peer, again), config);
  accept(30);
  CAF_REQUIRE(again->wait_for([](const auto& all) { return !all.empty(); }));
  CAF_CHECK_EQUAL(of_other->value("troupe_kafka_partitions_revoked_total"), revoked);
  CAF_CHECK_EQUAL(of_other->value("troupe_kafka_partitions_lost_total"), 0);
}

CAF_TEST(a handler slower than the poll interval keeps its member in the group) {
  auto config = peer.config();
  config.session = 6s;
  auto to = test_connection();
  to.properties = {{"max.poll.interval.ms", "6000"}};
  const auto letters = kafka::spawn_publisher(peer.context("test/letters"), test_connection(),
                                              {.topic = kafka::dead_letter_topic(peer.topic())});
  peer.adopt(caf::actor_cast<caf::actor>(letters));
  const auto source = kafka::spawn_source(peer.context("test/slow"), to, config, spawn_slow_handler(peer, 9s), letters);
  peer.adopt(caf::actor_cast<caf::actor>(source));
  accept(5);
  CAF_REQUIRE(peer.watcher->wait_for("troupe_kafka_settled_total", 5));
  CAF_CHECK_EQUAL(peer.watcher->value("troupe_kafka_delivered_total"), 5);
  CAF_CHECK_EQUAL(peer.watcher->value("troupe_kafka_partitions_revoked_total"), 0);
  CAF_CHECK_EQUAL(peer.watcher->value("troupe_kafka_partitions_lost_total"), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
