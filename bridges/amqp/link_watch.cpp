#include <troupe/bridges/amqp/link_watch.hpp>

#include <utility>

namespace troupe::amqp {

link_watch::link_watch(const spawn_context& context, link_state_ptr state, std::string what)
  : watcher_(context.watcher),
    state_(std::move(state)),
    what_(std::move(what)),
    service_(context.service()),
    actor_(context.actor()) {}

void link_watch::say(severity level, std::string_view text) const {
  watcher_->log(level, {service_, actor_}, std::string{what_}.append(": ").append(text));
}

void link_watch::link_fails(const failure& why) {
  if (!link_trouble_ || link_trouble_->code != why.code)
    say(severity::error, to_string(why));
  link_trouble_ = why;
  tell_state();
}

void link_watch::link_works() {
  if (link_trouble_)
    say(severity::info, "the broker can be reached again");
  link_trouble_.reset();
  tell_state();
}

void link_watch::work_fails(const failure& why) {
  if (!work_trouble_ || work_trouble_->code != why.code)
    say(severity::error, to_string(why));
  work_trouble_ = why;
  tell_state();
}

void link_watch::work_goes_on() {
  if (work_trouble_)
    say(severity::info, "goes on after " + std::string{to_string(work_trouble_->code)});
  work_trouble_.reset();
  tell_state();
}

void link_watch::tell_state() {
  if (trouble())
    state_->fails(*trouble());
  else
    state_->works();
}

} // namespace troupe::amqp
