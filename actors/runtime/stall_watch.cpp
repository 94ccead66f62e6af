#include <troupe/actors/runtime/stall_watch.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

std::string seconds_text(duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

} // namespace

stall_watch::stall_watch(const spawn_context& context, std::string channel)
  : watcher_(context.watcher),
    vitals_(context.vitals),
    service_(context.service()),
    actor_(context.actor()),
    channel_(std::move(channel)) {
  for (std::size_t index = 0; index < all_stall_reasons.size(); ++index)
    seconds_[index] = &watcher_->make_gauge(
      "troupe_stalled_seconds",
      "How long the delivery that is held up longest has not gone on, by what holds it;"
      " 0 below 30 s.",
      {{"service", service_}, {"actor", actor_}, {"channel", channel_}, {"reason", to_string(all_stall_reasons[index])}});
}

stall_watch::~stall_watch() {
  for (auto* const each : seconds_)
    each->set(0);
  vitals_->held_up_by({});
}

void stall_watch::report(const stall_list& stalls, instant now) {
  looked_ = now;
  std::string text;
  for (std::size_t index = 0; index < all_stall_reasons.size(); ++index) {
    const auto found = std::find_if(stalls.begin(), stalls.end(), [&](const stall& each) {
      return each.reason == all_stall_reasons[index] && now - each.since >= shortest_stall;
    });
    report_one(index, found == stalls.end() ? nullptr : &*found, now);
    if (found != stalls.end())
      text.append(text.empty() ? "" : "; ").append(seconds_text(now - found->since) + ": " + describe(*found));
  }
  vitals_->held_up_by(std::move(text));
}

void stall_watch::report_one(std::size_t index, const stall* current, instant now) {
  auto& reported = reported_[index];
  const speaker who{service_, actor_};
  if (current == nullptr) {
    seconds_[index]->set(0);
    if (std::exchange(reported, std::nullopt))
      watcher_->log(severity::info, who, channel_ + ": what was held up goes on");
    return;
  }
  seconds_[index]->set(std::chrono::duration<double>(now - current->since).count());
  if (reported && now - *reported < report_every)
    return;
  reported = now;
  watcher_->log(severity::warning, who,
                channel_ + ": held up for " + seconds_text(now - current->since) + ", because " + describe(*current) + ". "
                  + std::string{remedy(*current)});
}

} // namespace troupe
