#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe::store {

struct config {
  /// How long documents stay; none: for ever. It holds for every document of the file, also for those of other services.
  std::optional<std::chrono::nanoseconds> age;
  /// The size of the documents that stay; none: all. Bodies and ids count. Of the whole file, as the age.
  std::optional<std::int64_t> bytes;
  duration every = std::chrono::minutes{1}; ///< how often documents are removed
  std::uint32_t step = 500;                 ///< documents removed in one write, so that others do not wait for it
  /// As MongoDB's limit, so that every document can be moved there.
  std::size_t largest_document = std::size_t{16} << 20U;
  std::size_t deepest_document = 100; ///< levels of objects and arrays, likewise
};

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const config& given);

} // namespace troupe::store
