#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace troupe::policies {

/// One partition of a topic or stream.
struct partition_name {
  std::string source;
  std::int32_t number = 0;

  friend bool operator==(const partition_name&, const partition_name&) = default;
  friend bool operator<(const partition_name& left, const partition_name& right) {
    return std::tie(left.source, left.number) < std::tie(right.source, right.number);
  }
};

/// Which of its tenures a partition is in. Travels with every batch; a settlement of an earlier one is discarded and
/// counted.
enum class epoch : std::uint64_t {};

/// What a new assignment changed.
struct assignment_change {
  std::vector<partition_name> gained;   ///< each in a new epoch
  std::vector<partition_name> given_up; ///< no epoch of theirs is current any more
};

/// The epochs of the partitions that a group member owns or once owned. A partition that is gained enters a new epoch; one
/// that a cooperative rebalance leaves in place keeps its own. Its memory is one number per partition ever owned.
/// A value: one thread at a time.
class epochs {
public:
  /// The partition is ours from now on, in the epoch returned. One that is ours already keeps its epoch.
  epoch gained(const partition_name& partition);

  /// Revoked or lost: none of its epochs is current until it is gained again. Unknown partitions are ignored.
  void given_up(const partition_name& partition);

  /// The whole assignment after a rebalance: gains what is new, gives up what is missing, keeps the rest.
  assignment_change assigned(const std::vector<partition_name>& partitions);

  /// Whether a settlement that carries `which` may count.
  [[nodiscard]] bool current(const partition_name& partition, epoch which) const;

  /// The partition's epoch while it is ours.
  [[nodiscard]] std::optional<epoch> of(const partition_name& partition) const;

  /// How many partitions are ours.
  [[nodiscard]] std::size_t owned() const noexcept { return owned_; }

private:
  struct ownership {
    std::uint64_t number = 0;
    bool ours = false;
  };

  std::map<partition_name, ownership> tenures_;
  std::size_t owned_ = 0;
};

} // namespace troupe::policies
