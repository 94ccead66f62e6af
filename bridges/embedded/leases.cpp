#include <troupe/bridges/embedded/leases.hpp>

#include <algorithm>

namespace troupe::embedded {

void queue_leases::left(std::uint64_t epoch) {
  if (auto node = leased_.extract(epoch))
    returned_.merge(node.mapped());
}

std::vector<std::int64_t> queue_leases::lease_returned(std::uint64_t epoch, std::size_t at_most) {
  std::vector<std::int64_t> offsets;
  const auto mine = leased_.find(epoch);
  if (mine == leased_.end())
    return offsets;
  while (!returned_.empty() && offsets.size() < at_most) {
    offsets.push_back(*returned_.begin());
    mine->second.insert(returned_.extract(returned_.begin()));
  }
  return offsets;
}

bool queue_leases::may_lease(std::uint64_t epoch) const noexcept {
  if (!leased_.contains(epoch))
    return false;
  return past_suspects() || leased_.begin()->first == epoch;
}

std::optional<std::size_t> queue_leases::unsettled(std::int64_t end) const noexcept {
  if (cursor_ == 0 && end > 0)
    return std::nullopt;
  auto result = returned_.size() + static_cast<std::size_t>(std::max<std::int64_t>(end - cursor_, 0));
  for (const auto& [epoch, offsets] : leased_)
    result += offsets.size();
  return result;
}

void queue_leases::lease(std::uint64_t epoch, const std::vector<std::int64_t>& offsets, std::int64_t next) {
  cursor_ = std::max(cursor_, next);
  if (const auto mine = leased_.find(epoch); mine != leased_.end())
    mine->second.insert(offsets.begin(), offsets.end());
  else
    returned_.insert(offsets.begin(), offsets.end()); // it left while they were read
}

void queue_leases::give_back(std::uint64_t epoch, const std::vector<std::int64_t>& offsets) {
  const auto mine = leased_.find(epoch);
  for (const auto each : offsets)
    if (mine == leased_.end() || mine->second.erase(each) > 0)
      returned_.insert(each);
}

void queue_leases::settled(std::uint64_t epoch, const std::vector<std::int64_t>& offsets) {
  const auto mine = leased_.find(epoch);
  for (const auto each : offsets)
    if (mine == leased_.end() || mine->second.erase(each) == 0)
      returned_.erase(each); // settled late, by one that has left
}

} // namespace troupe::embedded
