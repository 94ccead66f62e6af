#define CAF_SUITE sqlite_store
#include <troupe_test/suite.hpp>

#include <chrono>
#include <filesystem>

#include <troupe/bridges/sqlite/schema.hpp>
#include <troupe/bridges/store/document_rows.hpp>

#include "../recording_observer.hpp"
#include "sqlite_peer.hpp"

namespace {

using namespace troupe;
using namespace std::chrono_literals;

document make(const std::string& id) {
  return {"db", "things", id, "{}"};
}

struct fixture {
  contract::temporary_folder folder;
  sqlite::database_ptr database;

  fixture() {
    sqlite::options settings;
    settings.folder = folder.path();
    database = *sqlite::open(settings);
  }

  void insert(const std::vector<document>& documents, timestamp at) const {
    const auto done = database->write_and_wait([&](sqlite::connection& on) -> expected<void> {
      const auto outcomes = store::insert(on, documents, at);
      return outcomes.has_error() ? expected<void>{outcomes.error()} : expected<void>{};
    });
    CAF_REQUIRE(done.has_value());
  }

  std::int64_t remove_expired(const store::config& limits, timestamp now) const {
    expected<sqlite::removal> removed{sqlite::removal{}};
    static_cast<void>(database->write_and_wait([&](sqlite::connection& on) -> expected<void> {
      removed = store::remove_expired(on, limits, now);
      return {};
    }));
    CAF_REQUIRE(removed.has_value());
    return removed->count;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_store_tests, fixture)

CAF_TEST(without an age and a size nothing is removed) {
  insert({make("a")}, timestamp{});
  CAF_CHECK_EQUAL(remove_expired({}, timestamp{} + 24h * 10000), 0);
}

CAF_TEST(documents that are too old are removed in steps and the others stay) {
  store::config limits;
  limits.age = 1h;
  limits.step = 2;
  const timestamp begin{};
  insert({make("a"), make("b"), make("c")}, begin);
  insert({make("d")}, begin + 30min);
  CAF_CHECK_EQUAL(remove_expired(limits, begin + 1h), 0);
  CAF_CHECK_EQUAL(remove_expired(limits, begin + 61min), 2);
  CAF_CHECK_EQUAL(remove_expired(limits, begin + 61min), 1);
  CAF_CHECK_EQUAL(remove_expired(limits, begin + 61min), 0);
  CAF_CHECK_EQUAL(contract::kept_count(*database, "db", "things"), 1);
}

CAF_TEST(the oldest documents are removed in steps while all of them are too many bytes) {
  constexpr std::int64_t each = 3; // an id of one byte, a body of two
  store::config limits;
  limits.bytes = 2 * each;
  limits.step = 2;
  insert({make("a"), make("b"), make("c"), make("d"), make("e")}, timestamp{});
  insert({make("e")}, timestamp{}); // which was there already
  CAF_CHECK_EQUAL(remove_expired(limits, timestamp{}), 2);
  CAF_CHECK_EQUAL(remove_expired(limits, timestamp{}), 1);
  CAF_CHECK_EQUAL(remove_expired(limits, timestamp{}), 0);
  CAF_CHECK(!contract::kept_document(*database, "db", "things", "c"));
  CAF_CHECK_EQUAL(contract::kept_count(*database, "db", "things"), 2);
}

CAF_TEST(what is too old goes although the documents are few and what is too much although it is new) {
  store::config limits;
  limits.age = 1h;
  limits.bytes = 3;
  insert({make("a"), make("b")}, timestamp{});
  CAF_CHECK_EQUAL(remove_expired(limits, timestamp{}), 1);
  CAF_CHECK_EQUAL(remove_expired(limits, timestamp{} + 2h), 1);
}

CAF_TEST(documents that a hand removed do not count) {
  store::config limits;
  limits.bytes = 6;
  insert({make("a"), make("b"), make("c")}, timestamp{});
  CAF_REQUIRE(
    database->write_and_wait([](sqlite::connection& on) { return on.execute("DELETE FROM documents WHERE id = 'a'"); })
      .has_value());
  CAF_CHECK_EQUAL(remove_expired(limits, timestamp{}), 0);
}

CAF_TEST(documents of a file of the first version count) {
  database.reset();
  const auto file = folder.path() / "troupe.sqlite";
  std::filesystem::remove(file);
  {
    auto raw = sqlite::connection::open(file, sqlite::access::make);
    CAF_REQUIRE(raw.has_value());
    CAF_REQUIRE(raw->execute(sqlite::schema_steps()[0]).has_value());
    const auto stamp = "PRAGMA user_version=1; PRAGMA application_id=" + std::to_string(sqlite::application_id);
    CAF_REQUIRE(raw->execute(stamp.c_str()).has_value());
    CAF_REQUIRE(store::insert(*raw, {make("a"), make("b"), make("c")}, timestamp{}).has_value());
  }
  sqlite::options settings;
  settings.folder = folder.path();
  database = *sqlite::open(settings);
  store::config limits;
  limits.bytes = 6;
  CAF_CHECK_EQUAL(remove_expired(limits, timestamp{}), 1);
  CAF_CHECK_EQUAL(contract::kept_count(*database, "db", "things"), 2);
}

CAF_TEST(a store removes what is too much by itself) {
  store::config limits;
  limits.bytes = 3;
  insert({make("a"), make("b"), make("c")}, timestamp{});
  caf::actor_system_config config;
  config.set("caf.scheduler.max-threads", 1);
  caf::actor_system system{config};
  const auto watcher = std::make_shared<contract::recording_observer>();
  const auto store = store::spawn_sqlite_store(unsupervised(system, "test/store", watcher), database, limits);
  CAF_CHECK(watcher->wait_for("troupe_store_expired_total", 2));
  CAF_CHECK_EQUAL(contract::kept_count(*database, "db", "things"), 1);
  ask_to_end(store, caf::exit_reason::user_shutdown);
}

CAF_TEST(a body beyond the limit is refused) {
  store::config limits;
  limits.largest_document = 1;
  CAF_CHECK(store::judge(make("a"), limits).outcome == write_outcome::refused);
  limits.largest_document = 2;
  CAF_CHECK(store::judge(make("a"), limits).outcome == write_outcome::stored);
}

CAF_TEST(a body nested beyond the limit is refused with the limit) {
  const auto judged = [](std::size_t depth) {
    auto nested = make("a");
    nested.body = R"({"x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + '}';
    return store::judge(nested, {});
  };
  CAF_CHECK(judged(100).outcome == write_outcome::stored);
  for (const std::size_t depth : {101, 25'000}) {
    CAF_CHECK(judged(depth).outcome == write_outcome::refused);
    CAF_CHECK_EQUAL(judged(depth).why.reason, "the body is nested deeper than 100 levels");
  }
}

CAF_TEST(a configuration that is wrong ends the store with its reason) {
  store::config limits;
  limits.step = 0;
  caf::actor_system_config config;
  config.set("caf.scheduler.max-threads", 1);
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  const auto store = store::spawn_sqlite_store(unsupervised(system, "test/store"), database, limits);
  self->monitor(store);
  auto why = errc::none;
  self->receive([&why](const caf::down_msg& down) { why = to_failure(down.reason).code; });
  CAF_CHECK(why == errc::invalid);
}

CAF_TEST_FIXTURE_SCOPE_END()
