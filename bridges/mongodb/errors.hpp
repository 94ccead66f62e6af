#pragma once

#include <cstdint>
#include <string_view>

#include <mongoc/mongoc.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::mongodb {

/// What a server's code is about.
enum class scope : std::uint8_t {
  write,   ///< of the whole request: unknown codes are transient
  document ///< of one document: unknown codes are permanent
};

/// The failure for a server's code. The only place where these are distinguished.
/// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
errc to_errc(std::int64_t server_code, scope of) noexcept;

/// The same with the server's own words: "Document failed validation (error 121)".
failure to_failure(std::int64_t server_code, std::string_view words, scope of);

/// What an error of the library's means, which may be a server's too.
failure to_failure(const bson_error_t& error);

} // namespace troupe::mongodb
