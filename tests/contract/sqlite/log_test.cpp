#define CAF_SUITE sqlite_log
#include <troupe_test/suite.hpp>

#include <chrono>
#include <string>

#include <unistd.h>

#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/bridges/sqlite/lock_holders.hpp>
#include <troupe/bridges/sqlite/log_length.hpp>
#include <troupe/bridges/sqlite/reminder.hpp>

#include "../temporary_folder.hpp"

namespace {

using namespace troupe;
using namespace troupe::sqlite;
using namespace std::chrono_literals;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

struct fixture {
  contract::temporary_folder folder;
  database_ptr in = opened(folder.path());

  static database_ptr opened(const std::filesystem::path& where) {
    options settings;
    settings.folder = where;
    auto made = open(std::move(settings));
    CAF_REQUIRE(made.has_value());
    return *made;
  }

  void write(const std::string& text) {
    const auto done = in->write_and_wait([&text](connection& on) -> expected<void> {
      if (auto made = on.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)"); made.has_error())
        return made;
      return on.run("INSERT INTO notes VALUES (?)", std::string_view{text});
    });
    CAF_REQUIRE(done.has_value());
  }

  /// The longest that one of so many writes of a mebibyte took.
  duration write_mebibytes(int count) {
    duration longest{};
    for (int i = 0; i < count; ++i) {
      const auto begun = steady_now();
      write(std::string(mebibyte, 'x'));
      longest = std::max<duration>(longest, steady_now() - begun);
    }
    return longest;
  }
};

bool grows(const std::optional<failure>& trouble) {
  return trouble.has_value();
}

bool is_well(const std::optional<failure>& trouble) {
  return !trouble;
}

} // namespace

CAF_TEST(a log is moved when enough was written and ended by the writer when little is left) {
  log_length log;
  log.committed(log_length::enough_to_move - 1);
  CAF_CHECK(!log.due() && !log.take_finish());
  log.committed(log_length::enough_to_move);
  CAF_CHECK(log.due());
  log.moved({log_length::enough_to_move, log_length::enough_to_move});
  CAF_CHECK(!log.due());
  log.committed(log_length::enough_to_move + log_length::few);
  CAF_CHECK(log.take_finish());
  CAF_CHECK(!log.take_finish());
  log.committed(10); // it has begun again
  CAF_CHECK(!log.due() && !log.take_finish() && !log.is_long());
  log.committed(log_length::enough_to_move);
  CAF_CHECK(log.due());
}

CAF_TEST(a log is ended by the writer when a quarter is left or when it is written faster than it is moved) {
  log_length log;
  log.committed(3000);
  log.moved({2000, 2000});
  CAF_CHECK(!log.take_finish());
  log.moved({2500, 2500});
  CAF_CHECK(log.take_finish());
  log.committed(log_length::enough_for_writer);
  CAF_CHECK(!log.take_finish()); // not again for the same time
  log.moved({2600, 2600});
  CAF_CHECK(log.take_finish());
}

CAF_TEST(what a reader holds up is tried again with time or when as much was written and never within the writes) {
  log_length log;
  log.committed(16'383); // of 4 KiB
  CAF_CHECK(!log.is_long());
  log.committed(16'384);
  CAF_CHECK(log.is_long());
  log.committed(20'000);
  log.moved({20'000, 500});
  CAF_CHECK(log.held_up() && log.is_long() && log.due_again());
  CAF_CHECK(!log.due());
  log.committed(20'000 + log_length::enough_to_move - 1);
  CAF_CHECK(!log.due() && !log.take_finish());
  log.committed(30'000);
  CAF_CHECK(log.due() && !log.take_finish());
  log.moved({30'000, 30'000});
  CAF_CHECK(!log.held_up() && !log.due_again());
  CAF_CHECK(!log.is_long() && log.pages() == 0); // also where nothing is written any more
  CAF_CHECK(log.take_finish());
}

CAF_TEST(what lasts is said at once and then once a minute until it is over) {
  reminder of;
  const instant start{1h};
  CAF_CHECK(of.due(start));
  CAF_CHECK(!of.due(start + 59s));
  CAF_CHECK(of.due(start + 60s));
  CAF_CHECK(!of.due(start + 119s));
  CAF_CHECK(of.over());
  CAF_CHECK(!of.over());
  CAF_CHECK(of.due(start + 120s));
}

CAF_TEST(readers and writers are found by their locks on the index of the log) {
  const auto text = "1: POSIX  ADVISORY  READ 4711 08:02:1835019 124 124\n"
                    "1: -> POSIX  ADVISORY  READ 4 08:02:1835019 124 124\n"
                    "2: POSIX  ADVISORY  READ 4712 08:02:1835019 128 128\n"
                    "3: POSIX  ADVISORY  READ 4713 08:02:99 124 124\n"
                    "4: FLOCK  ADVISORY  WRITE 4714 08:02:1835019 0 EOF\n"
                    "5: POSIX  ADVISORY  READ 4715 00:2f:1835019 123 127\n"
                    "6: POSIX  ADVISORY  WRITE 4716 08:02:1835019 120 120\n"
                    "nonsense\n\n";
  CAF_CHECK_EQUAL(holders_in(text, 1835019, access_kind::reading), (std::set<pid_t>{4711, 4715}));
  CAF_CHECK_EQUAL(holders_in(text, 1835019, access_kind::writing), (std::set<pid_t>{4716}));
  CAF_CHECK(holders_in("", 1, access_kind::reading).empty());
}

CAF_TEST_FIXTURE_SCOPE(sqlite_log_tests, fixture)

CAF_TEST(a reader that stays keeps no write waiting and is reported until it leaves) {
  auto staying = connection::open(in->file(), access::read);
  CAF_REQUIRE(staying.has_value());
  CAF_REQUIRE(staying->execute("BEGIN; SELECT count(*) FROM process").has_value());
  const auto health = in->health();
  CAF_CHECK(write_mebibytes(80) < 2s); // each waited 5 s once for a reader to leave
  CAF_REQUIRE(health->log.wait_for(20s, grows));
  CAF_CHECK(health->log.trouble()->reason.find(in->file().string()) != std::string::npos);
  CAF_CHECK(!health->files.trouble());
  CAF_REQUIRE(staying->execute("COMMIT").has_value());
  // The log begins again with a write that comes after it was moved.
  for (int i = 0; i < 100 && health->log.trouble(); ++i) {
    write("after");
    static_cast<void>(health->log.wait_for(200ms, is_well));
  }
  CAF_CHECK(!health->log.trouble());
}

CAF_TEST_FIXTURE_SCOPE_END()
