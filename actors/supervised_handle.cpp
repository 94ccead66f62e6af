#include <troupe/actors/supervised_handle.hpp>

#include <utility>

#include <troupe/messages/ports/types.hpp>

namespace troupe::actors {

namespace {

constexpr auto cut_reason = "cut off by a fault that was made on purpose";

// Answers a request in place of the actor it was meant for. What expects no answer is dropped, which the handle counts.
void answer_instead(const caf::mailbox_element& element, errc code, const char* reason) {
  if (element.sender != nullptr && element.mid.is_request()) {
    auto answer = caf::make_mailbox_element(nullptr, element.mid.response_id(), {}, to_error({code, reason}));
    element.sender->enqueue(std::move(answer), nullptr);
  }
}

} // namespace

supervised_handle::supervised_handle(caf::actor_config& config, std::size_t stash_limit, refusals counts)
  : monitorable_actor(config), stash_limit_(stash_limit), refused_(counts) {}

caf::strong_actor_ptr supervised_handle::make(caf::actor_system& system, std::size_t stash_limit, refusals counts) {
  caf::actor_config config;
  return caf::make_actor<supervised_handle, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system, config,
                                                                   stash_limit, counts);
}

supervised_handle& supervised_handle::of(const caf::strong_actor_ptr& address) {
  return *static_cast<supervised_handle*>(caf::actor_cast<caf::abstract_actor*>(address));
}

void supervised_handle::connect(caf::strong_actor_ptr incarnation) {
  const std::lock_guard lock{mutex_};
  incarnation_ = std::move(incarnation);
  closed_ = errc::none;
  if (fault_ == fault::none)
    hand_over();
}

// Under the lock, so that no later message overtakes a stashed one.
void supervised_handle::hand_over() {
  if (incarnation_ == nullptr)
    return;
  for (auto& waiting : stash_)
    incarnation_->enqueue(std::move(waiting), nullptr);
  stash_.clear();
}

void supervised_handle::disconnect(caf::actor_id incarnation) {
  const std::lock_guard lock{mutex_};
  if (incarnation_ != nullptr && incarnation_->id() == incarnation)
    incarnation_ = nullptr;
}

void supervised_handle::refuse(errc code) {
  std::deque<caf::mailbox_element_ptr> waiting;
  {
    const std::lock_guard lock{mutex_};
    closed_ = code;
    incarnation_ = nullptr;
    waiting.swap(stash_);
  }
  for (const auto& element : waiting)
    answer_instead(*element, code, "stopped before it was served");
  refused_.away.add(static_cast<double>(waiting.size()));
}

void supervised_handle::end_incarnation(const caf::error& reason) const {
  const std::lock_guard lock{mutex_};
  if (incarnation_ != nullptr)
    send_first(caf::actor_cast<caf::actor>(incarnation_), caf::exit_msg{incarnation_->address(), reason});
}

void supervised_handle::hold() {
  const std::lock_guard lock{mutex_};
  fault_ = fault::held;
}

void supervised_handle::pass() {
  const std::lock_guard lock{mutex_};
  hand_over();
}

void supervised_handle::cut() {
  std::deque<caf::mailbox_element_ptr> waiting;
  {
    const std::lock_guard lock{mutex_};
    fault_ = fault::cut;
    waiting.swap(stash_);
  }
  for (const auto& element : waiting)
    answer_instead(*element, errc::unavailable, cut_reason);
  refused_.cut.add(static_cast<double>(waiting.size()));
}

void supervised_handle::restore() {
  const std::lock_guard lock{mutex_};
  fault_ = fault::none;
  hand_over();
}

std::size_t supervised_handle::stashed() const {
  const std::lock_guard lock{mutex_};
  return stash_.size();
}

bool supervised_handle::enqueue(caf::mailbox_element_ptr element, execution_context* context) {
  std::unique_lock lock{mutex_};
  if (const auto incarnation = fault_ == fault::none ? incarnation_ : nullptr) {
    lock.unlock();
    return incarnation->enqueue(std::move(element), context);
  }
  if (fault_ == fault::cut) {
    lock.unlock();
    refused_.cut.add();
    answer_instead(*element, errc::unavailable, cut_reason);
    return false;
  }
  if (closed_ == errc::none && stash_.size() < stash_limit_) {
    stash_.push_back(std::move(element));
    return true;
  }
  const auto closed = closed_;
  lock.unlock();
  if (closed != errc::none) {
    refused_.away.add();
    answer_instead(*element, closed, "stopped");
  } else {
    refused_.overloaded.add();
    answer_instead(*element, errc::overloaded, "too many wait for a restart");
  }
  return false;
}

} // namespace troupe::actors
