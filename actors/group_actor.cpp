#include <troupe/actors/group_actor.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <iterator>
#include <utility>

#include <troupe/actors/supervised_handle.hpp>
#include <troupe/actors/supervised_record.hpp>
#include <troupe/messages/ports/types.hpp>

namespace troupe::actors {

namespace {

// Before main, so that no program has to register what it cannot name.
const bool registered = (caf::init_global_meta_objects<caf::id_block::troupe_actors>(), true);

policies::ending classify(const caf::error& reason) {
  if (!reason || reason == caf::exit_reason::normal || reason == caf::exit_reason::user_shutdown)
    return policies::ending::normal;
  if (reason == caf::make_error(errc::intensity_exceeded))
    return policies::ending::exhausted;
  return policies::ending::abnormal;
}

std::uint64_t seed_of(std::uint64_t tree, const std::string& path, std::uint64_t incarnation) {
  return tree ^ std::hash<std::string>{}(path) ^ (incarnation * 0x9e3779b97f4a7c15ULL);
}

} // namespace

class group_actor_state {
public:
  group_actor_state(caf::event_based_actor* self, std::shared_ptr<supervised_group> group,
                    std::function<void(supervisor_ending)> on_ended)
    : self_(self),
      group_(std::move(group)),
      on_ended_(std::move(on_ended)),
      decide_(group_->config_, policies_of(*group_), seed_of(shared().seed, group_->path_, 0)),
      incarnations_(group_->children_.size()) {}

  caf::behavior make_behavior() {
    carry_out(decide_.begin(self_->clock().now()));
    return {
      [this](const child_ended& end) { handle(end); },
      [this](const child_overdue& late) { handle(late); },
      [this](const group_tick&) { carry_out(decide_.tick(self_->clock().now())); },
      [this](const group_stop&) { carry_out(decide_.stop(self_->clock().now())); },
    };
  }

  static caf::actor spawn(const std::shared_ptr<supervised_group>& group, std::function<void(supervisor_ending)> on_ended) {
    return group->shared_->system.spawn<caf::stateful_actor<group_actor_state>>(group, std::move(on_ended));
  }

private:
  using action = policies::supervision_command::action;

  // What runs behind a child's handle.
  struct incarnation {
    std::uint64_t number = 0;
    caf::strong_actor_ptr actor; // null: ended
    bool asked_to_stop = false;
  };

  static std::vector<policies::child_policy> policies_of(const supervised_group& group) {
    std::vector<policies::child_policy> result;
    std::transform(group.children_.begin(), group.children_.end(), std::back_inserter(result),
                   [](const auto& one) { return one->options.policy; });
    return result;
  }

  [[nodiscard]] supervised_tree_shared& shared() const { return *group_->shared_; }

  // In order: what follows from a start that fails comes after what was decided before it.
  void carry_out(const policies::supervision::commands& commands) {
    const bool nested = !commands_.empty();
    commands_.insert(commands_.end(), commands.begin(), commands.end());
    for (; !nested && !commands_.empty(); commands_.pop_front()) {
      const auto command = commands_.front();
      switch (command.step) {
        case action::start:
          start(command.child);
          break;
        case action::stop:
          stop(command.child);
          break;
        case action::wake:
          send_later(self_, caf::actor{self_}, command.at - self_->clock().now(), group_tick{});
          break;
        case action::finished:
          end(supervisor_ending::stopped);
          break;
        case action::give_up:
          end(supervisor_ending::exhausted);
          break;
      }
    }
    if (!nested)
      show_states();
  }

  void start(std::size_t index) {
    auto& child = *group_->children_[index];
    auto& current = incarnations_[index];
    const auto number = child.now().incarnation + 1;
    child.change(shared(), [&](supervised_child::status& status) {
      status.incarnation = number;
      status.restarts = number - 1;
    });
    if (number > 1 && child.restarts != nullptr)
      child.restarts->add();
    current = {.number = number};
    try {
      current.actor = spawn_child(child, number);
    } catch (const std::exception& problem) {
      report(index, caf::make_error(errc::actor_failed, std::string{"could not start: "} + problem.what()));
      return;
    } catch (...) {
      report(index, caf::make_error(errc::actor_failed, std::string{"could not start"}));
      return;
    }
    // The handle is disconnected on the thread of the actor that ends: a caller that learns of the end and calls again
    // already waits in the stash.
    current.actor->get()->attach_functor(
      [me = caf::actor{self_}, index, number, address = child.address, id = current.actor->id()](const caf::error& reason) {
        if (address != nullptr)
          supervised_handle::of(address).disconnect(id);
        send_anonymously(me, child_ended{index, number, reason});
      });
    if (child.address != nullptr)
      supervised_handle::of(child.address).connect(current.actor);
  }

