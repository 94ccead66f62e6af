#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <troupe/bridges/memory/ports.hpp>

#include "../transport_life.hpp"

namespace troupe::contract {

/// Where dead letters go: it outlasts the lives of the process.
struct letter_box {
  std::mutex guard;
  std::vector<numbered_dead_letter> letters;
  std::int64_t last = 0;
};

inline publisher_actor spawn_letter_keeper(caf::actor_system& system, const std::shared_ptr<letter_box>& box) {
  return system.spawn([box](publisher_actor::pointer) -> publisher_actor::behavior_type {
    return {[box](const publish& request) {
      const std::lock_guard lock{box->guard};
      for (const auto& each : request.messages)
        box->letters.push_back({++box->last, *dead_letter_from_headers(each)});
      return published{std::vector<failure>(request.messages.size(), failure{errc::none, {}})};
    }};
  });
}

inline dead_letters_actor spawn_letters(caf::actor_system& system, const std::shared_ptr<letter_box>& box,
                                        const std::shared_ptr<memory::broker>& at, const memory::destination& to) {
  return system.spawn([=](dead_letters_actor::pointer) -> dead_letters_actor::behavior_type {
    const auto find = [box](std::int64_t number) {
      return std::find_if(box->letters.begin(), box->letters.end(),
                          [number](const auto& each) { return each.number == number; });
    };
    return {[box](const list_dead_letters&) {
              const std::lock_guard lock{box->guard};
              return dead_letter_page{box->letters, false};
            },
            [=](const show_dead_letter& which) -> caf::result<numbered_dead_letter> {
              const std::lock_guard lock{box->guard};
              const auto found = find(which.number);
              if (found == box->letters.end())
                return to_error({errc::not_found, {}});
              return *found;
            },
            [=](const redrive_dead_letters& which) -> caf::result<redriven> {
              const std::lock_guard lock{box->guard};
              redriven done;
              for (const auto number : which.numbers)
                if (const auto found = find(number); found != box->letters.end()) {
                  at->publish(to, {found->letter.content});
                  box->letters.erase(found);
                  ++done.count;
                }
              return done;
            }};
  });
}

/// A destination in this process's memory.
class memory_transport : public transport_life {
public:
  explicit memory_transport(memory::destination to) : to_(std::move(to)) { begin(); }
  ~memory_transport() override { end(ending::abrupt); }

  [[nodiscard]] guarantees promised() const override { return {.settles_with_letters = guarantees::promise::no}; }
  [[nodiscard]] std::size_t delays() const override { return config().redelivery.delays.size(); }
  [[nodiscard]] std::size_t process_ending_attempts() const override { return config().redelivery.process_ending_attempts; }
  [[nodiscard]] std::size_t batches_in_flight() const override { return config().batches_in_flight; }

  publisher_actor publisher() override {
    if (!publisher_)
      publisher_ = owned(memory::spawn_publisher(context("test/publisher"), at_, to_));
    return publisher_;
  }

  source_actor source(const handler_actor& to) override {
    return owned_source(
      memory::spawn_source(context("test/source"), at_, config(), to, owned(spawn_letter_keeper(system(), box_))));
  }

  dead_letters_actor dead_letters() override {
    if (!letters_)
      letters_ = owned(spawn_letters(system(), box_, at_, to_));
    return letters_;
  }

private:
  [[nodiscard]] memory::subscription config() const {
    memory::subscription made;
    made.from = to_;
    made.group = "group";
    made.batch = 20;
    made.redelivery.delays = {std::chrono::milliseconds{1}, std::chrono::milliseconds{2}, std::chrono::milliseconds{3}};
    return made;
  }

  const std::shared_ptr<memory::broker> at_ = std::make_shared<memory::broker>();
  const std::shared_ptr<letter_box> box_ = std::make_shared<letter_box>();
  memory::destination to_;
};

struct memory_stream : memory_transport {
  memory_stream() : memory_transport({.name = "stream"}) {}
};

struct memory_partitions : memory_transport {
  memory_partitions() : memory_transport({.name = "stream", .partitions = 5}) {}
};

struct memory_queue : memory_transport {
  memory_queue() : memory_transport({.name = "queue", .is = memory::destination::kind::queue}) {}
};

} // namespace troupe::contract
