#pragma once

#include <memory>

#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>
#include <troupe/bridges/embedded/subscription_work.hpp>

namespace troupe::embedded {

/// Whether the queue may hold something that the subscription of that epoch can lease.
bool may_lease_more(broker& at, std::int64_t queue, std::uint64_t epoch);

/// Leases messages for the subscription of that epoch and reads them: first those that others returned, then new ones. In a
/// read, on the one reading thread, which alone moves the cursor.
expected<fetched_messages> lease_and_fetch(sqlite::connection& on, broker& at, std::uint64_t epoch, const fetch_plan& plan);

} // namespace troupe::embedded
