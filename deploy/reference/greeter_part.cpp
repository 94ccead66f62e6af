#include <troupe/deploy/reference/greeter_part.hpp>

namespace troupe::reference {

host::service_uses greeter_topology::uses() const {
  host::service_uses result;
  result.calls = calls;
  if (publish)
    result.publishes.push_back({*publish, source(publish)});
  result.stores = store.has_value();
  result.answers = true;
  return result;
}

std::vector<host::code_actor> greeter_topology::actors() const {
  host::code_actor result{"greeter", "greeter"};
  for (const auto& call : calls)
    result.role += (&call == &calls.front() ? ", calls " : ", ") + call.name;
  return {result};
}

void greeter_topology::derive(const std::string& service) {
  if (!name)
    name = service;
}

void greeter_topology::validate(host::diagnostics& found) const {
  if (is_default(greeting))
    found.add(where, R"(this greeter has no "greeting")", "a text");
}

const greeter_topology* greeter_of(const host::service_topology& service) noexcept {
  return dynamic_cast<const greeter_topology*>(service.part.get());
}

greeter_topology* greeter_of(host::service_topology& service) noexcept {
  return dynamic_cast<greeter_topology*>(service.part.get());
}

} // namespace troupe::reference
