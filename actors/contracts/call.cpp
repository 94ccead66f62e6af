#include <troupe/actors/contracts/call.hpp>

#include <troupe/messages/values/identifier.hpp>

namespace troupe {

call_context call::next(std::string_view method) {
  auto found = made_.find(method);
  if (found == made_.end())
    found = made_.emplace(std::string{method}, 0).first;
  const auto number = ++found->second;
  return {.id = derived_uuid(received_.id, found->first + " " + std::to_string(number)),
          .trace = received_.trace,
          .answer_by = received_.answer_by,
          .metadata = {},
          .abandoned = received_.abandoned};
}

} // namespace troupe
