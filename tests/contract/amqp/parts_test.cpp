#define CAF_SUITE amqp_parts
#include <troupe_test/suite.hpp>

#include <algorithm>

#include <amqp.h>
#include <amqp_framing.h>

#include <troupe/bridges/amqp/administration.hpp>
#include <troupe/bridges/amqp/errors.hpp>
#include <troupe/bridges/amqp/queue.hpp>
#include <troupe/bridges/amqp/size_limit.hpp>

using namespace troupe;
using namespace troupe::amqp;
using namespace std::chrono_literals;

namespace {

using remedy_kind = difference::remedy_kind;
using state = finding::state;

bool has(const std::vector<std::string>& mistakes, std::string_view words) {
  return std::any_of(mistakes.begin(), mistakes.end(),
                     [&](const std::string& each) { return each.find(words) != std::string::npos; });
}

} // namespace

CAF_TEST(the defaults can be used once a queue is named) {
  connection to;
  to.where = always({{{"host", 5672}}, "/", {}, encryption::none});
  CAF_CHECK(validate(to).empty());
  CAF_CHECK(validate(publisher_config{.to = work_queue("q")}).empty());
  CAF_CHECK(validate(subscription{.from = work_queue("q")}).empty());
}

CAF_TEST(each mistake is reported) {
  CAF_CHECK(has(validate(connection{}), "brokers' addresses is missing"));
  CAF_CHECK(has(validate(connection{.mechanism = sasl::external}), "EXTERNAL"));
  CAF_CHECK(has(validate(connection{.tls = {.certificate = "c"}}), "together"));
  CAF_CHECK(has(validate(connection{.heartbeat = 0s}), "heartbeat is 0"));
  CAF_CHECK(has(validate(publisher_config{}), "the queue name ''"));
  CAF_CHECK(has(validate(publisher_config{.to = work_queue("amq.mine")}), "amq.mine"));
  CAF_CHECK(has(validate(publisher_config{.to = work_queue("q"), .window = 0}), "window"));
  CAF_CHECK(has(validate(subscription{.from = work_queue("q"), .prefetch = 10, .batch = 11}), "prefetch"));
  CAF_CHECK(has(validate(subscription{.from = work_queue("q"), .redelivery = {.delays = {0s}}}), "delays"));
}

CAF_TEST(the queue of the reference platform is declared as it does) {
  const auto reference = work_queue("service-d", queue_kind::reference);
  CAF_CHECK(arguments_of(reference).empty());
  CAF_CHECK_EQUAL(properties_text(reference), "durable=false");
}

CAF_TEST(a queue has a dead letter queue and a delay queue for each delay) {
  const auto all = queues_around(work_queue("q"), {5s, 1500us});
  CAF_REQUIRE_EQUAL(all.size(), 4u);
  CAF_CHECK_EQUAL(all[1].name, "q.dlq");
  CAF_CHECK_EQUAL(all[2].name, "q.retry.5000");
  CAF_CHECK_EQUAL(all[3].name, "q.retry.2");
  CAF_CHECK_EQUAL(properties_text(all[2]),
                  "durable=true, x-queue-type=quorum, x-dead-letter-exchange='', x-dead-letter-routing-key=q, "
                  "x-dead-letter-strategy=at-least-once, x-overflow=reject-publish, x-message-ttl=5000");
}

CAF_TEST(dead letters are in a queue that does not count reads and one that exists is used) {
  const auto letters = dead_letter_queue(work_queue("q"));
  CAF_CHECK_EQUAL(properties_text(letters), "durable=true, x-queue-type=classic");
  CAF_CHECK(compare({{letters}, {}, {}}, {{{state::other, "406"}}, {}}).empty());
  CAF_CHECK_EQUAL(compare({{letters}, {}, {}}, {{{state::missing, {}}}, {}}).size(), 1u);
}

CAF_TEST(a queue that exists with other properties is reported with its remedy) {
  constexpr std::string_view durable = "406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/'";
  constexpr std::string_view type = "406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost '/'";
  CAF_CHECK(remedy_of(work_queue("q"), durable).find("compatibility: reference") != std::string_view::npos);
  CAF_CHECK(remedy_of(work_queue("q", queue_kind::reference), durable).find("compatibility: troupe")
            != std::string_view::npos);
  CAF_CHECK(remedy_of(work_queue("q"), type).find("declared-by: operators") != std::string_view::npos);
  CAF_CHECK(remedy_of(work_queue("q"), "403 ACCESS_REFUSED").empty());
}

