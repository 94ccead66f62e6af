#pragma once

#include <string_view>

#include <bson/bson.h>

#include <boost/json/object.hpp>

#include <troupe/messages/values/error.hpp>

namespace troupe::mongodb {

/// Whether an object stands for a single value, as extended JSON writes those that JSON has not.
/// https://github.com/mongodb/specifications/blob/master/source/extended-json.md
bool is_extended(const boost::json::object& value) noexcept;

/// Appends the value that the object stands for under `name`, which holds no NUL. Fails with `rejected` for a value that is
/// spelled wrong, or that is of a kind we do not keep.
expected<void> append_extended(bson_t& to, std::string_view name, const boost::json::object& value);

} // namespace troupe::mongodb
