#include <troupe/actors/runtime/link_watch.hpp>

#include <utility>

namespace troupe {

link_watch::link_watch(const spawn_context& context, link_state_ptr state, std::string peer, std::string subject)
  : watcher_(context.watcher),
    service_(context.service()),
    actor_(context.actor()),
    peer_(std::move(peer)),
    subject_(std::move(subject)),
    state_(std::move(state)) {}

void link_watch::say(severity level, std::string_view text, source_location where) const {
  if (subject_.empty())
    return watcher_->log(level, {service_, actor_}, text, where);
  watcher_->log(level, {service_, actor_}, std::string{subject_}.append(": ").append(text), where);
}

void link_watch::link_fails(const failure& why, source_location where) {
  const std::lock_guard lock{guard_};
  connected_ = false;
  changed_to(link_trouble_, why, where);
}

void link_watch::link_works() {
  const std::lock_guard lock{guard_};
  if (std::exchange(link_trouble_, std::nullopt))
    say(severity::info, peer_ + " can be reached again");
  connected_ = true;
  update_state();
}

void link_watch::work_fails(const failure& why, source_location where) {
  const std::lock_guard lock{guard_};
  changed_to(work_trouble_, why, where);
}

void link_watch::work_succeeds() {
  if (untroubled_)
    return;
  link_works();
  const std::lock_guard lock{guard_};
  if (const auto past = std::exchange(work_trouble_, std::nullopt))
    say(severity::info, "goes on after " + std::string{to_string(past->code)});
  update_state();
}

std::optional<failure> link_watch::link_trouble() const {
  const std::lock_guard lock{guard_};
  return link_trouble_;
}

std::optional<failure> link_watch::work_trouble() const {
  const std::lock_guard lock{guard_};
  return work_trouble_;
}

std::optional<failure> link_watch::trouble() const {
  const std::lock_guard lock{guard_};
  return link_trouble_ ? link_trouble_ : work_trouble_;
}

void link_watch::changed_to(std::optional<failure>& trouble, const failure& why, source_location where) {
  if (!trouble || trouble->code != why.code)
    say(severity::error, to_string(why), where);
  trouble = why;
  update_state();
}

void link_watch::update_state() {
  untroubled_ = connected_ && !link_trouble_ && !work_trouble_;
  if (link_trouble_)
    state_->fails(*link_trouble_);
  else if (work_trouble_)
    state_->fails(*work_trouble_);
  else
    state_->works();
}

} // namespace troupe
