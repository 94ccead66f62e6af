#pragma once

#include <troupe/bridges/http/message.hpp>

namespace troupe::http {

/// Whether a request says that its body is JSON. A page of another origin cannot say so without CORS: what changes something
/// asks this first.
bool has_json(const request& asked) noexcept;

/// The answer where it does not.
response no_json(const request& asked);

} // namespace troupe::http
