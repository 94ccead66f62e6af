#define CAF_SUITE sqlite_backup
#include <troupe_test/suite.hpp>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <troupe/bridges/sqlite/backup.hpp>
#include <troupe/bridges/sqlite/database.hpp>

#include "../temporary_folder.hpp"

namespace {

using namespace troupe;
using namespace troupe::sqlite;
namespace fs = std::filesystem;

struct fixture {
  contract::temporary_folder folder;
  const fs::path data = folder.path() / "data";
  const fs::path to = folder.path() / "copy";

  database_ptr opened(const fs::path& where) const {
    options settings;
    settings.folder = where;
    auto made = open(std::move(settings));
    CAF_REQUIRE(made.has_value());
    return *made;
  }

  static void add(database& in, const std::string& text) {
    const auto done = in.write_and_wait([&text](connection& on) -> expected<void> {
      if (auto made = on.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)"); made.has_error())
        return made;
      return on.run("INSERT INTO notes VALUES (?)", std::string_view{text});
    });
    CAF_REQUIRE(done.has_value());
  }

  std::int64_t notes_in_copy() const {
    auto on = connection::open(to, access::read);
    CAF_REQUIRE(on.has_value());
    std::string sound;
    CAF_REQUIRE(on->each("PRAGMA integrity_check", [&](const row& each) { sound = each.text(0); }).has_value());
    CAF_CHECK_EQUAL(sound, "ok");
    return *on->number("SELECT count(*) FROM notes", -1);
  }

  failure refused(const fs::path& name, name_taken how = name_taken::refuse) const {
    const auto made = back_up(data, name, how);
    CAF_REQUIRE(made.has_error());
    CAF_CHECK(!fs::exists(name.string() + ".partial"));
    return made.error();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_backup_tests, fixture)

CAF_TEST(a copy holds what was committed while others write) {
  const auto in = opened(data);
  for (int i = 0; i < 100; ++i)
    add(*in, std::string(100'000, 'x'));
  std::atomic<bool> over = false;
  std::atomic<int> written = 100;
  std::thread writing{[&] {
    while (!over) {
      add(*in, "meanwhile");
      ++written;
    }
  }};
  const auto made = back_up(data, to, name_taken::refuse);
  const auto at_end = written + 1; // of which one may not have been counted yet
  over = true;
  writing.join();
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(*made, fs::file_size(to));
  const auto notes = notes_in_copy();
  CAF_CHECK(notes >= 100 && notes <= at_end);
  CAF_CHECK(!fs::exists(to.string() + ".partial"));
}

CAF_TEST(a copy of a folder that nobody has is one that a program opens) {
  add(*opened(data), "kept");
  CAF_REQUIRE(back_up(data, to, name_taken::refuse).has_value());
  CAF_CHECK_EQUAL(notes_in_copy(), 1);
  CAF_CHECK(!fs::exists(to.string() + "-wal")); // though somebody looked into it
  CAF_CHECK((fs::status(to).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
  fs::create_directory(folder.path() / "restored");
  fs::rename(to, folder.path() / "restored" / "troupe.sqlite");
  const auto again = opened(folder.path() / "restored");
  CAF_CHECK(again->incarnation() > 1);
}

CAF_TEST(a name that is taken is refused unless it is to be replaced) {
  add(*opened(data), "kept");
  std::ofstream{to} << "mine";
  CAF_CHECK_EQUAL(refused(to).code, errc::conflict);
  CAF_CHECK_EQUAL(fs::file_size(to), 4U);
  CAF_REQUIRE(back_up(data, to, name_taken::replace).has_value());
  CAF_CHECK_EQUAL(notes_in_copy(), 1);
}

CAF_TEST(the log of an earlier database is not left to the new one) {
  add(*opened(data), "kept");
  std::ofstream{to} << "mine";
  std::ofstream{to.string() + "-wal"} << "mine";
  CAF_CHECK_EQUAL(refused(to, name_taken::replace).code, errc::conflict);
  CAF_CHECK_EQUAL(fs::file_size(to), 4U);
}

CAF_TEST(the data itself is never written over) {
  const auto in = opened(data);
  add(*in, "kept");
  fs::create_symlink(data / "troupe.sqlite", folder.path() / "link");
  for (const auto& each : {data / "troupe.sqlite", data / "troupe.sqlite-wal", data / "troupe.sqlite-shm",
                           data / "troupe.lock", data / ".." / "data" / "troupe.sqlite", folder.path() / "link"})
    CAF_CHECK_EQUAL(refused(each, name_taken::replace).code, errc::conflict);
  add(*in, "still");
}

CAF_TEST(what cannot be a backup is refused by name) {
  CAF_CHECK_EQUAL(refused(to).code, errc::not_found);
  CAF_CHECK(!fs::exists(data)); // looking makes nothing
  add(*opened(data), "kept");
  CAF_CHECK_EQUAL(refused(folder.path()).code, errc::conflict);
  CAF_CHECK_EQUAL(refused(folder.path() / "").code, errc::conflict);
  CAF_CHECK_EQUAL(refused("").code, errc::conflict);
  const auto pipe = folder.path() / "pipe";
  CAF_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CAF_CHECK_EQUAL(refused(pipe, name_taken::replace).code, errc::conflict);
  CAF_CHECK(fs::is_fifo(pipe));
  const auto why = refused(folder.path() / "nowhere" / "copy");
  CAF_CHECK_EQUAL(why.code, errc::storage_failed);
  CAF_CHECK(why.reason.find("nowhere") != std::string::npos);
}

CAF_TEST(what an interrupted backup left is written over and one under way is not) {
  add(*opened(data), "kept");
  const auto partial = to.string() + ".partial";
  std::ofstream{partial} << std::string(100'000, 'x');
  {
    const sqlite::file_handle other{::open(partial.c_str(), O_RDWR | O_CLOEXEC)};
    CAF_REQUIRE(::flock(other.get(), LOCK_EX) == 0);
    const auto made = back_up(data, to, name_taken::refuse);
    CAF_REQUIRE(made.has_error());
    CAF_CHECK_EQUAL(made.error().code, errc::locked);
    CAF_CHECK(fs::exists(partial));
  }
  CAF_REQUIRE(back_up(data, to, name_taken::refuse).has_value());
  CAF_CHECK_EQUAL(notes_in_copy(), 1);
  CAF_CHECK(!fs::exists(partial));
}

CAF_TEST_FIXTURE_SCOPE_END()