  caf::strong_actor_ptr spawn_child(supervised_child& child, std::uint64_t number) {
    if (child.group != nullptr) {
      // The nested group lives as long as this one, which owns it.
      const std::shared_ptr<supervised_group> nested{group_, child.group.get()};
      return caf::actor_cast<caf::strong_actor_ptr>(spawn_group(nested, [](supervisor_ending) {}));
    }
    return child.make(
      {shared().system, child.path, child.vitals, shared().watcher, seed_of(shared().seed, *child.path, number)});
  }

  void stop(std::size_t index) {
    auto& current = incarnations_[index];
    const auto& child = *group_->children_[index];
    current.asked_to_stop = true;
    if (child.group != nullptr) {
      send_anonymously(caf::actor_cast<caf::actor>(current.actor), group_stop{});
    } else {
      ask_to_end(caf::actor_cast<caf::actor>(current.actor), caf::exit_reason::user_shutdown);
      send_later(self_, caf::actor{self_}, child.options.stop_within, child_overdue{index, current.number});
    }
  }

  void handle(const child_ended& end) {
    auto& current = incarnations_[end.child];
    if (end.incarnation != current.number || current.actor == nullptr)
      return; // one that was abandoned has ended after all
    shut(end.child);
    const auto how = classify(end.reason);
    if (!current.asked_to_stop && how != policies::ending::normal) {
      report(end.child, end.reason);
      return;
    }
    if (!current.asked_to_stop)
      log(severity::info, end.child, "ended in order");
    carry_out(decide_.ended(end.child, how, self_->clock().now()));
  }

  void handle(const child_overdue& late) {
    const auto& current = incarnations_[late.child];
    if (late.incarnation != current.number || current.actor == nullptr)
      return;
    shut(late.child);
    log(severity::error, late.child, "did not stop in its time and was abandoned");
    carry_out(decide_.abandoned(late.child, self_->clock().now()));
  }

  // An abnormal end: counted, said, and decided upon.
  void report(std::size_t index, const caf::error& reason) {
    auto& child = *group_->children_[index];
    auto text = to_string(to_failure(reason));
    if (child.failures != nullptr)
      child.failures->add();
    log(severity::warning, index, "ended: " + text);
    child.change(shared(), [&](supervised_child::status& status) { status.last_error = std::move(text); });
    carry_out(decide_.ended(index, classify(reason), self_->clock().now()));
  }

  // An abandoned child has not ended, but nobody is to reach it any more.
  void shut(std::size_t index) {
    if (const auto& address = group_->children_[index]->address; address != nullptr)
      supervised_handle::of(address).disconnect(incarnations_[index].actor->id());
    incarnations_[index].actor = nullptr;
  }

  void end(supervisor_ending how) {
    on_ended_(how);
    if (how == supervisor_ending::stopped)
      self_->quit();
    else
      self_->quit(caf::make_error(errc::intensity_exceeded));
  }

  void show_states() {
    for (std::size_t index = 0; index != group_->children_.size(); ++index) {
      auto& child = *group_->children_[index];
      const auto state = decide_.state(index);
      if (child.now().state == state)
        continue;
      child.change(shared(), [&](supervised_child::status& status) { status.state = state; });
      if (state == child_state::failed)
        log(severity::error, index, "failed too often");
      // Callers of one that may come back soon wait in its stash; the others are answered at once. What becomes of the
      // children of a group that ends is for its parent to decide.
      const bool away = state == child_state::stopped || state == child_state::abandoned || state == child_state::failed;
      if (away && !decide_.is_ending())
        child.refuse_requests(errc::unavailable);
    }
  }

  void log(severity level, std::size_t index, const std::string& text) const {
    const auto& child = *group_->children_[index];
    const auto service = child.path->substr(0, child.path->find('/'));
    shared().watcher->log(level, {.service = service, .actor = child.name}, text);
  }

  caf::event_based_actor* self_;
  std::shared_ptr<supervised_group> group_;
  std::function<void(supervisor_ending)> on_ended_;
  policies::supervision decide_;
  std::vector<incarnation> incarnations_;
  std::deque<policies::supervision_command> commands_; // being carried out
};

caf::actor spawn_group(const std::shared_ptr<supervised_group>& group, std::function<void(supervisor_ending)> on_ended) {
  return group_actor_state::spawn(group, std::move(on_ended));
}

} // namespace troupe::actors
