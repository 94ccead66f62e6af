// What every store must do. To be included once by a source file that has defined
//   CAF_SUITE       the name of the suite
//   TROUPE_STORE    a default-constructible troupe::contract::store_peer
// No include guard: it defines tests.

#include <troupe_test/suite.hpp>

#include <string>
#include <vector>

#include "store_peer.hpp"

namespace {

using namespace troupe;
using namespace troupe::contract;

struct store_fixture {
  TROUPE_STORE peer;

  static document make(std::string id, std::string body = R"({"message":"Hello, from Service-A!"})") {
    return {"service-a", "greetings", std::move(id), std::move(body)};
  }

  std::vector<written_document> write_all(std::vector<document> what) {
    const auto wanted = what.size();
    caf::scoped_actor self{peer.system()};
    std::vector<written_document> outcomes;
    self->request(peer.store(), std::chrono::seconds{25}, troupe::write_documents{std::move(what)})
      .receive([&](const written& done) { outcomes = done.each; }, [](const caf::error& why) { CAF_FAIL(to_string(why)); });
    CAF_REQUIRE_EQUAL(outcomes.size(), wanted);
    return outcomes;
  }

  write_outcome write_one(document what) { return write_all({std::move(what)}).front().outcome; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_suite, store_fixture)

CAF_TEST(a document is stored as it was written) {
  const auto wanted = make("id", R"({"n":{"$date":"2019-04-16T02:23:16.546Z"},"text":"नमस्ते"})");
  CAF_CHECK(write_one(wanted) == write_outcome::stored);
  const auto found = peer.find(wanted);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK(*found == wanted);
}

CAF_TEST(a document that is there already is a duplicate and stays as it was first written) {
  CAF_CHECK(write_one(make("id", R"({"n":1})")) == write_outcome::stored);
  CAF_CHECK(write_one(make("id", R"({"n":2})")) == write_outcome::duplicate);
  CAF_CHECK_EQUAL(peer.find(make("id"))->body, R"({"n":1})");
  CAF_CHECK_EQUAL(peer.count("service-a", "greetings"), 1);
}

CAF_TEST(the second of two equal ids in one write is a duplicate) {
  const auto outcomes = write_all({make("id"), make("id")});
  CAF_CHECK(outcomes[0].outcome == write_outcome::stored);
  CAF_CHECK(outcomes[1].outcome == write_outcome::duplicate);
}

CAF_TEST(an id is its own in every collection) {
  auto elsewhere = make("id");
  elsewhere.collection = "messages";
  auto far_away = make("id");
  far_away.database = "service-b";
  for (auto& each : write_all({make("id"), elsewhere, far_away}))
    CAF_CHECK(each.outcome == write_outcome::stored);
}

CAF_TEST(what is no JSON object is refused with words and keeps nothing else from being stored) {
  const auto outcomes =
    write_all({make("a"), make("b", "[1,2]"), make("c", "{\"open\":"), make("d", ""), make(""), make("e")});
  for (const auto refused : {1U, 2U, 3U, 4U}) {
    CAF_CHECK(outcomes[refused].outcome == write_outcome::refused);
    CAF_CHECK(outcomes[refused].why.code == errc::rejected);
    CAF_CHECK(!is_transient(outcomes[refused].why.code));
    CAF_CHECK(!outcomes[refused].why.reason.empty());
  }
  CAF_CHECK(outcomes[0].outcome == write_outcome::stored);
  CAF_CHECK(outcomes[5].outcome == write_outcome::stored);
  CAF_CHECK_EQUAL(peer.count("service-a", "greetings"), 2);
}

CAF_TEST(a write of refused documents only is answered) {
  CAF_CHECK(write_one(make("a", "no")) == write_outcome::refused);
}

CAF_TEST(an empty write is answered) {
  CAF_CHECK(write_all({}).empty());
}

CAF_TEST(what was answered is there after an abrupt end) {
  std::vector<document> many;
  for (int i = 0; i < 250; ++i)
    many.push_back(make("id-" + std::to_string(i)));
  write_all(many);
  peer.restart();
  CAF_CHECK_EQUAL(peer.count("service-a", "greetings"), 250);
  for (const auto& each : write_all(many))
    CAF_CHECK(each.outcome == write_outcome::duplicate);
  CAF_CHECK_EQUAL(peer.count("service-a", "greetings"), 250);
}

CAF_TEST_FIXTURE_SCOPE_END()
