#define CAF_SUITE mongodb_servers_words
#include <troupe_test/suite.hpp>

#include <troupe/messages/values/json.hpp>

#include "asking.hpp"

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(mongodb_servers_words, mongodb_peer)

CAF_TEST(what the server will never take is refused with its words and keeps nothing else out) {
  const auto outcomes = ask_to_write(*this, {greeting_document("a"), greeting_document("b", R"({"$set":1})"),
                                             greeting_document("c", R"({"deep":{"$inc":1}})"), greeting_document("d")});
  CAF_REQUIRE(outcomes.has_value());
  const auto& each = *outcomes;
  CAF_CHECK(each[0].outcome == write_outcome::stored);
  CAF_CHECK(each[1].outcome == write_outcome::refused);
  CAF_CHECK(each[1].why.code == errc::rejected);
  CAF_CHECK(each[1].why.reason.find("$set") != std::string::npos);
  CAF_CHECK(each[1].why.reason.find("(error ") != std::string::npos);
  CAF_CHECK(each[3].outcome == write_outcome::stored);
  CAF_CHECK_EQUAL(count("service-a", "greetings"), 2 + (each[2].outcome == write_outcome::stored ? 1 : 0));
}

CAF_TEST(a document that is too large is refused with words and keeps nothing else out) {
  const std::string large(std::size_t{16} << 20U, 'x');
  const auto outcomes = ask_to_write(
    *this, {greeting_document("a"), greeting_document("b", R"({"m":")" + large + "\"}"), greeting_document("c")});
  CAF_REQUIRE(outcomes.has_value());
  CAF_CHECK((*outcomes)[0].outcome == write_outcome::stored);
  CAF_CHECK((*outcomes)[1].outcome == write_outcome::refused);
  CAF_CHECK((*outcomes)[1].why.reason.find("larger than 16777216 bytes") != std::string::npos);
  CAF_CHECK((*outcomes)[2].outcome == write_outcome::stored);
}

CAF_TEST(a duplicate of another unique key is refused) {
  server().run("service-a", R"({"createIndexes":"greetings","indexes":[{"key":{"m":1},"name":"m","unique":true}]})");
  CAF_REQUIRE(ask_to_write(*this, {greeting_document("a", R"({"m":1})")}).has_value());
  const auto outcomes = ask_to_write(*this, {greeting_document("b", R"({"m":1})"), greeting_document("a", R"({"m":1})")});
  CAF_REQUIRE(outcomes.has_value());
  CAF_CHECK((*outcomes)[0].outcome == write_outcome::refused);
  CAF_CHECK((*outcomes)[1].outcome == write_outcome::duplicate);
}

CAF_TEST(greetings are kept in the reference platforms forms) {
  const greeting said{
    "greeting-1", "Service-A", "Hello, from Service-A!", timestamp{std::chrono::nanoseconds{1'555'381'396'546'749'266}}, {}};
  const auto outcomes = ask_to_write(*this, {to_document(said, "service-a", "http", document_form::http),
                                             to_document(said, "service-a", "grpc", document_form::grpc)});
  CAF_REQUIRE(outcomes.has_value());
  CAF_CHECK_EQUAL(server().find("service-a", "http", said.id).value_or(""),
                  R"({"id":"greeting-1","servicename":"Service-A","message":"Hello, from Service-A!",)"
                  R"("createdat":{"$date":"2019-04-16T02:23:16.546Z"}})");
  CAF_CHECK_EQUAL(server().find("service-a", "grpc", said.id).value_or(""),
                  R"({"id":"greeting-1","service":"Service-A","message":"Hello, from Service-A!",)"
                  R"("created":"2019-04-16 02:23:16.546749266 +0000 UTC"})");
}

CAF_TEST(a write beyond the bounds in flight is refused at once) {
  auto bounded = server().config();
  bounded.in_flight = 2;
  use(bounded);
  CAF_REQUIRE(ask_to_write(*this, {greeting_document("connected")}).has_value());
  server().pause();
  caf::scoped_actor self{system()};
  auto waits = self->request(store(), 30s, write_documents{{greeting_document("a")}});
  const auto refused = ask_to_write(*this, {greeting_document("b"), greeting_document("c")});
  server().resume();
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::overloaded);
  waits.receive([](const written& done) { CAF_CHECK(done.each[0].outcome == write_outcome::stored); },
                [](const caf::error& why) { CAF_ERROR("the write failed: " << to_string(why)); });
}

CAF_TEST(a write beyond the bounds is made by a store that is idle) {
  auto bounded = server().config();
  bounded.in_flight = 2;
  bounded.in_flight_bytes = 1024;
  use(bounded);
  const auto large = R"({"m":")" + std::string(2000, 'x') + "\"}";
  const auto outcomes = ask_to_write(*this, {greeting_document("a"), greeting_document("b", large), greeting_document("c")});
  CAF_REQUIRE(outcomes.has_value());
  CAF_CHECK((*outcomes)[1].outcome == write_outcome::stored);
}

CAF_TEST(a configuration that is wrong ends the store with its reason) {
  caf::scoped_actor self{system()};
  const auto wrong = mongodb::spawn_store(unsupervised(system(), "test/store"), {});
  self->monitor(wrong);
  auto why = errc::none;
  self->receive([&why](const caf::down_msg& down) { why = to_failure(down.reason).code; });
  CAF_CHECK(why == errc::invalid);
}

CAF_TEST_FIXTURE_SCOPE_END()
