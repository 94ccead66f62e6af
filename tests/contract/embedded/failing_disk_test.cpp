#define CAF_SUITE embedded_failing_disk
#include <troupe_test/suite.hpp>

#include "../sqlite/failing_files.hpp"
#include "embedded_transport.hpp"

using namespace troupe;
using namespace troupe::contract;

namespace {

struct fixture {
  failing_files disk; // outlives the database
  embedded_queue in;
  int made = 0;

  failure publish_one() {
    message one;
    one.id = "id-" + std::to_string(made++);
    one.payload = "payload";
    const auto answer = ask_and_wait<published>(in.system(), in.publisher(), publish{{one}});
    CAF_REQUIRE(answer.has_value());
    return answer->outcomes.front();
  }

  std::string accept_one() {
    CAF_REQUIRE_EQUAL(publish_one().code, errc::none);
    return "id-" + std::to_string(made - 1);
  }

  journal_ptr subscribe(journal::script script) {
    auto book = std::make_shared<journal>(std::move(script));
    source = in.source(spawn_handler(in, book));
    return book;
  }

  source_actor source;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(failing_disk_tests, fixture)

CAF_TEST(a publish onto a full disk is refused as transient and the next one with room succeeds) {
  accept_one();
  disk.disk_full = true;
  const auto refused = publish_one();
  CAF_CHECK_EQUAL(refused.code, errc::storage_failed);
  CAF_CHECK(is_transient(refused.code));
  disk.disk_full = false;
  CAF_CHECK_EQUAL(publish_one().code, errc::none);
}

CAF_TEST(a publish whose sync fails is refused and what was accepted before is delivered) {
  const auto before = accept_one();
  disk.syncs_to_fail = 1;
  CAF_CHECK_EQUAL(publish_one().code, errc::storage_failed);
  const auto after = accept_one();
  const auto book = subscribe(all_done());
  CAF_CHECK(book->wait_for_done({before, after}));
}

CAF_TEST(what is handled while the disk is full is settled when there is room) {
  const auto first = accept_one();
  const auto book = subscribe([this](const std::vector<delivery>& batch) {
    disk.disk_full = true; // before the settlement can be written
    return all_done()(batch);
  });
  CAF_REQUIRE(book->wait_for_done({first}));
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_failed_settlement_writes_total", 2));
  CAF_CHECK_EQUAL(in.watcher->value("troupe_embedded_settled_total"), 0.0);
  disk.disk_full = false;
  CAF_CHECK(in.watcher->wait_for("troupe_embedded_settled_total", 1));
  CAF_CHECK_EQUAL(book->seen().size(), 1u);
}

CAF_TEST(a dead letter that cannot be written is not lost and holds everything back until it is) {
  const auto first = accept_one();
  auto away = true;
  const auto book = subscribe([&](const std::vector<delivery>& batch) -> journal::answer {
    if (!std::exchange(away, false))
      return all_done()(batch);
    disk.disk_full = true;
    return replies{{{verdict::reject, {errc::rejected, "no"}}}, std::nullopt};
  });
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_failed_settlement_writes_total", 2));
  CAF_CHECK_EQUAL(in.watcher->value("troupe_embedded_settled_total"), 0.0);
  disk.disk_full = false;
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_settled_total", 1));
  const auto page = ask_and_wait<dead_letter_page>(in.system(), in.dead_letters(), list_dead_letters{});
  CAF_REQUIRE_EQUAL(page->letters.size(), 1u);
  CAF_CHECK_EQUAL(page->letters.front().letter.content.id, first);
  const auto second = accept_one();
  CAF_CHECK(book->wait_for_done({second}));
}

CAF_TEST(a source that cannot begin tries again) {
  accept_one();
  disk.disk_full = true;
  const auto book = subscribe(all_done());
  CAF_REQUIRE(in.watcher->wait_for("troupe_sqlite_failed_commits_total", 1));
  disk.disk_full = false;
  CAF_CHECK(book->wait_for_done({"id-0"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
