#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/bridges/http/contract_client.hpp>

#include "support.hpp"

namespace http_test {

/// Clients of contracts, which end with it.
class contract_caller {
public:
  contract_caller(caf::actor_system& system, std::shared_ptr<recorder> watcher)
    : system_(system), watcher_(std::move(watcher)) {}
  ~contract_caller() {
    for (const auto& each : clients_)
      ask_to_end(each, caf::exit_reason::user_shutdown);
  }
  contract_caller(const contract_caller&) = delete;
  contract_caller& operator=(const contract_caller&) = delete;

  contract_actor client_at(const std::string& target,
                           const std::vector<const google::protobuf::ServiceDescriptor*>& contracts) {
    http::client_config to;
    to.via = engine_.inbox();
    to.name = "remote";
    to.target = target;
    return keep(http::spawn_contract_client(unsupervised(system_, "service-a/remote", watcher_), to, contracts));
  }

  contract_actor keep(contract_actor client) {
    clients_.push_back(std::move(client));
    return clients_.back();
  }

  expected<contract_answer> send(const contract_actor& to, contract_call call) {
    caf::scoped_actor self{system_};
    expected<contract_answer> result{failure{errc::internal, "no outcome came"}};
    self->request(to, std::chrono::nanoseconds{2 * patience}, std::move(call))
      .receive([&](contract_answer& answer) { result = std::move(answer); },
               [&](const caf::error& why) { result = to_failure(why); });
    return result;
  }

private:
  caf::actor_system& system_;
  std::shared_ptr<recorder> watcher_;
  http::client_engine engine_;
  std::vector<contract_actor> clients_;
};

} // namespace http_test
