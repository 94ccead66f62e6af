// Messages from publish to settled, through the embedded stream and the embedded queue, against raw SQLite that inserts the
// same bytes in transactions of the same size.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <latch>
#include <string>
#include <vector>

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/delivery.hpp>

#include "embedded_platform.hpp"
#include "figure.hpp"
#include "measured_system.hpp"
#include "options.hpp"
#include "publish_load.hpp"
#include "raw_sqlite.hpp"

namespace troupe::bench {

namespace {

struct load : publish_load {
  std::filesystem::path folder;
};

double rate_since(std::chrono::steady_clock::time_point begun, const load& what) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(what.messages()) / took.count();
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

double measure_ours(const load& what, embedded::destination_kind kind) {
  const new_folder folder{what.folder / "ours"};
  std::latch done{2}; // acknowledged, and handled
  std::atomic<std::uint64_t> handled{0};
  embedded_platform platform{folder.path(), kind, [&, all = what.messages()](const delivery&) {
                               if (handled.fetch_add(1, std::memory_order_relaxed) + 1 == all)
                                 done.count_down();
                               return reply{};
                             }};
  const auto begun = std::chrono::steady_clock::now();
  start_load(platform.system(), platform.publisher(), what, [&done] { done.count_down(); });
  done.wait();
  platform.settle();
  const auto rate = rate_since(begun, what);
  if (platform.unsettled() != 0 || handled != what.messages())
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
    report({"embedded stream, publish to settled", "messages/s", raw, stream, "ratio >= 0.4"});
    report({"embedded queue, publish to settled", "messages/s", raw, queue, ""});
  } else {
    report({"embedded stream, the same in memory", "messages/s", raw, stream, ""});
    report({"embedded queue, the same in memory", "messages/s", raw, queue, ""});
  }
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::load what;
  unsigned rounds = 7;
  bool memory = false;
  troupe::bench::options options{"Embedded publish to settled against raw SQLite"};
  options.add("folder", what.folder, "on the disk to be measured");
  options.add("--rounds", rounds);
  options.add("--batches", what.batches);
  options.add("--batch", what.batch, "messages of one publish, rows of one raw transaction");
  options.add("--in-flight", what.in_flight, "publishes under way");
  options.add("--memory", memory, "the folder is in memory");
  options.parse(argc, argv);
  troupe::register_message_types();
  troupe::bench::measure(what, rounds, memory ? troupe::bench::medium::memory : troupe::bench::medium::disk);
}
