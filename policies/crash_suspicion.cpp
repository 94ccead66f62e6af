#include <troupe/policies/crash_suspicion.hpp>

#include <algorithm>

namespace troupe::policies {

const crash_suspicion::charge* crash_suspicion::find(std::int64_t offset) const noexcept {
  if (charges_.empty())
    return nullptr;
  const auto found = charges_.find(offset);
  return found == charges_.end() ? nullptr : &found->second;
}

crash_suspicion::charge* crash_suspicion::find(std::int64_t offset) noexcept {
  if (charges_.empty())
    return nullptr;
  const auto found = charges_.find(offset);
  return found == charges_.end() ? nullptr : &found->second;
}

void crash_suspicion::arrived(std::int64_t offset, const attempt_count& before) {
  const bool suspect = offset < suspect_end_ || before.unanswered() > 0;
  if (suspect || before.attempts > 0 || before.answered > 0)
    charges_.insert_or_assign(offset, charge{before, suspect});
}

bool crash_suspicion::suspects(std::int64_t offset) const noexcept {
  const auto* const found = find(offset);
  return found != nullptr && found->suspect;
}

bool crash_suspicion::condemns(std::int64_t offset) const noexcept {
  return ending_attempts_ > 0 && count_of(offset).unanswered() >= ending_attempts_;
}

void crash_suspicion::handed_out(std::int64_t offset) noexcept {
  auto* const found = find(offset);
  if (found == nullptr || !found->suspect)
    return;
  found->in_flight = true;
  ++suspects_in_flight_;
}

void crash_suspicion::came_back(std::int64_t offset) noexcept {
  auto* const found = find(offset);
  if (found == nullptr || !found->in_flight)
    return;
  found->in_flight = false;
  --suspects_in_flight_;
}

void crash_suspicion::answered(std::int64_t offset) {
  auto& of = charges_[offset];
  ++of.count.attempts;
  ++of.count.answered;
  of.suspect = false;
}

void crash_suspicion::handler_ended(std::int64_t offset, company with) {
  auto& of = charges_[offset];
  of.suspect = true;
  if (with == company::alone)
    ++of.count.attempts;
}

void crash_suspicion::settled(std::int64_t offset) {
  if (!charges_.empty())
    charges_.erase(offset);
}

attempt_count crash_suspicion::count_of(std::int64_t offset) const noexcept {
  const auto* const found = find(offset);
  return found != nullptr ? found->count : attempt_count{};
}

std::vector<attempted> crash_suspicion::to_record(std::size_t limit) const {
  std::vector<attempted> unanswered;
  std::vector<attempted> answered;
  for (const auto& [offset, each] : charges_) {
    attempted record{offset, each.count};
    if (each.in_flight)
      ++record.count.attempts;
    if (record.count.attempts > 0)
      (record.count.unanswered() > 0 ? unanswered : answered).push_back(record);
  }
  unanswered.insert(unanswered.end(), answered.begin(), answered.end());
  unanswered.resize(std::min(limit, unanswered.size()));
  std::sort(unanswered.begin(), unanswered.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  return unanswered;
}

attempt_count earlier_attempts::take(std::int64_t offset) {
  const auto known = recorded_.extract(offset);
  return known ? known.mapped() : attempt_count{};
}

void earlier_attempts::append_to(std::vector<attempted>& others, std::size_t limit) const {
  for (const auto& [offset, count] : recorded_)
    if (others.size() < limit && (others.empty() || others.back().offset < offset))
      others.push_back({offset, count});
}

} // namespace troupe::policies
