#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recording_observer.hpp"
#include "transport.hpp"

namespace troupe::contract {

/// A transport whose lives are actor systems. A transport begins the first life in its constructor and ends the last one in
/// its destructor.
class transport_life : public transport {
public:
  caf::actor_system& system() override { return *system_; }

  void restart(ending how) override {
    end(how);
    begin();
  }

  void adopt(caf::actor what) override { actors_.push_back(std::move(what)); }

  spawn_context context(const std::string& path) { return unsupervised(*system_, path, watcher); }

  const std::shared_ptr<recording_observer> watcher = std::make_shared<recording_observer>();

protected:
  virtual void begin() {
    config_ = std::make_unique<system_config>();
    system_ = std::make_unique<caf::actor_system>(*config_);
  }

  void end(ending how) {
    if (how == ending::orderly)
      for (const auto& each : sources_)
        static_cast<void>(ask_and_wait<drained>(*system_, each, drain{std::chrono::seconds{30}}));
    for (const auto& each : actors_)
      ask_to_end(each, caf::exit_reason::kill);
    publisher_ = nullptr;
    letters_ = nullptr;
    sources_.clear();
    actors_.clear();
    release();
    system_ = nullptr; // waits for the actors and their threads
    config_ = nullptr;
  }

  /// Lets go of what the actors of this life share.
  virtual void release() {}

  template <class Handle>
  Handle owned(Handle what) {
    adopt(caf::actor_cast<caf::actor>(what));
    return what;
  }

  source_actor owned_source(source_actor made) {
    sources_.push_back(owned(made));
    return made;
  }

  publisher_actor publisher_;
  dead_letters_actor letters_;

private:
  struct system_config : caf::actor_system_config {
    system_config() {
      set("caf.scheduler.max-threads", 2);
      set("caf.logger.file.verbosity", "quiet");
    }
  };

  std::unique_ptr<system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<source_actor> sources_;
  std::vector<caf::actor> actors_;
};

} // namespace troupe::contract
