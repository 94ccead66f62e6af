#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe::grpc {

/// The addresses of a name, sorted; none where it is not found. May block for as long as a name server is silent.
std::vector<std::string> addresses_of(const std::string& host);

/// Whether the host is an address and no name.
bool is_literal_address(const std::string& host);

/// Looks a name up again and again on its own thread, and calls back when its addresses have changed: gRPC itself looks
/// again only when a connection breaks. A name that is not found changes nothing.
class name_watch {
public:
  using lookup = std::function<std::vector<std::string>()>;
  using change_handler = std::function<void()>;

  name_watch() = default;
  /// The destructor waits for a running callback, but for no lookup.
  ~name_watch();
  name_watch(const name_watch&) = delete;
  name_watch& operator=(const name_watch&) = delete;

  /// Begins to look, at once and then each time after `every`. Returns false where the system has no thread left. Once.
  bool start(lookup how, duration every, change_handler changed);

private:
  struct shared;
  static void run(const std::shared_ptr<shared>& state);

  std::shared_ptr<shared> shared_;
};

} // namespace troupe::grpc
