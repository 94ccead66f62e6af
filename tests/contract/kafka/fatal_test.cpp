#define CAF_SUITE kafka_fatal
#include <troupe_test/suite.hpp>

#include <array>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/kafka/handles.hpp>

#include "kafka_transport.hpp"

// Errors after which a client can be used no more: its bridge begins anew under its supervisor.

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

namespace {

constexpr auto restarts = "troupe_actor_restarts_total";

message numbered(std::size_t number) {
  message made;
  made.id = "message-" + std::to_string(number);
  return made;
}

struct supervised {
  kafka_transport peer{1};
  actors::supervisor root{peer.system(), "test", {}, peer.watcher, 1, system_now};

  ~supervised() { root.stop_and_wait(); }
};

// A broker within librdkafka, for the errors that no real one has on demand.
struct made_up_broker {
  made_up_broker() {
    std::array<char, 512> words{};
    owner.reset(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), words.data(), words.size()));
    cluster = rd_kafka_mock_cluster_new(owner.get(), 1);
  }
  ~made_up_broker() { rd_kafka_mock_cluster_destroy(cluster); }
  made_up_broker(const made_up_broker&) = delete;
  made_up_broker& operator=(const made_up_broker&) = delete;

  [[nodiscard]] std::string address() const { return rd_kafka_mock_cluster_bootstraps(cluster); }
  void refuses_next_publish(rd_kafka_resp_err_t code) const {
    rd_kafka_mock_push_request_errors_array(cluster, 0, 1, &code); // 0: Produce
  }

  kafka::client_handle owner;
  rd_kafka_mock_cluster_t* cluster = nullptr;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(kafka_fatal, supervised)

CAF_TEST(a member that another one with its id shuts out comes back under its supervisor) {
  auto config = peer.config();
  config.instance = "one";
  const auto book = std::make_shared<journal>(all_done());
  const auto handler = spawn_handler(peer, book);
  root.top().add("source", [config, handler, letters = peer.publisher()](const spawn_context& context) {
    return kafka::spawn_source(context, test_connection(), config, handler, letters);
  });
  root.start();
  CAF_REQUIRE(ask_and_wait<published>(peer.system(), peer.publisher(), publish{{numbered(1)}})->complete());
  CAF_REQUIRE(book->wait_for_done({"message-1"}));
  caf::scoped_actor self{peer.system()};
  self->monitor(peer.source(spawn_handler(peer, std::make_shared<journal>(all_done())), config));
  CAF_REQUIRE(peer.watcher->wait_for(restarts, 1));
  failure why; // the other one's, when it is shut out in its turn
  self->receive([&](const caf::down_msg& end) { why = to_failure(end.reason); }, caf::after(20s) >> [] {});
  CAF_CHECK_EQUAL(why.code, errc::unavailable);
  CAF_CHECK(why.reason.find("set `membership: dynamic`") != std::string::npos);
  CAF_REQUIRE(ask_and_wait<published>(peer.system(), peer.publisher(), publish{{numbered(2)}})->complete());
  CAF_CHECK(book->wait_for_done({"message-2"}));
}

CAF_TEST(a publisher whose client cannot go on answers what it had and comes back under its supervisor) {
  const made_up_broker broker;
  auto to = test_connection();
  to.where = kafka::always({{broker.address()}, std::nullopt});
  const auto publisher = root.top().add(
    "publisher", [&](const spawn_context& context) { return kafka::spawn_publisher(context, to, {.topic = peer.topic()}); });
  root.start();
  CAF_REQUIRE(ask_and_wait<published>(peer.system(), publisher, publish{{numbered(1)}})->complete());
  broker.refuses_next_publish(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  const auto refused = ask_and_wait<published>(peer.system(), publisher, publish{{numbered(2)}});
  CAF_CHECK(refused.has_error() || !refused->complete());
  CAF_REQUIRE(peer.watcher->wait_for(restarts, 1));
  const auto again = ask_and_wait<published>(peer.system(), publisher, publish{{numbered(3)}});
  CAF_CHECK(again.has_value() && again->complete());
}

CAF_TEST_FIXTURE_SCOPE_END()
