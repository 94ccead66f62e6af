#define CAF_SUITE sqlite_schema
#include <troupe_test/suite.hpp>

#include <troupe/bridges/sqlite/backup.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/bridges/sqlite/schema.hpp>

#include "../temporary_folder.hpp"
#include "schema_2.hpp"

namespace {

using namespace troupe;
using namespace troupe::sqlite;

struct fixture {
  contract::temporary_folder folder;
  const std::filesystem::path data = folder.path() / "data";
  const std::filesystem::path file = data / "troupe.sqlite";

  std::int64_t number(const char* sql) const {
    auto on = connection::open(file, access::read);
    CAF_REQUIRE(on.has_value());
    const auto found = on->number(sql, -1);
    CAF_REQUIRE(found.has_value());
    return *found;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_schema_tests, fixture)

CAF_TEST(a file of an earlier version is migrated when it is opened) {
  CAF_REQUIRE(contract::make_schema_2(data, "INSERT INTO lanes VALUES (7, 's', 'stream', 2, 5, 100);"
                                            "INSERT INTO messages VALUES ((7 << 43) + 4, 1, 'id', NULL, '', '', '', 'x')")
                .has_value());
  CAF_REQUIRE(open({.folder = data}).has_value());
  CAF_CHECK_EQUAL(number("PRAGMA user_version"), 3);
  CAF_CHECK_EQUAL(number("SELECT partition_id FROM partitions WHERE source = 's' AND partition = 2"), 7);
  CAF_CHECK_EQUAL(number("SELECT message_offset FROM source_messages WHERE source = 's' AND partition = 2"), 4);
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%lane%'"), 0);
}

CAF_TEST(a migration that fails changes nothing) {
  CAF_REQUIRE(contract::make_schema_2(data, "ALTER TABLE settled_ahead ADD COLUMN partition_id").has_value());
  const auto refused = open({.folder = data});
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().reason.find(file.string()) != std::string::npos);
  CAF_CHECK_EQUAL(number("PRAGMA user_version"), 2);
  CAF_CHECK_EQUAL(number("SELECT count(lane) FROM lanes"), 0);
}

CAF_TEST(a newer version is refused with the remedy) {
  CAF_REQUIRE(contract::make_schema_2(data, "PRAGMA user_version=4").has_value());
  const auto refused = open({.folder = data});
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, errc::newer_schema);
  CAF_CHECK_EQUAL(refused.error().reason,
                  file.string()
                    + " has schema version 4, and this program knows versions up to 3: start the newer program "
                      "that wrote it, or restore a backup made before");
}

CAF_TEST(a command refuses an earlier version that a backup copies) {
  CAF_REQUIRE(contract::make_schema_2(data, "").has_value());
  const auto refused = open_beside(data, access::read, needed_schema::present);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, errc::conflict);
  CAF_CHECK(refused.error().reason.find("start this version of the program once") != std::string::npos);
  CAF_CHECK(back_up(data, folder.path() / "copy", name_taken::refuse).has_value());
  CAF_CHECK_EQUAL(number("PRAGMA user_version"), 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
