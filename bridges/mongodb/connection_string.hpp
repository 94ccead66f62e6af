#pragma once

#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/bridges/mongodb/handles.hpp>

namespace troupe::mongodb {

/// A connection string, completed with the settings that it lacks. Fails with `invalid` and the reason of `wrong_uri`.
expected<uri_handle> complete(const secret& uri, const config& with);

} // namespace troupe::mongodb
