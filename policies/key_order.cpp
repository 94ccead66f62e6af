#include <troupe/policies/key_order.hpp>

namespace troupe::policies {

void key_order::arrived(std::int64_t offset, const std::optional<std::string>& key) {
  if (!key || !deliveries_.append(offset, neighbours{}))
    return;
  const auto [last, first_of_key] = last_of_key_.try_emplace(*key, offset);
  auto& arrival = *deliveries_.find(offset);
  arrival.last_of_key = &*last;
  if (first_of_key)
    return;
  arrival.ahead = last->second;
  deliveries_.find(last->second)->behind = offset;
  last->second = offset;
}

std::optional<std::int64_t> key_order::ahead(std::int64_t offset) const noexcept {
  const auto* found = deliveries_.find(offset);
  return found ? found->ahead : std::nullopt;
}

std::optional<std::int64_t> key_order::behind(std::int64_t offset) const noexcept {
  const auto* found = deliveries_.find(offset);
  return found ? found->behind : std::nullopt;
}

std::optional<std::int64_t> key_order::settled(std::int64_t offset) {
  const auto* found = deliveries_.find(offset);
  if (!found)
    return std::nullopt;
  const auto gone = *found;
  deliveries_.erase(offset);
  if (gone.behind)
    deliveries_.find(*gone.behind)->ahead = gone.ahead;
  if (gone.ahead)
    deliveries_.find(*gone.ahead)->behind = gone.behind;
  if (!gone.ahead && !gone.behind)
    last_of_key_.erase(last_of_key_.find(gone.last_of_key->first));
  else if (!gone.behind)
    gone.last_of_key->second = *gone.ahead;
  return gone.ahead ? std::nullopt : gone.behind;
}

} // namespace troupe::policies
