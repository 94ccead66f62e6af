#include <troupe/bridges/amqp/tenure.hpp>

#include <algorithm>

namespace troupe::amqp {

void earlier_lives::given_back(const item& what, const policies::attempt_count& count,
                               std::optional<timestamp> first_failure) {
  if (by_id_.size() >= most_kept)
    by_id_.clear();
  by_id_[what.content.id] = {what.delivery_count + 1, {count, false, first_failure}};
}

past_life earlier_lives::recall(const received& what, bool redelivered) {
  past_life life;
  if (what.note)
    life = {what.note->count, false, what.note->first_failure};
  const auto found = by_id_.extract(what.content.id);
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
