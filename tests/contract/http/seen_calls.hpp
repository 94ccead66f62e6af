#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <troupe/actors/contracts/service.hpp>

#include "support.hpp"

namespace http_test {

/// What a handler has seen of a call.
struct seen_call {
  std::string request;
  std::string id;
  header_list metadata;
  duration within;
};

/// Any thread.
class seen_calls {
public:
  template <class Request>
  void add(const Request& request, const call& at) {
    const std::scoped_lock lock{guard_};
    calls_.push_back({request.ShortDebugString(), at.id(), at.metadata(), at.answer_by().remaining(steady_now())});
  }
  std::vector<seen_call> all() const {
    const std::scoped_lock lock{guard_};
    return calls_;
  }

private:
  mutable std::mutex guard_;
  std::vector<seen_call> calls_;
};

} // namespace http_test
