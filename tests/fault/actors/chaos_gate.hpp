#pragma once

// A gate between an actor and the one it depends on, which a test makes fail in every way that an actor can.

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/types.hpp>

namespace troupe_test {

enum class fault { none, throws, error, never, blocks };

inline std::string to_string(fault what) {
  switch (what) {
    case fault::none:
      return "none";
    case fault::throws:
      return "throws";
    case fault::error:
      return "error";
    case fault::never:
      return "never answers";
    case fault::blocks:
      return "blocks";
  }
  return {};
}

/// What a gate does to a share of the requests that pass it. Any thread.
struct fault_switch {
  std::atomic<fault> mode{fault::none};
  std::atomic<unsigned> one_in{3};
  std::atomic<std::uint64_t> passed{0};
  std::atomic<std::uint64_t> injected{0};
};

template <class Handle, class Request, class Response>
class gate_state {
public:
  gate_state(typename Handle::pointer self, Handle behind, std::shared_ptr<fault_switch> faults)
    : self_(self), behind_(std::move(behind)), faults_(std::move(faults)) {}

  typename Handle::behavior_type make_behavior() {
    return {[this](Request& what) { return pass(what); }};
  }

private:
  caf::result<Response> pass(Request& what) {
    const auto number = faults_->passed.fetch_add(1);
    const auto mode = number % faults_->one_in.load() == 0 ? faults_->mode.load() : fault::none;
    if (mode != fault::none)
      faults_->injected.fetch_add(1);
    switch (mode) {
      case fault::throws:
        throw std::runtime_error{"injected"};
      case fault::error:
        return troupe::to_error({troupe::errc::unavailable, "injected"});
      case fault::never:
        return silent_.emplace_back(self_->template make_response_promise<Response>());
      case fault::blocks:
        // The fault itself: a handler that holds its thread.
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        break;
      case fault::none:
        break;
    }
    return self_->delegate(behind_, std::move(what));
  }

  typename Handle::pointer self_;
  Handle behind_;
  std::shared_ptr<fault_switch> faults_;
  std::vector<caf::typed_response_promise<Response>> silent_;
};

template <class Handle, class Request, class Response>
Handle spawn_gate(const troupe::spawn_context& context, Handle behind, std::shared_ptr<fault_switch> faults) {
  return troupe::spawn_supervised<Handle, gate_state<Handle, Request, Response>>(context, std::move(behind),
                                                                                 std::move(faults));
}

} // namespace troupe_test
