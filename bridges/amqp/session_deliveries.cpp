#include <troupe/bridges/amqp/session_deliveries.hpp>

#include <functional>
#include <string_view>

namespace troupe::amqp {

delivery session_deliveries::delivery_at(std::int64_t tag) {
  return {origin{queue, 0, tag}, items.find(tag)->content, ledger().attempts(tag)};
}

std::optional<timestamp> session_deliveries::failed_before(std::int64_t tag) const {
  return items.find(tag)->first_failure;
}

void session_deliveries::settled(std::int64_t tag, instant now) {
  items.erase(tag);
  refused_ones.erase(tag);
  acks.settled(static_cast<std::uint64_t>(tag), now);
}

std::string known_by(const message& content) {
  if (!content.id.empty())
    return "id " + content.id;
  const std::hash<std::string_view> digest;
  return "bytes " + std::to_string(digest(content.payload)) + ' ' + std::to_string(content.payload.size());
}

policies::earlier_lives::name name_of(const item& held) {
  using known = policies::earlier_lives::name::reach;
  const bool by_id = !held.content.id.empty() && held.known_by == known_by(held.content);
  return {held.known_by, by_id ? known::unique : known::shared};
}

} // namespace troupe::amqp
