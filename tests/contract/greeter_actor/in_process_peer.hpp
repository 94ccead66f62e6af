#pragma once

#include <troupe/actors/supervised_handle.hpp>

#include "../greeter_peer.hpp"

namespace troupe::contract {

struct greeter_system_config : caf::actor_system_config {
  greeter_system_config() { set("caf.scheduler.max-threads", 2U); }
};

/// A greeter in the same process: the remote itself, behind the handle that every supervised actor has.
class in_process_peer : public greeter_peer {
public:
  in_process_peer() { bring_back(); }

  [[nodiscard]] greeter_guarantees promised() const override {
    return {.crosses_processes = greeter_guarantees::promise::no, .keeps_deadline = greeter_guarantees::promise::no};
  }

  caf::actor_system& system() override { return system_; }
  greeter_actor greeter() override { return caf::actor_cast<greeter_actor>(handle_); }
  scripted_greeter& remote() override { return remote_; }
  void take_away() override { actors::supervised_handle::of(handle_).refuse(errc::unavailable); }
  void bring_back() override {
    actors::supervised_handle::of(handle_).connect(caf::actor_cast<caf::strong_actor_ptr>(remote_.handle()));
  }

private:
  greeter_system_config settings_;
  caf::actor_system system_{settings_};
  observer_ptr watcher_ = silent_observer();
  counter& refused_ = watcher_->make_counter("refused", "", {});
  scripted_greeter remote_{system_, scripted_greeter::late_calls::refused};
  caf::strong_actor_ptr handle_ = actors::supervised_handle::make(system_, 0, {refused_, refused_, refused_});
};

} // namespace troupe::contract
