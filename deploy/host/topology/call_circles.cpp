#include <troupe/deploy/host/topology/topology_validation.hpp>

#include <algorithm>
#include <vector>

namespace troupe::host {

namespace {

class search {
public:
  search(const topology& whole, diagnostics& found) : whole_(whole), found_(found) {}

  void run() {
    states_.assign(whole_.services.size(), walk::unseen);
    for (const auto& service : whole_.services)
      calls_.push_back(uses_of(service).calls);
    for (const auto& start : whole_.services)
      if (state_of(start) == walk::unseen)
        walk_calls(start);
  }

private:
  enum class walk : std::uint8_t { unseen, on_path, done };

  struct step {
    const service_topology* service;
    std::size_t next_call;
  };

  /// Walks all calls below a service, depth first. Each circle is reported once, at the call that closes it. No recursion: a
  /// chain of calls is as long as a file makes it.
  void walk_calls(const service_topology& start) {
    std::vector<step> path{{&start, 0}};
    state_of(start) = walk::on_path;
    while (!path.empty()) {
      auto& [service, next_call] = path.back();
      const auto& calls = calls_[index_of(*service)];
      if (next_call == calls.size()) {
        state_of(*service) = walk::done;
        path.pop_back();
        continue;
      }
      const auto& call = calls[next_call++];
      const auto* callee = find_service(whole_, call.name);
      if (callee == nullptr || state_of(*callee) == walk::done)
        continue;
      if (state_of(*callee) == walk::unseen) {
        state_of(*callee) = walk::on_path;
        path.push_back({callee, 0});
      } else {
        report_circle(path, call, *callee);
      }
    }
  }

  void report_circle(const std::vector<step>& path, const called_service& closing, const service_topology& callee) {
    std::string circle;
    for (auto one = std::ranges::find(path, &callee, &step::service); one != path.end(); ++one)
      circle += one->service->name + " calls ";
    add_mistake(found_, closing.source, callee.where, "calls go in a circle: " + circle + callee.name,
                "calls that end somewhere");
  }

  [[nodiscard]] std::size_t index_of(const service_topology& service) const {
    return static_cast<std::size_t>(&service - whole_.services.data());
  }

  walk& state_of(const service_topology& service) { return states_[index_of(service)]; }

  const topology& whole_;
  diagnostics& found_;
  std::vector<std::vector<called_service>> calls_; // of each service
  std::vector<walk> states_;                       // likewise
};

} // namespace

void find_circles(const topology& whole, diagnostics& found) {
  search{whole, found}.run();
}

} // namespace troupe::host
