#pragma once

#include <string>
#include <vector>

#include <troupe/actors/contracts/declared_setting.hpp>
#include <troupe/messages/values/source_location.hpp>

namespace google::protobuf {
class ServiceDescriptor;
} // namespace google::protobuf

namespace troupe {

/// What the code of a service uses besides itself, in the order in which it was first declared: by the constructors of its
/// classes, from a `service_context`, and by the parameters of its functions. Each name has the place of its declaration.
struct declared_uses {
  struct called_contract {
    std::string service;
    const google::protobuf::ServiceDescriptor* contract = nullptr;
    source_location where;
  };
  struct published_channel {
    std::string channel;
    std::string type; ///< of its messages, as their codec names it
    source_location where;
  };
  struct written_store {
    std::string name;
    source_location where;
  };

  std::vector<called_contract> calls;
  std::vector<published_channel> publishes;
  std::vector<written_store> stores;
  std::vector<declared_setting> settings;
};

} // namespace troupe