CAF_TEST(a limit of size is learnt from the words of the broker and forgotten after a minute) {
  const instant now{1h};
  const failure refusal{errc::conflict,
                        "406 PRECONDITION_FAILED - message size 134217729 is larger than configured max size 134217728"};
  size_limit largest;
  CAF_CHECK(!largest.refusal(134217729, now));
  largest.learn({errc::conflict, "406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out"}, now);
  largest.learn({errc::unavailable, "message size 2 is larger than configured max size 1"}, now);
  CAF_CHECK(!largest.refusal(134217729, now));
  largest.learn(refusal, now);
  CAF_CHECK(!largest.refusal(134217728, now));
  CAF_CHECK(largest.refusal(134217729, now) == (failure{errc::rejected, refusal.reason}));
  CAF_CHECK(largest.refusal(134217729, now + 1min - 1ns).has_value());
  CAF_CHECK(!largest.refusal(134217729, now + 1min));
}

CAF_TEST(what is missing is created and what differs is reported with both lists) {
  const wish_list wished{{work_queue("here"), work_queue("gone"), work_queue("other", queue_kind::reference)},
                         {{"e", "topic"}},
                         {{"e", "here", "k"}, {"e", "gone", "k"}}};
  const finding_list found{{{state::same, {}}, {state::missing, {}}, {state::other, "406 PRECONDITION_FAILED"}},
                           {{state::same, {}}}};
  const auto differences = compare(wished, found);
  CAF_REQUIRE_EQUAL(differences.size(), 3u);
  CAF_CHECK(differences[0].remedy == remedy_kind::apply);
  CAF_CHECK(differences[0].text.starts_with("create the queue gone (durable=true"));
  CAF_CHECK(differences[1].remedy == remedy_kind::report);
  CAF_CHECK(differences[1].text.find("406 PRECONDITION_FAILED") != std::string::npos);
  CAF_CHECK(differences[1].text.find("Troupe declares durable=false") != std::string::npos);
  CAF_CHECK(differences[2].remedy == remedy_kind::apply);
  CAF_CHECK_EQUAL(differences[2].text, "bind the queue gone to the exchange e with the routing key 'k'");
}

CAF_TEST(what the broker and the library say has one meaning each) {
  CAF_CHECK_EQUAL(reply_to_errc(AMQP_PRECONDITION_FAILED), errc::conflict);
  CAF_CHECK_EQUAL(reply_to_errc(AMQP_NOT_FOUND), errc::not_found);
  CAF_CHECK_EQUAL(reply_to_errc(AMQP_ACCESS_REFUSED), errc::forbidden);
  CAF_CHECK_EQUAL(reply_to_errc(AMQP_NO_ROUTE), errc::unavailable);
  CAF_CHECK_EQUAL(reply_to_errc(AMQP_CONNECTION_FORCED), errc::unavailable);
  CAF_CHECK_EQUAL(reply_to_errc(999), errc::unavailable);
  CAF_CHECK_EQUAL(status_to_errc(AMQP_STATUS_OK), errc::none);
  CAF_CHECK_EQUAL(status_to_errc(AMQP_STATUS_HEARTBEAT_TIMEOUT), errc::unavailable);
  CAF_CHECK_EQUAL(status_to_errc(AMQP_STATUS_SSL_PEER_VERIFY_FAILED), errc::untrusted);
  CAF_CHECK_EQUAL(to_failure(amqp_rpc_reply_t{.reply_type = AMQP_RESPONSE_NORMAL}).code, errc::none);
  CAF_CHECK_EQUAL(to_failure(amqp_rpc_reply_t{.reply_type = AMQP_RESPONSE_NONE}).code, errc::unavailable);
  amqp_channel_close_t close{};
  close.reply_code = AMQP_PRECONDITION_FAILED;
  close.reply_text = amqp_cstring_bytes("PRECONDITION_FAILED - words");
  amqp_rpc_reply_t reply{.reply_type = AMQP_RESPONSE_SERVER_EXCEPTION};
  reply.reply = {AMQP_CHANNEL_CLOSE_METHOD, &close};
  CAF_CHECK_EQUAL(to_failure(reply), (failure{errc::conflict, "406 PRECONDITION_FAILED - words"}));
  CAF_CHECK_EQUAL(closing_of(reply.reply).value().code, AMQP_PRECONDITION_FAILED);
  CAF_CHECK(!closing_of({AMQP_BASIC_ACK_METHOD, nullptr}));
}
