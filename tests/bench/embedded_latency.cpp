// The time from publish to the handler, one message at a time, beside the time that raw SQLite needs to commit one row: no
// message can be handed out before its own commit.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/delivery.hpp>

#include "embedded_platform.hpp"
#include "figure.hpp"
#include "measured_system.hpp"
#include "options.hpp"
#include "quantiles.hpp"
#include "raw_sqlite.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct load {
  std::filesystem::path folder;
  unsigned messages = 300; // of one round
};

// Between two messages, so that each finds everything at rest.
constexpr auto pause = 10ms;

std::vector<double> measure_raw(const load& what) {
  const new_folder folder{what.folder / "raw"};
  raw_database database{folder.path() / "raw.sqlite"};
  database.execute("CREATE TABLE messages (position INTEGER PRIMARY KEY, id TEXT NOT NULL, payload BLOB NOT NULL)");
  auto insert = database.prepare("INSERT INTO messages (position, id, payload) VALUES (?, ?, ?)");
  const std::string payload(payload_size, 'x');
  std::vector<double> took;
  for (unsigned i = 0; i < what.messages; ++i) {
    std::this_thread::sleep_for(pause);
    const auto begun = clock::now();
    insert.run({std::int64_t{i}, id_of(i), payload});
    took.push_back(milliseconds(clock::now() - begun));
  }
  return took;
}

void publish_one(caf::scoped_actor& here, const publisher_actor& to, std::uint64_t number) {
  publish what;
  what.messages.push_back({.id = id_of(number),
                           .key = std::nullopt,
                           .content_type = {},
                           .headers = {},
                           .trace = {},
                           .payload = std::string(payload_size, 'x')});
  ask(here.ptr(), to, 60s, std::move(what))
    .receive(
      [](const published& done) {
        if (!done.complete())
          give_up("a message was not acknowledged");
      },
      [](const caf::error& why) { give_up(to_string(why)); });
}

std::vector<double> measure_ours(const load& what, embedded::destination_kind kind) {
  const new_folder folder{what.folder / "ours"};
  clock::time_point arrived; // guarded by the semaphore
  std::binary_semaphore handled{0};
  embedded_platform platform{folder.path(), kind, [&](const delivery&) {
                               arrived = clock::now();
                               handled.release();
                               return reply{};
                             }};
  caf::scoped_actor here{platform.system()};
  std::vector<double> took;
  for (unsigned i = 0; i <= what.messages; ++i) {
    std::this_thread::sleep_for(pause);
    const auto begun = clock::now();
    publish_one(here, platform.publisher(), i);
    handled.acquire();
    if (i > 0) // the first one makes the stream
      took.push_back(milliseconds(arrived - begun));
  }
  platform.settle();
  return took;
}

void measure(const load& what, unsigned rounds) {
  quantiles raw;
  quantiles stream;
  quantiles queue;
  for (unsigned round = 0; round < rounds; ++round) {
    raw.add(measure_raw(what));
    stream.add(measure_ours(what, embedded::destination_kind::stream));
    queue.add(measure_ours(what, embedded::destination_kind::queue));
  }
  report({"embedded stream, publish to handler, p50", "ms", raw.p50, stream.p50, "value < 5"});
  report({"embedded stream, publish to handler, p99", "ms", raw.p99, stream.p99, ""});
  report({"embedded queue, publish to handler, p50", "ms", raw.p50, queue.p50, ""});
  report({"embedded queue, publish to handler, p99", "ms", raw.p99, queue.p99, ""});
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::load what;
  unsigned rounds = 5;
  troupe::bench::options options{"Embedded publish to handler, unloaded, beside a commit of raw SQLite"};
  options.add("folder", what.folder, "on the disk to be measured");
  options.add("--rounds", rounds);
  options.add("--messages", what.messages, "of one round");
  options.parse(argc, argv);
  troupe::register_message_types();
  troupe::bench::measure(what, rounds);
}
