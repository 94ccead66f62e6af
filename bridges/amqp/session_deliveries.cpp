#include <troupe/bridges/amqp/session_deliveries.hpp>

#include <algorithm>
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

std::string known_by(const message& what) {
  if (!what.id.empty())
    return "id " + what.id;
  const std::hash<std::string_view> digest;
  return "bytes " + std::to_string(digest(what.payload)) + ' ' + std::to_string(what.payload.size());
}

void earlier_lives::given_back(const item& what, const policies::attempt_count& count,
                               std::optional<timestamp> first_failure) {
  if (kept_.size() >= most_kept)
    kept_.clear();
  if (!what.content.id.empty() && what.known_by == known_by(what.content))
    kept_.erase(what.known_by);
  kept_.emplace(what.known_by, memory{what.delivery_count + 1, {count, false, first_failure, what.due}});
}

past_life earlier_lives::recall(const std::string& known_by, const received& what, bool redelivered) {
  past_life life;
  if (what.note)
    life = {what.note->count, false, what.note->first_failure, {}};
  const auto found = kept_.extract(known_by);
  // A classic queue tells that it delivered before, and not how often.
  if (found && redelivered && (what.delivery_count == 0 || what.delivery_count >= found.mapped().count_then)) {
    life = found.mapped().life;
    const auto elsewhere = what.delivery_count - std::min(what.delivery_count, found.mapped().count_then);
    life.count.attempts += elsewhere;
    life.suspect = elsewhere > 0;
    return life;
  }
  if (what.delivery_count > 0)
    life.count.attempts += what.delivery_count - 1;
  life.suspect = redelivered;
  return life;
}

} // namespace troupe::amqp
