#include <troupe/actors/supervisor.hpp>

#include <future>

#include <stdexcept>

#include <troupe/actors/group_actor.hpp>
#include <troupe/actors/supervised_handle.hpp>
#include <troupe/actors/supervised_record.hpp>
#include <troupe/messages/ports/types.hpp>

namespace troupe::actors {

namespace {

std::uint64_t mailbox_depth(caf::actor_system& system, const std::string& path) {
  auto* family = system.metrics().gauge_family("caf.actor", "mailbox-size", {"name"}, "Number of messages in the mailbox.");
  const auto depth = family->get_or_add({{"name", path}})->value();
  return depth > 0 ? static_cast<std::uint64_t>(depth) : 0;
}

} // namespace

void supervised_tree_shared::ended(supervisor_ending how) {
  std::vector<std::function<void(supervisor_ending)>> called;
  {
    const std::lock_guard lock{mutex};
    if (ending)
      return;
    ending = how;
    called.swap(listeners);
  }
  for (const auto& listener : called)
    listener(how);
}

void supervised_child::change(supervised_tree_shared& shared, const std::function<void(status&)>& how) {
  {
    const std::lock_guard lock{mutex_};
    const auto before = status_.state;
    how(status_);
    if (status_.state != before || status_.since == timestamp{})
      status_.since = shared.civil_time();
  }
  shared.version.fetch_add(1, std::memory_order_relaxed);
}

supervised_child::status supervised_child::now() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

void supervised_child::refuse_requests(errc code) const {
  if (address != nullptr)
    supervised_handle::of(address).refuse(code);
  if (group != nullptr)
    group->refuse_requests(code);
}

// -- groups -------------------------------------------------------------------

supervised_group::supervised_group(std::shared_ptr<supervised_tree_shared> shared, std::string path,
                                   policies::supervision_config config)
  : shared_(std::move(shared)), path_(std::move(path)), config_(config) {}

supervised_group::~supervised_group() = default;

void supervised_group::refuse_requests(errc code) const {
  for (const auto& one : children_)
    one->refuse_requests(code);
}

supervised_group& supervised_group::add_group(std::string name, policies::supervision_config config, child_options options) {
  auto one = std::make_unique<supervised_child>();
  one->path = std::make_shared<const std::string>(path_.empty() ? name : path_ + '/' + name);
  one->name = std::move(name);
  one->options = options;
  one->group = std::make_unique<supervised_group>(shared_, *one->path, config);
  return *children_.emplace_back(std::move(one))->group;
}

caf::strong_actor_ptr supervised_group::add_child(std::string name, erased_factory make, child_options options) {
  auto one = std::make_unique<supervised_child>();
  one->path = std::make_shared<const std::string>(path_.empty() ? name : path_ + '/' + name);
  one->name = std::move(name);
  one->options = options;
  one->make = std::move(make);
  const auto service = one->path->substr(0, one->path->find('/'));
  one->failures = &shared_->watcher->make_counter("troupe_actor_failures_total", "Abnormal ends of an actor.",
                                                  {{"service", service}, {"actor", one->name}});
  one->restarts = &shared_->watcher->make_counter("troupe_actor_restarts_total", "Incarnations started after the first.",
                                                  {{"service", service}, {"actor", one->name}});
  const auto refused = [&](std::string_view reason) -> counter& {
    return shared_->watcher->make_counter("troupe_actor_refused_total",
                                          "Messages refused while an actor was away, by reason.",
                                          {{"service", service}, {"actor", one->name}, {"reason", reason}});
  };
  one->address =
    supervised_handle::make(shared_->system, options.stash_limit, {refused("overloaded"), refused("away"), refused("cut")});
  return children_.emplace_back(std::move(one))->address;
}

// -- the tree -----------------------------------------------------------------

supervisor::supervisor(caf::actor_system& system, std::string name, policies::supervision_config config,
                       observer_ptr watcher, std::uint64_t seed, wall_clock civil_time)
  : name_(std::move(name)),
    made_(civil_time()),
    shared_(std::make_shared<supervised_tree_shared>(system, std::move(watcher), seed, std::move(civil_time))),
    top_(std::make_shared<supervised_group>(shared_, std::string{}, config)) {}

supervisor::~supervisor() {
  top_->refuse_requests(errc::shutting_down);
}

void supervisor::start() {
  actor_ = spawn_group(top_, [shared = shared_, group = top_.get()](supervisor_ending how) {
    group->refuse_requests(errc::shutting_down);
    shared->ended(how);
  });
}

void supervisor::stop() {
  if (actor_)
    send_anonymously(actor_, group_stop{});
  else
    shared_->ended(supervisor_ending::stopped);
}

supervisor_ending supervisor::stop_and_wait() {
  const auto ended = std::make_shared<std::promise<supervisor_ending>>();
  on_ended([ended](supervisor_ending how) { ended->set_value(how); });
  stop();
  return ended->get_future().get();
}

void supervisor::on_ended(std::function<void(supervisor_ending)> listener) {
  std::unique_lock lock{shared_->mutex};
  if (!shared_->ending) {
    shared_->listeners.push_back(std::move(listener));
    return;
  }
  const auto how = *shared_->ending;
  lock.unlock();
  listener(how);
}

supervision_tree supervisor::tree() const {
  supervision_tree root{.name = name_, .supervises = true, .incarnation = 1, .since = made_};
  {
    const std::lock_guard lock{shared_->mutex};
    root.state = !actor_ ? child_state::waiting
                 : shared_->ending
                   ? (*shared_->ending == supervisor_ending::stopped ? child_state::stopped : child_state::failed)
                   : child_state::running;
  }
  root.children = children_of(*top_);
  return root;
}

std::vector<supervision_tree> supervisor::children_of(const supervised_group& group) const {
  std::vector<supervision_tree> result;
  for (const auto& one : group.children_) {
    auto status = one->now();
    supervision_tree node{.name = one->name,
                          .state = status.state,
                          .supervises = one->group != nullptr,
                          .incarnation = status.incarnation,
                          .restarts = status.restarts,
                          .last_error = std::move(status.last_error),
                          .held_up_by = one->vitals->held_up_by(),
                          .since = status.since};
    if (one->group)
      node.children = children_of(*one->group);
    else
      node.mailbox = supervised_handle::of(one->address).stashed() + mailbox_depth(shared_->system, *one->path);
    result.push_back(std::move(node));
  }
  return result;
}

std::uint64_t supervisor::version() const noexcept {
  return shared_->version.load(std::memory_order_relaxed);
}

std::vector<std::string> supervisor::actors() const {
  std::vector<std::string> result;
  for_each_child(*top_, [&](const supervised_child& one) {
    if (one.address != nullptr)
      result.push_back(*one.path);
  });
  return result;
}

bool supervisor::disturb(const std::string& path, disturbance how) const {
  const caf::strong_actor_ptr* address = nullptr;
  for_each_child(*top_, [&](const supervised_child& one) {
    if (one.address != nullptr && *one.path == path)
      address = &one.address;
  });
  if (address == nullptr)
    return false;
  auto& handle = supervised_handle::of(*address);
  switch (how) {
    case disturbance::kill:
      handle.end_incarnation(caf::exit_reason::kill);
      break;
    case disturbance::fail:
      handle.end_incarnation(to_error({errc::actor_failed, "made to fail on purpose"}));
      break;
    case disturbance::hold:
      handle.hold();
      break;
    case disturbance::pass:
      handle.pass();
      break;
    case disturbance::cut:
      handle.cut();
      break;
    case disturbance::restore:
      handle.restore();
      break;
  }
  return true;
}

supervisor::busiest_actor supervisor::busiest() const {
  busiest_actor result;
  for_each_child(*top_, [&](const supervised_child& one) {
    if (const auto busy = one.vitals->busy_for(); busy > result.busy_for)
      result = {*one.path, busy};
  });
  return result;
}

void supervisor::for_each_child(const supervised_group& group, const std::function<void(const supervised_child&)>& visit) {
  for (const auto& one : group.children_) {
    visit(*one);
    if (one->group)
      for_each_child(*one->group, visit);
  }
}

} // namespace troupe::actors
