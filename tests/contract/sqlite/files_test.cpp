#define CAF_SUITE sqlite_files
#include <troupe_test/suite.hpp>

#include <fstream>
#include <functional>
#include <string>

#include <troupe/bridges/sqlite/database.hpp>

#include "../temporary_folder.hpp"

namespace {

using namespace troupe;
using namespace troupe::sqlite;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct fixture {
  contract::temporary_folder folder;
  database_ptr in = opened();
  const fs::path file = folder.path() / "troupe.sqlite";

  database_ptr opened() const {
    options settings;
    settings.folder = folder.path();
    auto made = open(std::move(settings));
    CAF_REQUIRE(made.has_value());
    return *made;
  }

  expected<void> write() const {
    return in->write_and_wait([](connection& on) { return on.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)"); });
  }

  void check_refusal(const fs::path& of) const {
    const auto done = write();
    CAF_REQUIRE(done.has_error());
    CAF_CHECK_EQUAL(done.error().code, errc::storage_failed);
    CAF_CHECK(done.error().reason.starts_with(of.string() + " was "));
    CAF_REQUIRE(in->health()->files.trouble().has_value());
    CAF_CHECK_EQUAL(in->health()->files.trouble()->code, errc::storage_failed);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_files_tests, fixture)

CAF_TEST(nothing is durable while a file is away and everything is once it is back) {
  CAF_REQUIRE(write().has_value());
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    const fs::path hurt = file.string() + suffix;
    const fs::path kept = hurt.string() + ".kept";
    fs::rename(hurt, kept);
    check_refusal(hurt);
    std::ofstream{hurt} << "another";
    check_refusal(hurt);
    fs::rename(kept, hurt);
    CAF_CHECK(write().has_value());
    CAF_CHECK(in->health()->files.wait_for(20s, [](const auto& trouble) { return !trouble; }));
  }
}

CAF_TEST(a file that is away is noticed though nobody writes) {
  fs::remove(file);
  CAF_CHECK(in->health()->files.wait_for(20s, [](const auto& trouble) { return trouble.has_value(); }));
}

CAF_TEST(an emptied file is noticed) {
  fs::resize_file(file, 0);
  check_refusal(file);
}

CAF_TEST(no other file comes into being where one was taken away) {
  fs::remove(file);
  for (int i = 0; i < 3; ++i)
    check_refusal(file);
  CAF_CHECK(!fs::exists(file));
}

CAF_TEST_FIXTURE_SCOPE_END()
