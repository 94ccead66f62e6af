#define CAF_SUITE sqlite
#include <troupe_test/suite.hpp>

#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <unistd.h>

#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/bridges/sqlite/errors.hpp>
#include <troupe/bridges/sqlite/job.hpp>
#include <troupe/bridges/sqlite/schema.hpp>

#include "../temporary_folder.hpp"
#include "failing_files.hpp"

namespace {

using namespace troupe;
using namespace troupe::sqlite;

struct fixture {
  contract::temporary_folder folder;

  options settings() const {
    options made;
    made.folder = folder.path() / "data";
    return made;
  }

  database_ptr opened() const {
    auto made = open(settings());
    CAF_REQUIRE(made.has_value());
    return *made;
  }

  failure refused() const {
    const auto made = open(settings());
    CAF_REQUIRE(made.has_error());
    return made.error();
  }
};

expected<void> add_note(connection& on, const std::string& text) {
  return on.run("INSERT INTO notes (text) VALUES (?)", std::string_view{text});
}

void make_notes(database& in) {
  const auto made = in.write_and_wait([](connection& on) { return on.execute("CREATE TABLE notes (text TEXT UNIQUE)"); });
  CAF_REQUIRE(made.has_value());
}

std::int64_t notes(database& in) {
  std::int64_t count = -1;
  const auto read = in.read_and_wait([&count](connection& on) -> expected<void> {
    const auto found = on.number("SELECT count(*) FROM notes", 0);
    if (found.has_error())
      return found.error();
    count = *found;
    return {};
  });
  CAF_REQUIRE(read.has_value());
  return count;
}

using outcome = std::future<expected<void>>;

outcome add(database& in, const std::string& text, durability needs = durability::synced) {
  auto outcome_of = std::make_shared<std::promise<expected<void>>>();
  auto result = outcome_of->get_future();
  in.submit(make_job(
    needs, [text](connection& on) { return add_note(on, text); },
    [outcome_of](const expected<void>& done) { outcome_of->set_value(done); }));
  return result;
}

// Keeps the writing thread busy, so that what is submitted meanwhile commits as one group.
class blocked_writer {
public:
  explicit blocked_writer(database& in) {
    auto begun = std::make_shared<std::promise<void>>();
    auto running = begun->get_future();
    in.submit(make_job(
      durability::synced,
      [begun, go = go_.get_future().share()](connection&) -> expected<void> {
        begun->set_value();
        go.wait();
        return {};
      },
      [](const expected<void>&) {}));
    running.wait();
  }
  ~blocked_writer() { go_.set_value(); }

private:
  std::promise<void> go_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_tests, fixture)

CAF_TEST(a folder in use is refused with its name and the process that has it) {
  const auto first = opened();
  const auto why = refused();
  CAF_CHECK_EQUAL(why.code, errc::locked);
  CAF_CHECK(why.reason.find(settings().folder.string()) != std::string::npos);
  CAF_CHECK(why.reason.find("process " + std::to_string(::getpid())) != std::string::npos);
}

CAF_TEST(a folder is free again when its database has ended) {
  opened().reset();
  CAF_CHECK(open(settings()).has_value());
}

CAF_TEST(a newer schema is refused by name and left untouched) {
  opened().reset();
  const auto file = settings().folder / "troupe.sqlite";
  {
    auto raw = connection::open(file, access::write);
    CAF_REQUIRE(raw.has_value());
    CAF_REQUIRE(raw->execute("PRAGMA user_version=99").has_value());
  }
  const auto why = refused();
  CAF_CHECK_EQUAL(why.code, errc::newer_schema);
  CAF_CHECK(why.reason.find(file.string()) != std::string::npos);
  CAF_CHECK(why.reason.find("99") != std::string::npos);
  CAF_CHECK(why.reason.find(std::to_string(schema_steps().size())) != std::string::npos);
}

CAF_TEST(a database of another program is refused) {
  std::filesystem::create_directories(settings().folder);
  {
    auto raw = connection::open(settings().folder / "troupe.sqlite", access::make);
    CAF_REQUIRE(raw.has_value());
    CAF_REQUIRE(raw->execute("CREATE TABLE theirs (x)").has_value());
  }
  CAF_CHECK_EQUAL(refused().code, errc::conflict);
}

CAF_TEST(a damaged file is refused with its name) {
  std::filesystem::create_directories(settings().folder);
  const auto file = settings().folder / "troupe.sqlite";
  std::ofstream{file} << std::string(8192, 'x');
  const auto why = refused();
  CAF_CHECK_EQUAL(why.code, errc::storage_failed);
  CAF_CHECK(why.reason.find(file.string()) != std::string::npos);
  CAF_CHECK(why.reason.find("not a database") != std::string::npos);
}

CAF_TEST(a folder that cannot be made is refused with its name) {
  std::ofstream{folder.path() / "data"} << "a file stands where the folder should";
  const auto why = refused();
  CAF_CHECK_EQUAL(why.code, errc::storage_failed);
  CAF_CHECK(why.reason.find(settings().folder.string()) != std::string::npos);
}

CAF_TEST(a file that cannot be written is refused with its name in one line) {
  // A folder in its place, because a superuser may write every file.
  const auto file = settings().folder / "troupe.sqlite";
  std::filesystem::create_directories(file);
  const auto why = refused();
  CAF_CHECK_EQUAL(why.code, errc::storage_failed);
  CAF_CHECK_EQUAL(why.reason, file.string() + " cannot be written: Is a directory");
}

CAF_TEST(a failure of a script is reported in one line) {
  const auto why = to_failure(nullptr, SQLITE_READONLY, "\nCREATE TABLE a (\n  b);\n");
  CAF_CHECK_EQUAL(why.reason, "CREATE TABLE a (: attempt to write a readonly database");
}

CAF_TEST(each opening of a file has a higher incarnation) {
  const auto first = opened()->incarnation();
  CAF_CHECK_EQUAL(opened()->incarnation(), first + 1);
}

CAF_TEST(what a write has committed is there after reopening) {
  auto in = opened();
  make_notes(*in);
  CAF_CHECK(add(*in, "kept").get().has_value());
  in = nullptr;
  CAF_CHECK_EQUAL(notes(*opened()), 1);
}

CAF_TEST(a failing write is undone alone and the others of its group commit) {
  auto in = opened();
  make_notes(*in);
  std::vector<outcome> outcomes;
  {
    const blocked_writer group{*in};
    for (const auto* each : {"a", "b", "a", "c"})
      outcomes.push_back(add(*in, each));
  }
  CAF_CHECK(outcomes[0].get().has_value());
  CAF_CHECK(outcomes[1].get().has_value());
  const auto twice = outcomes[2].get();
  CAF_REQUIRE(twice.has_error());
  CAF_CHECK_EQUAL(twice.error().code, errc::conflict);
  CAF_CHECK(outcomes[3].get().has_value());
  CAF_CHECK_EQUAL(notes(*in), 3);
}

CAF_TEST(a write that throws is undone alone) {
  auto in = opened();
  make_notes(*in);
  const auto thrown = in->write_and_wait([](connection& on) -> expected<void> {
    static_cast<void>(add_note(on, "undone"));
    throw std::runtime_error("on purpose");
  });
  CAF_REQUIRE(thrown.has_error());
  CAF_CHECK_EQUAL(thrown.error(), (failure{errc::internal, "on purpose"}));
  CAF_CHECK_EQUAL(notes(*in), 0);
}

CAF_TEST(writes that wait together are synced together) {
  contract::failing_files disk;
  auto in = opened();
  make_notes(*in);
  std::vector<outcome> outcomes;
  {
    const blocked_writer group{*in};
    for (int i = 0; i < 50; ++i)
      outcomes.push_back(add(*in, std::to_string(i)));
  }
  outcomes.front().wait();
  const auto before = disk.syncs.load();
  for (auto& each : outcomes)
    CAF_CHECK(each.get().has_value());
  CAF_CHECK_EQUAL(disk.syncs.load(), before);
}

CAF_TEST(a synced write is answered after its sync and an unsynced one does without) {
  contract::failing_files disk;
  auto in = opened();
  make_notes(*in);
  const auto before = disk.syncs.load();
  CAF_CHECK(add(*in, "mark", durability::unsynced).get().has_value());
  CAF_CHECK_EQUAL(disk.syncs.load(), before);
  CAF_CHECK(add(*in, "settled").get().has_value());
  CAF_CHECK(disk.syncs.load() > before);
}

CAF_TEST(a failing sync fails every write of its group and the next ones succeed) {
  contract::failing_files disk;
  auto in = opened();
  make_notes(*in);
  std::vector<outcome> outcomes;
  {
    const blocked_writer group{*in};
    for (const auto* each : {"a", "b", "c"})
      outcomes.push_back(add(*in, each));
    disk.syncs_to_fail = 1; // of the group that waits: the one that runs writes nothing
  }
  for (auto& each : outcomes) {
    const auto done = each.get();
    CAF_REQUIRE(done.has_error());
    CAF_CHECK_EQUAL(done.error().code, errc::storage_failed);
    CAF_CHECK(is_transient(done.error().code));
  }
  const auto again = add(*in, "d").get();
  CAF_CHECK(again.has_value());
  in = nullptr;
  CAF_CHECK(notes(*opened()) >= 1);
}

CAF_TEST(while syncs fail every write fails and nobody waits) {
  contract::failing_files disk;
  auto in = opened();
  make_notes(*in);
  disk.syncs_to_fail = 3; // of a commit, and of two attempts to begin the log again
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(add(*in, "refused").get().has_error());
  CAF_CHECK(add(*in, "kept").get().has_value());
}

CAF_TEST(a full disk fails writes and leaves reads until there is room again) {
  contract::failing_files disk;
  auto in = opened();
  make_notes(*in);
  CAF_CHECK(add(*in, "before").get().has_value());
  disk.disk_full = true;
  for (int i = 0; i < 3; ++i) {
    const auto done = add(*in, "refused").get();
    CAF_REQUIRE(done.has_error());
    CAF_CHECK_EQUAL(done.error().code, errc::storage_failed);
  }
  CAF_CHECK_EQUAL(notes(*in), 1);
  disk.disk_full = false;
  CAF_CHECK(add(*in, "after").get().has_value());
  CAF_CHECK_EQUAL(notes(*in), 2);
}

CAF_TEST(the log begins again however fast is written) {
  const auto database = opened();
  make_notes(*database);
  constexpr std::uintmax_t mebibyte = 1024UL * 1024;
  for (int i = 0; i < 100; ++i)
    CAF_REQUIRE(add(*database, std::to_string(i) + std::string(mebibyte, 'x')).get().has_value());
  CAF_CHECK(std::filesystem::file_size((settings().folder / "troupe.sqlite").string() + "-wal") < 50 * mebibyte);
}

CAF_TEST(reads go on while a write waits) {
  auto in = opened();
  make_notes(*in);
  const blocked_writer busy{*in};
  CAF_CHECK_EQUAL(notes(*in), 0);
}

CAF_TEST(beyond its bound the queue refuses and says so at once) {
  auto bounds = settings();
  bounds.bounds.jobs = 2;
  auto in = *open(bounds);
  make_notes(*in);
  std::vector<outcome> outcomes;
  {
    const blocked_writer busy{*in};
    for (const auto* each : {"a", "b", "c"})
      outcomes.push_back(add(*in, each));
    CAF_CHECK(outcomes[2].wait_for(std::chrono::seconds{0}) == std::future_status::ready);
  }
  CAF_CHECK(outcomes[0].get().has_value());
  CAF_CHECK(outcomes[1].get().has_value());
  CAF_CHECK_EQUAL(outcomes[2].get().error().code, errc::overloaded);
}

CAF_TEST(a database that ends finishes what it has taken) {
  auto in = opened();
  make_notes(*in);
  std::vector<outcome> outcomes;
  {
    const blocked_writer busy{*in};
    for (int i = 0; i < 10; ++i)
      outcomes.push_back(add(*in, std::to_string(i)));
  }
  in = nullptr;
  for (auto& each : outcomes)
    CAF_CHECK(each.get().has_value());
  CAF_CHECK_EQUAL(notes(*opened()), 10);
}

CAF_TEST(a database whose last owner is one of its jobs ends elsewhere) {
  auto in = opened();
  make_notes(*in);
  auto ended = std::make_shared<std::promise<void>>();
  auto end = ended->get_future();
  struct farewell {
    explicit farewell(std::shared_ptr<std::promise<void>> outcome_of) : ended_(std::move(outcome_of)) {}
    ~farewell() { ended_->set_value(); }
    std::shared_ptr<std::promise<void>> ended_;
  };
  {
    const auto companion = in->companion<std::shared_ptr<farewell>>();
    *companion = std::make_shared<farewell>(ended);
  }
  auto& writing = *in;
  writing.submit(make_job(
    durability::synced, [](connection&) -> expected<void> { return {}; },
    [owner = std::move(in)](const expected<void>&) {}));
  end.wait();
}

CAF_TEST(a statement in use is not given out twice) {
  auto in = opened();
  const auto done = in->read_and_wait([](connection& on) -> expected<void> {
    const auto first = on.prepare("SELECT 1");
    const auto second = on.prepare("SELECT 1");
    return second.has_error() ? expected<void>{second.error()} : expected<void>{};
  });
  CAF_REQUIRE(done.has_error());
  CAF_CHECK_EQUAL(done.error().code, errc::internal);
}

CAF_TEST(bytes and absent values are read as they were written) {
  auto in = opened();
  const std::string odd{"a\0\xff'", 4};
  std::string back;
  auto absent = false;
  const auto done = in->write_and_wait([&](connection& on) -> expected<void> {
    if (auto made = on.execute("CREATE TABLE t (a, b)"); made.has_error())
      return made;
    if (auto kept = on.run("INSERT INTO t VALUES (?, ?)", blob{odd}, std::optional<blob>{}); kept.has_error())
      return kept;
    return on.each("SELECT a, b FROM t", [&](const row& each) {
      back = each.text(0);
      absent = each.null(1);
    });
  });
  CAF_REQUIRE(done.has_value());
  CAF_CHECK(back == odd);
  CAF_CHECK(absent);
}

CAF_TEST_FIXTURE_SCOPE_END()
