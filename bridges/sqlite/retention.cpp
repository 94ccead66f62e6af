#include <troupe/bridges/sqlite/retention.hpp>

#include <memory>
#include <utility>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/actors/runtime/thread_link.hpp>
#include <troupe/bridges/sqlite/job.hpp>

namespace troupe::sqlite {

namespace {

// The tick says that a step has ended; the update, that it is time for the next one.
using retention_actor = caf::typed_actor<caf::result<void>(caf::tick_atom), caf::result<void>(caf::update_atom)>;

class retention_state {
public:
  retention_state(retention_actor::pointer self, std::weak_ptr<database> from, retention_work work)
    : self_(self), database_(std::move(from)), work_(std::move(work)) {}

  retention_actor::behavior_type make_behavior() {
    remove();
    return {[this](caf::tick_atom) {
              for (const auto& each : ended_->take())
                removed(each);
            },
            [this](caf::update_atom) { remove(); }};
  }

private:
  void remove() {
    const auto from = database_.lock();
    if (!from)
      return self_->quit();
    from->submit(make_question<removal>(
      durability::unsynced, [step = work_.remove, now = from->now()](connection& on) { return step(on, now); },
      [to = ended_, wake_actor = waker_of<retention_actor>(self_)](expected<removal> outcome) {
        if (to->put(std::move(outcome)) == wake::needed)
          wake_actor();
      }));
  }

  void removed(const expected<removal>& step) {
    if (step.has_value()) {
      work_.removed(*step);
      if (step->more)
        return remove();
    }
    send_later(self_, caf::actor_cast<retention_actor>(self_), work_.every, caf::update_atom_v);
  }

  retention_actor::pointer self_;
  const std::weak_ptr<database> database_;
  const retention_work work_;
  const std::shared_ptr<inbox<expected<removal>>> ended_ = std::make_shared<inbox<expected<removal>>>();
};

} // namespace

caf::actor spawn_retention(const spawn_context& context, const database_ptr& database, retention_work work) {
  const auto own = unsupervised(context.system, *context.path + "/retention", context.watcher);
  return caf::actor_cast<caf::actor>(
    spawn_supervised<retention_actor, retention_state>(own, std::weak_ptr<sqlite::database>{database}, std::move(work)));
}

} // namespace troupe::sqlite
