#include <troupe/bridges/memory/broker.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::memory {

// Wakes when the lock is released: the last reference to an actor may end in a wake.
class broker::change {
public:
  explicit change(broker& at) : lock_(at.guard_) {}
  ~change() {
    lock_.unlock();
    for (const auto& each : wakes_)
      each();
  }
  void wake(const group_state& of) {
    for (const auto& each : of.members)
      wakes_.push_back(each.second);
  }

private:
  std::unique_lock<std::mutex> lock_;
  std::vector<std::function<void()>> wakes_;
};

void broker::publish(const destination& to, const std::vector<message>& batch) {
  change now{*this};
  auto& [partitions, groups] = logs_[to.name];
  for (auto each : batch) {
    const auto hash = each.key ? std::hash<std::string>{}(*each.key) : ++last_number_;
    if (each.id.empty())
      each.id = to.name + '-' + std::to_string(++last_number_);
    partitions[static_cast<std::int32_t>(hash % static_cast<std::uint64_t>(to.partitions))].push_back(std::move(each));
  }
  for (const auto& each : groups)
    now.wake(each.second);
}

std::unique_ptr<membership> broker::join(const destination& from, const std::string& group, std::function<void()> wake) {
  change now{*this};
  auto& joined = logs_[from.name].groups[group];
  now.wake(joined);
  joined.members.emplace(++last_number_, std::move(wake));
  return std::make_unique<membership>(shared_from_this(), from, joined, last_number_);
}

membership::~membership() {
  broker::change now{*at_};
  group_.members.erase(id_);
  for (auto& each : group_.partitions)
    std::erase_if(each.second.leased, [this](const auto& one) { return one.second == id_; });
  now.wake(group_);
}

std::optional<std::vector<leased_message>> membership::lease(std::int32_t partition, std::int64_t from, std::size_t most) {
  const std::lock_guard lock{at_->guard_};
  const auto& messages = at_->logs_[from_.name].partitions[partition];
  auto& [members, partitions] = group_;
  auto& of = partitions[partition];
  std::vector<leased_message> result;
  if (from_.is == destination::kind::stream) {
    if (std::next(members.begin(), partition % std::ssize(members))->first != id_)
      return std::nullopt;
    if (std::any_of(of.leased.begin(), of.leased.end(), [this](const auto& each) { return each.second != id_; }))
      return result;
  }
  for (auto number = from; number < std::ssize(messages) && result.size() < most; ++number) {
    const auto& known = of.notes[number];
    if (!known.settled && of.leased.emplace(number, id_).second)
      result.push_back({number, messages[static_cast<std::size_t>(number)], known});
  }
  return result;
}

void membership::note(std::int32_t partition, std::int64_t number, const progress_note& known) {
  const std::lock_guard lock{at_->guard_};
  auto& of = group_.partitions[partition];
  of.notes.insert_or_assign(number, known);
  if (known.settled)
    of.leased.erase(number);
}

void membership::give_back(std::int32_t partition) {
  broker::change now{*at_};
  std::erase_if(group_.partitions[partition].leased, [this](const auto& each) { return each.second == id_; });
  now.wake(group_);
}

} // namespace troupe::memory
