#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <troupe/policies/offset_map.hpp>

namespace troupe::policies {

/// Which deliveries stand behind an unsettled one of their key. A delivery without a key is its own key: it blocks nothing,
/// is blocked by nothing and costs nothing here. Every operation is O(1) amortised (O(log n) where offsets have holes).
/// A value: one thread at a time.
class key_order {
public:
  /// A delivery of `key`. Offsets arrive in rising order; one that does not is ignored.
  void arrived(std::int64_t offset, const std::optional<std::string>& key);

  /// Whether an unsettled delivery of the same key stands before `offset`.
  [[nodiscard]] bool blocked(std::int64_t offset) const noexcept { return ahead(offset).has_value(); }

  /// The nearest unsettled delivery of the same key before `offset`.
  [[nodiscard]] std::optional<std::int64_t> ahead(std::int64_t offset) const noexcept;

  /// The nearest unsettled delivery of the same key after `offset`.
  [[nodiscard]] std::optional<std::int64_t> behind(std::int64_t offset) const noexcept;

  /// A delivery is settled. Returns the one that is blocked no more because of it, if there is one.
  std::optional<std::int64_t> settled(std::int64_t offset);

  /// How many keys have unsettled deliveries.
  [[nodiscard]] std::size_t keys() const noexcept { return last_of_key_.size(); }

private:
  using last_offsets = std::unordered_map<std::string, std::int64_t>;

  struct neighbours {
    std::optional<std::int64_t> ahead;
    std::optional<std::int64_t> behind;
    last_offsets::value_type* last_of_key = nullptr; ///< owned by `last_of_key_`, whose nodes never move
  };

  offset_map<neighbours> deliveries_; ///< the unsettled ones that have a key
  last_offsets last_of_key_;
};

} // namespace troupe::policies
