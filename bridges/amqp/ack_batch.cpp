#include <troupe/bridges/amqp/ack_batch.hpp>

#include <algorithm>
#include <utility>

namespace troupe::amqp {

void ack_batch::settled(std::uint64_t tag, instant now) {
  if (!settled_to_.settled(static_cast<std::int64_t>(tag)))
    return;
  waiting_.push_back(tag);
  if (!due_)
    due_ = now + every_;
}

std::vector<ack> ack_batch::next(pressing why, instant now) {
  if (waiting_.empty() || (why == pressing::due && waiting_.size() < after_ && now < *due_))
    return {};
  due_.reset();
  auto tags = std::exchange(waiting_, {});
  std::sort(tags.begin(), tags.end());
  const auto end = static_cast<std::uint64_t>(settled_to_.position());
  const auto rest = std::lower_bound(tags.begin(), tags.end(), end);
  std::vector<ack> result;
  // It must be a tag that the broker still waits for: the last of these.
  if (rest != tags.begin())
    result.push_back({*std::prev(rest), rest - tags.begin() > 1 ? reach::all_up_to : reach::one});
  for (auto each = rest; each != tags.end(); ++each)
    result.push_back({*each, reach::one});
  return result;
}

} // namespace troupe::amqp
