#include <troupe/policies/epoch.hpp>

#include <set>

namespace troupe::policies {

epoch epochs::gained(const partition_name& partition) {
  auto& tenure = tenures_[partition];
  if (!tenure.ours) {
    tenure.ours = true;
    ++tenure.number;
    ++owned_;
  }
  return epoch{tenure.number};
}

void epochs::given_up(const partition_name& partition) {
  if (const auto found = tenures_.find(partition); found != tenures_.end() && found->second.ours) {
    found->second.ours = false;
    --owned_;
  }
}

assignment_change epochs::assigned(const std::vector<partition_name>& partitions) {
  assignment_change change;
  const std::set<partition_name> wanted(partitions.begin(), partitions.end());
  for (auto& [partition, tenure] : tenures_)
    if (tenure.ours && !wanted.contains(partition))
      change.given_up.push_back(partition);
  for (const auto& partition : wanted)
    if (!of(partition))
      change.gained.push_back(partition);
  for (const auto& partition : change.given_up)
    given_up(partition);
  for (const auto& partition : change.gained)
    gained(partition);
  return change;
}

bool epochs::current(const partition_name& partition, epoch which) const {
  return of(partition) == which;
}

std::optional<epoch> epochs::of(const partition_name& partition) const {
  const auto found = tenures_.find(partition);
  if (found == tenures_.end() || !found->second.ours)
    return std::nullopt;
  return epoch{found->second.number};
}

} // namespace troupe::policies
