// Messages from publish to settled, through the embedded stream and the embedded queue, against raw SQLite that inserts the
// same bytes in transactions of the same size.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <latch>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <troupe/messages/ports/types.hpp>

#include "embedded_platform.hpp"
#include "figure.hpp"
#include "raw_sqlite.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

struct load {
  std::filesystem::path folder;
  std::uint64_t batches = 1000;
  std::uint64_t batch = 100;    // messages of one publish, rows of one transaction
  std::uint64_t in_flight = 16; // publishes
};

double rate_since(std::chrono::steady_clock::time_point begun, const load& what) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(what.batches * what.batch) / took.count();
}

double measure_raw(const load& what) {
  const new_folder folder{what.folder / "raw"};
  raw_database database{folder.path() / "raw.sqlite"};
  database.execute("CREATE TABLE messages (position INTEGER PRIMARY KEY, id TEXT NOT NULL, payload BLOB NOT NULL)");
  auto begin = database.prepare("BEGIN IMMEDIATE");
  auto insert = database.prepare("INSERT INTO messages (position, id, payload) VALUES (?, ?, ?)");
  auto commit = database.prepare("COMMIT");
  const std::string payload(payload_size, 'x');
  const auto begun = std::chrono::steady_clock::now();
  std::uint64_t number = 0;
  for (std::uint64_t batch = 0; batch < what.batches; ++batch) {
    begin.run();
    for (std::uint64_t i = 0; i < what.batch; ++i, ++number)
      insert.run({static_cast<std::int64_t>(number), id_of(number), payload});
    commit.run();
  }
  return rate_since(begun, what);
}

using load_actor = caf::typed_actor<caf::result<void>(caf::tick_atom)>;

// Keeps so many publishes under way until everything is acknowledged.
class load_state {
public:
  load_state(load_actor::pointer self, publisher_actor to, const load& what, std::latch& done)
    : self_(self), to_(std::move(to)), what_(what), done_(done) {}

  load_actor::behavior_type make_behavior() {
    return {[this](caf::tick_atom) {
      while (under_way_ < what_.in_flight && shipped_ < what_.batches)
        ship();
    }};
  }

private:
  void ship() {
    publish next;
    next.messages.resize(what_.batch);
    for (auto& each : next.messages) {
      each.id = id_of(number_++);
      each.payload.assign(payload_size, 'x');
    }
    ++shipped_;
    ++under_way_;
    ask(self_, to_, 60s, std::move(next))
      .then([this](const published& done) { acknowledged(done); }, [](const caf::error& why) { give_up(to_string(why)); });
  }

  void acknowledged(const published& done) {
    if (!done.complete())
      give_up("a message was not acknowledged");
    --under_way_;
    if (shipped_ < what_.batches)
      ship();
    else if (under_way_ == 0) {
      done_.count_down();
      self_->quit();
    }
  }

  load_actor::pointer self_;
  publisher_actor to_;
  const load what_;
  std::latch& done_;
  std::uint64_t number_ = 0;
  std::uint64_t shipped_ = 0;
  std::uint64_t under_way_ = 0;
};

double measure_ours(const load& what, embedded::destination_kind kind) {
  const new_folder folder{what.folder / "ours"};
  std::latch done{2}; // acknowledged, and handled
  std::atomic<std::uint64_t> handled{0};
  embedded_platform platform{folder.path(), kind, [&, all = what.batches * what.batch](const delivery&) {
                               if (handled.fetch_add(1, std::memory_order_relaxed) + 1 == all)
                                 done.count_down();
                               return reply{};
                             }};
  const auto begun = std::chrono::steady_clock::now();
  send_anonymously(
    platform.system().spawn<caf::stateful_actor<load_state, load_actor::impl>>(platform.publisher(), what, std::ref(done)),
    caf::tick_atom_v);
  done.wait();
  platform.settle();
  const auto rate = rate_since(begun, what);
  if (platform.unsettled() != 0 || handled != what.batches * what.batch)
    give_up("not every message was handled and settled once");
  return rate;
}

// On what the files stand: the disk to be measured, or memory, where a sync costs nothing and only the work is left.
enum class medium { disk, memory };

void measure(const load& what, unsigned rounds, medium on) {
  std::vector<double> raw;
  std::vector<double> stream;
  std::vector<double> queue;
  for (unsigned round = 0; round < rounds; ++round) {
    raw.push_back(measure_raw(what));
    stream.push_back(measure_ours(what, embedded::destination_kind::stream));
    queue.push_back(measure_ours(what, embedded::destination_kind::queue));
  }
  if (on == medium::disk) {
    tell({"embedded stream, publish to settled", "messages/s", raw, stream, "ratio >= 0.4"});
    tell({"embedded queue, publish to settled", "messages/s", raw, queue, ""});
  } else {
    tell({"embedded stream, the same in memory", "messages/s", raw, stream, ""});
    tell({"embedded queue, the same in memory", "messages/s", raw, queue, ""});
  }
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::load what;
  unsigned rounds = 7;
  bool memory = false;
  CLI::App options{"Embedded publish to settled against raw SQLite"};
  options.add_option("folder", what.folder, "on the disk to be measured")->required();
  options.add_option("--rounds", rounds);
  options.add_option("--batches", what.batches);
  options.add_option("--batch", what.batch, "messages of one publish, rows of one raw transaction");
  options.add_option("--in-flight", what.in_flight, "publishes under way");
  options.add_flag("--memory", memory, "the folder is in memory");
  CLI11_PARSE(options, argc, argv);
  caf::init_global_meta_objects<caf::id_block::troupe>();
  caf::core::init_global_meta_objects();
  troupe::bench::measure(what, rounds, memory ? troupe::bench::medium::memory : troupe::bench::medium::disk);
}
