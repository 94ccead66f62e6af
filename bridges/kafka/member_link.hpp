#pragma once

#include <atomic>

#include <troupe/bridges/inbound/consumer_link.hpp>
#include <troupe/bridges/kafka/waker.hpp>

namespace troupe::kafka {

/// What a member's thread and its actor share.
struct member_link final : waker_link<inbound::consumer_link> {
  using waker_link::waker_link;

  std::atomic<bool> joining = false; ///< between the request to join the group and the one for its outcome
  std::atomic<bool> joined = false;  ///< the group has taken this client in, and is asked for its first assignment
};

} // namespace troupe::kafka
