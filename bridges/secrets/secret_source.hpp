#pragma once

#include <functional>
#include <optional>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::secrets {

/// A variable of the process's environment; nothing for one that is not set.
std::optional<std::string> process_variable(const std::string& name);

struct config {
  std::function<std::optional<std::string>(const std::string& name)> variable = process_variable;
  secret_source_actor aws;                              ///< for what AWS keeps; may be missing
  duration default_deadline = std::chrono::seconds{15}; ///< for requests that come without one and go to AWS
};

/// Spawns a source of secrets in files and in the environment, which passes on what others keep. A file is read again for
/// every request, because Kubernetes replaces it when the secret is rotated; a line break at its end is not part of the
/// secret. Files are regular ones of at most 64 KiB.
secret_source_actor spawn_secret_source(const spawn_context& context, config settings);

} // namespace troupe::secrets
