#include <troupe/policies/earlier_lives.hpp>

#include <algorithm>
#include <utility>

namespace troupe::policies {

void earlier_lives::given_back(const name& known_by, std::uint32_t delivery_count, past_life life) {
  if (kept_.size() >= most_kept)
    kept_.clear();
  if (known_by.of == name::reach::unique)
    kept_.erase(known_by.text);
  kept_.emplace(known_by.text, memory{delivery_count + 1, std::move(life)});
}

past_life earlier_lives::recall(const std::string& known_by, std::uint32_t delivery_count, delivered how,
                                const std::optional<past_life>& noted) {
  const auto found = kept_.extract(known_by);
  // A classic queue says that it delivered before, and not how often.
  if (found && how == delivered::again && (delivery_count == 0 || delivery_count >= found.mapped().count_then)) {
    auto life = std::move(found.mapped().life);
    const auto elsewhere = delivery_count - std::min(delivery_count, found.mapped().count_then);
    life.count.attempts += elsewhere;
    life.suspect = elsewhere > 0;
    return life;
  }
  auto life = noted.value_or(past_life{});
  if (delivery_count > 0)
    life.count.attempts += delivery_count - 1;
  life.suspect = how == delivered::again;
  return life;
}

} // namespace troupe::policies
