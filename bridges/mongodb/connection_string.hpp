#pragma once

#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/bridges/mongodb/handles.hpp>

namespace troupe::mongodb {

/// A connection string with our settings for what it does not say. Fails with `invalid` and the reason of `wrong_uri`.
expected<uri_handle> complete(const secret& uri, const config& with);

} // namespace troupe::mongodb
