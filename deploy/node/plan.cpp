#include <troupe/deploy/node/plan.hpp>

#include <algorithm>

namespace troupe::node {

namespace {

bool by_aws(const secret_reference& one) noexcept {
  return one.keeper == secret_keeper::secrets_manager || one.keeper == secret_keeper::parameter_store;
}

} // namespace

bool asks_aws(const kafka_plan& what) noexcept {
  return std::ranges::any_of(what.brokers_kept, by_aws) || (what.credentials && by_aws(*what.credentials))
         || (what.password && by_aws(*what.password));
}

bool asks_aws(const plan& what) noexcept {
  return (what.kafka && asks_aws(*what.kafka)) || std::ranges::any_of(what.services, [](const service_plan& one) {
           return one.mongodb && by_aws(one.mongodb->uri);
         });
}

bool uses_mongodb(const plan& what) noexcept {
  return std::ranges::any_of(what.services, [](const service_plan& one) { return one.mongodb.has_value(); });
}

std::string_view to_string(actor_plan::kind what) noexcept {
  switch (what) {
    case actor_plan::kind::writer:
      return "writer";
    case actor_plan::kind::publisher:
      return "publisher";
    case actor_plan::kind::greeter:
      return "greeter";
    case actor_plan::kind::recorder:
      return "recorder";
    case actor_plan::kind::forwarder:
      return "forwarder";
    case actor_plan::kind::logger:
      return "logger";
    case actor_plan::kind::consumer:
      return "consumer";
    case actor_plan::kind::subscription:
      return "subscription";
    case actor_plan::kind::producer:
      return "producer";
  }
  return "actor";
}

} // namespace troupe::node
