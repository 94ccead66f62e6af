#include "embedded_platform.hpp"

#include <chrono>
#include <utility>

#include <troupe/bridges/embedded/publisher.hpp>
#include <troupe/bridges/embedded/source.hpp>
#include <troupe/messages/ports/types.hpp>

#include "figure.hpp"
#include "measured_system.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

sqlite::database_ptr opened(const std::filesystem::path& folder, const observer_ptr& watcher) {
  auto database = sqlite::open({.folder = folder, .watcher = watcher});
  if (database.has_error())
    give_up(to_string(database.error()));
  return std::move(*database);
}

// A topology's stream has three partitions unless it says otherwise.
embedded::destination destination_of(embedded::destination_kind kind) {
  return {.name = "measured", .kind = kind, .partitions = kind == embedded::destination_kind::stream ? 3 : 1};
}

} // namespace

new_folder::new_folder(std::filesystem::path path) : path_(std::move(path)) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

new_folder::~new_folder() {
  std::error_code ignored; // whoever runs the benchmarks removes the folder above
  std::filesystem::remove_all(path_, ignored);
}

embedded_platform::embedded_platform(const std::filesystem::path& folder, embedded::destination_kind kind,
                                     actors::delivery_function handle)
  : kind_(kind),
    watcher_(telemetry::make_telemetry({})),
    database_(opened(folder, watcher_)),
    system_(prepared(config_)),
    tree_(system_, "bench", {}, watcher_, 1, system_now) {
  watcher_->watch(system_);
  auto& service = tree_.top().add_group("service", {});
  publisher_ = service.add("publisher", [database = database_, kind](const spawn_context& where) {
    return embedded::spawn_publisher(where, database, destination_of(kind));
  });
  const auto handler = service.add(
    "handler", [handle = std::move(handle)](const spawn_context& where) { return actors::spawn_handler(where, handle); });
  source_ = service.add("subscription", [database = database_, kind, handler](const spawn_context& where) {
    embedded::subscription config{.from = destination_of(kind)};
    if (kind == embedded::destination_kind::stream)
      config.group = "bench";
    return embedded::spawn_source(where, database, config, handler);
  });
  tree_.start();
}

embedded_platform::~embedded_platform() {
  tree_.stop_and_wait();
  watcher_->unwatch();
}

void embedded_platform::settle() {
  bench::settle(system_, source_);
}

std::int64_t embedded_platform::unsettled() {
  std::int64_t left = -1;
  const auto* sql = kind_ == embedded::destination_kind::queue
                      ? "SELECT count(*) FROM messages"
                      : "SELECT sum(next_offset) - (SELECT sum(committed) FROM group_offsets) FROM partitions";
  const auto read = database_->read_and_wait([&left, sql](sqlite::connection& on) -> expected<void> {
    auto found = on.number(sql, -1);
    if (found.has_error())
      return found.error();
    left = *found;
    return {};
  });
  if (read.has_error())
    give_up(to_string(read.error()));
  return left;
}

} // namespace troupe::bench
