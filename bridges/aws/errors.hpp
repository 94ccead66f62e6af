#pragma once

#include <string>

#include <troupe/messages/values/error.hpp>

namespace troupe::aws {

/// A refusal as a service words it.
struct service_error {
  unsigned status = 0; ///< of HTTP
  std::string name;    ///< without what surrounds it: `ResourceNotFoundException`; empty where there was none
  std::string message; ///< may be empty
};

/// What a refusal means: the code that its name stands for, or else its status; the reason names it, says what it means and
/// repeats the service's words.
failure to_failure(const service_error& error);

/// Whether the same request may succeed in a moment without intervention.
bool is_worth_another_attempt(errc code) noexcept;

} // namespace troupe::aws
