#include <troupe/actors/batch_work.hpp>

#include <algorithm>
#include <numeric>

#include <troupe/policies/breaker.hpp>

namespace troupe::actors {

batch_work::batch_work(std::vector<delivery> batch)
  : batch_(std::move(batch)), replies_(batch_.size(), reply{verdict::untouched}), open_(batch_.size()) {
  std::iota(open_.begin(), open_.end(), std::size_t{0});
}

deliveries batch_work::next_attempt() const {
  deliveries result;
  result.batch.reserve(attempt_size());
  for (std::size_t n = 0; n != attempt_size(); ++n)
    result.batch.push_back(batch_[open_[n]]);
  return result;
}

errc batch_work::answered(replies answers) {
  const std::vector<std::size_t> attempted{open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(attempt_size())};
  if (answers.each.size() != attempted.size()) {
    failed({errc::actor_failed, "the handler answered for another number of deliveries"});
    return errc::none;
  }
  if (answers.pause)
    pause_ = answers.pause;
  last_ = errc::none;
  auto dependency = errc::none;
  bool any_done = false;
  for (std::size_t n = 0; n != attempted.size(); ++n) {
    const auto position = attempted[n];
    auto& answer = replies_[position];
    answer = std::move(answers.each[n]);
    any_done = any_done || answer.verdict == verdict::done;
    if (answer.verdict == verdict::retry && !singly_) {
      last_ = last_ == errc::none ? answer.why.code : last_;
      dependency = policies::is_dependency_failure(answer.why.code) ? answer.why.code : dependency;
      continue; // stays open, and so do those behind it
    }
    if (answer.verdict == verdict::untouched && behind_open(position))
      continue;
    std::erase(open_, position);
    if (answer.verdict == verdict::reject || answer.verdict == verdict::retry)
      close_behind(position);
  }
  return any_done ? errc::none : dependency;
}

void batch_work::failed(const failure& why) {
  if (why.code != errc::actor_failed) {
    last_ = why.code;
    for (std::size_t n = 0; n != attempt_size(); ++n)
      replies_[open_[n]] = {verdict::retry, why};
    return;
  }
  if (open_.size() > 1 && !singly_) {
    singly_ = true;
    return;
  }
  const auto position = open_.front();
  replies_[position] = {verdict::retry, why};
  open_.erase(open_.begin());
  close_behind(position);
}

std::optional<duration> batch_work::next_pause(const policies::retry_config& config) {
  if (singly_ && replies_[open_.front()].verdict == verdict::untouched)
    return duration::zero();
  return policies::retry_delay(config, last_, retries_++);
}

void batch_work::give_up() {
  while (!open_.empty()) {
    const auto position = open_.front();
    open_.erase(open_.begin());
    if (replies_[position].verdict == verdict::retry)
      close_behind(position);
  }
}

void batch_work::release() {
  for (const auto position : open_)
    replies_[position] = {verdict::untouched};
  open_.clear();
}

bool batch_work::behind_open(std::size_t position) const {
  const auto& key = batch_[position].content.key;
  return key && std::any_of(open_.begin(), open_.end(), [&](std::size_t other) {
           return other < position && batch_[other].content.key == key;
         });
}

// Those of the same key that wait behind a delivery which is not done are not attempted any more.
void batch_work::close_behind(std::size_t position) {
  const auto& key = batch_[position].content.key;
  if (!key)
    return;
  std::erase_if(open_, [&](std::size_t other) {
    const bool behind = other > position && batch_[other].content.key == key;
    if (behind)
      replies_[other] = {verdict::untouched};
    return behind;
  });
}

} // namespace troupe::actors
