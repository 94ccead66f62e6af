#include <troupe/bridges/embedded/queue_reading.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::embedded {

namespace {

std::vector<std::int64_t> offsets_of(const std::vector<fetched_message>& messages) {
  std::vector<std::int64_t> offsets;
  offsets.reserve(messages.size());
  for (const auto& each : messages)
    offsets.push_back(each.offset);
  return offsets;
}

expected<std::vector<fetched_message>> fetch_returned(sqlite::connection& on, broker& at, std::uint64_t epoch,
                                                      const fetch_plan& plan) {
  const auto offsets =
    at.with_leases(plan.partition_id, [&](queue_leases& leases) { return leases.lease_returned(epoch, plan.at_most); });
  if (offsets.empty())
    return std::vector<fetched_message>{};
  auto found = fetch_again(on, plan.partition_id, offsets);
  at.with_leases(plan.partition_id, [&](queue_leases& leases) {
    if (found.has_error()) {
      leases.give_back(epoch, offsets);
      return;
    }
    std::vector<std::int64_t> missing;
    const auto present = offsets_of(*found);
    std::set_difference(offsets.begin(), offsets.end(), present.begin(), present.end(), std::back_inserter(missing));
    leases.settled(epoch, missing);
  });
  return found;
}

expected<void> fetch_new(sqlite::connection& on, broker& at, std::uint64_t epoch, const fetch_plan& plan,
                         fetched_messages& into) {
  std::int64_t from = -1;
  at.with_leases(plan.partition_id, [&](queue_leases& leases) {
    if (leases.may_lease(epoch))
      from = leases.cursor();
  });
  if (from < 0)
    return {};
  auto found = fetch(on, plan.partition_id, from, plan.at_most - into.messages.size(), plan.bytes);
  if (found.has_error())
    return found.error();
  at.with_leases(plan.partition_id,
                 [&](queue_leases& leases) { leases.lease(epoch, offsets_of(found->messages), found->next); });
  std::move(found->messages.begin(), found->messages.end(), std::back_inserter(into.messages));
  return {};
}

} // namespace

bool may_lease_more(broker& at, std::int64_t queue, std::uint64_t epoch) {
  const auto end = at.end_of(queue);
  return at.with_leases(queue, [&](queue_leases& leases) {
    return leases.has_returned() || (end > leases.cursor() && leases.may_lease(epoch));
  });
}

expected<fetched_messages> lease_and_fetch(sqlite::connection& on, broker& at, std::uint64_t epoch, const fetch_plan& plan) {
  auto returned = fetch_returned(on, at, epoch, plan);
  if (returned.has_error())
    return returned.error();
  fetched_messages all{std::move(*returned), 0};
  if (all.messages.size() >= plan.at_most)
    return all;
  if (auto done = fetch_new(on, at, epoch, plan, all); done.has_error()) {
    at.with_leases(plan.partition_id, [&](queue_leases& leases) { leases.give_back(epoch, offsets_of(all.messages)); });
    return done.error();
  }
  return all;
}

} // namespace troupe::embedded
