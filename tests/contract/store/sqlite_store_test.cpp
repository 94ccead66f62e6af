#define CAF_SUITE sqlite_store
#include <troupe_test/suite.hpp>

#include <atomic>

#include <troupe/bridges/store/document_rows.hpp>

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

  void insert(const std::vector<document>& what, timestamp at) const {
    const auto done = database->write_and_wait([&](sqlite::connection& on) -> expected<void> {
      const auto outcomes = store::insert(on, what, at);
      return outcomes.has_error() ? expected<void>{outcomes.error()} : expected<void>{};
    });
    CAF_REQUIRE(done.has_value());
  }

  std::int64_t remove_expired(const store::config& limits, timestamp now) const {
    expected<std::int64_t> removed{0};
    static_cast<void>(database->write_and_wait([&](sqlite::connection& on) -> expected<void> {
      removed = store::remove_expired(on, limits, now);
      return {};
    }));
    CAF_REQUIRE(removed.has_value());
    return *removed;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_store_tests, fixture)

CAF_TEST(without an age nothing is removed) {
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
  CAF_CHECK_EQUAL(*store::count(*database, "db", "things"), 1);
}

CAF_TEST(a body beyond the limit is refused) {
  store::config limits;
  limits.largest_document = 1;
  CAF_CHECK(store::judge(make("a"), limits).what == write_outcome::refused);
  limits.largest_document = 2;
  CAF_CHECK(store::judge(make("a"), limits).what == write_outcome::stored);
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
