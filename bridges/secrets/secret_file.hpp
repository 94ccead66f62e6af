#pragma once

#include <string>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/secret.hpp>

namespace troupe::secrets {

/// The text of a small regular file without the line ends at its end. Fails with `not_found`, `forbidden`, `invalid` for a
/// file of another kind or above 64 KiB, and `unavailable` when the disk fails.
expected<secret> read_secret_file(const std::string& path);

} // namespace troupe::secrets
