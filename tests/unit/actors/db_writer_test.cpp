#define CAF_SUITE db_writer
#include <troupe_test/actors.hpp>

#include <troupe/actors/db_writer.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

caf::result<written> all_stored(const troupe::write_documents& what) {
  return written{std::vector<written_document>(what.documents.size())};
}

struct fixture : actor_fixture {
  fixture() : store(sys, all_stored) {}

  ~fixture() override {
    if (writer)
      end(writer);
    end(store.handle());
  }

  void spawn(actors::db_writer_config config = {}) {
    config.to = store.handle();
    writer = actors::spawn_db_writer(context("service-c/db_writer"), std::move(config));
  }

  auto put(std::vector<std::string> ids) {
    troupe::write_documents what;
    for (auto& id : ids)
      what.documents.push_back({"db", "c", std::move(id), "{}"});
    return ask_for<written>(writer, std::move(what));
  }

  std::vector<std::string> ids(std::size_t write_number) {
    std::vector<std::string> result;
    for (const auto& one : store.asked()[write_number].documents)
      result.push_back(one.id);
    return result;
  }

  scripted<troupe::write_documents, written> store;
  store_actor writer;
};

using list = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(db_writer_tests, fixture)

CAF_TEST(a write alone goes out at once) {
  spawn();
  const auto got = put({"1", "2"});
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(got->value->each.size(), 2u);
  CAF_CHECK_EQUAL(ids(0), (list{"1", "2"}));
}

CAF_TEST(what arrives while a write is under way goes into the next one together and each caller gets its own outcomes) {
  spawn();
  store.hold();
  const auto first = put({"1"});
  const auto second = put({"2"});
  const auto third = put({"3", "4"});
  CAF_CHECK_EQUAL(store.asked().size(), 1u);
  store.release(written{{{}}});
  settle();
  CAF_REQUIRE(first->value);
  CAF_CHECK(second->pending());
  CAF_REQUIRE_EQUAL(store.asked().size(), 2u);
  CAF_CHECK_EQUAL(ids(1), (list{"2", "3", "4"}));
  store.release(written{{{write_outcome::duplicate, {}}, {}, {write_outcome::refused, {errc::rejected, "words"}}}});
  settle();
  CAF_REQUIRE(second->value);
  CAF_REQUIRE(third->value);
  CAF_CHECK(second->value->each == (std::vector<written_document>{{write_outcome::duplicate, {}}}));
  CAF_CHECK(third->value->each[0].outcome == write_outcome::stored);
  CAF_CHECK(third->value->each[1].outcome == write_outcome::refused);
}

CAF_TEST(a batch holds whole writes up to its size) {
  spawn({.to = {}, .batch = 3});
  store.hold();
  put({"1"});
  put({"2", "3"});
  put({"4", "5"});
  put({"6"});
  store.release(written{{{}}});
  settle();
  CAF_CHECK_EQUAL(ids(1), (list{"2", "3"}));
  store.release(written{{{}, {}}});
  settle();
  CAF_CHECK_EQUAL(ids(2), (list{"4", "5", "6"}));
}

CAF_TEST(beside a write that is under way only full batches go out and no more than may) {
  spawn({.batch = 2, .under_way = 3});
  store.hold();
  put({"1"});
  const auto second = put({"2"});
  CAF_CHECK_EQUAL(store.asked().size(), 1u);
  put({"3"});
  CAF_REQUIRE_EQUAL(store.asked().size(), 2u);
  CAF_CHECK_EQUAL(ids(1), (list{"2", "3"}));
  put({"4", "5"});
  put({"6", "7"});
  CAF_REQUIRE_EQUAL(store.asked().size(), 3u);
  store.release(written{{{}}});
  settle();
  CAF_REQUIRE_EQUAL(store.asked().size(), 4u);
  CAF_CHECK_EQUAL(ids(3), (list{"6", "7"}));
  store.release(written{{{}, {}}});
  settle();
  CAF_CHECK(second->value);
}

CAF_TEST(a failing store fails every caller of the batch and the next batch goes out) {
  spawn();
  store.hold();
  const auto first = put({"1"});
  const auto second = put({"2"});
  store.refuse({errc::storage_failed, "disk"});
  settle();
  CAF_REQUIRE(first->error);
  CAF_CHECK(first->error->code == errc::storage_failed);
  CAF_CHECK_EQUAL(first->error->reason, "disk");
  store.release(written{{{}}});
  settle();
  CAF_CHECK(second->value.has_value());
}

CAF_TEST(a store that never answers costs its timeout) {
  spawn();
  store.hold();
  const auto got = put({"1"});
  pass(10s);
  CAF_REQUIRE(got->error);
  CAF_CHECK(got->error->code == errc::deadline_exceeded);
}

CAF_TEST(beyond the bound callers are answered overloaded at once) {
  spawn({.to = {}, .waiting = 2});
  store.hold();
  put({"1"});
  const auto fits = put({"2", "3"});
  const auto beyond = put({"4"});
  CAF_CHECK(fits->pending());
  CAF_REQUIRE(beyond->error);
  CAF_CHECK(beyond->error->code == errc::overloaded);
}

CAF_TEST(a store that answers for too few documents is an error and not a success) {
  spawn();
  store.answer_with([](const troupe::write_documents&) { return caf::result<written>{written{{{}}}}; });
  const auto got = put({"1", "2"});
  CAF_REQUIRE(got->error);
  CAF_CHECK(got->error->code == errc::internal);
}

CAF_TEST_FIXTURE_SCOPE_END()
