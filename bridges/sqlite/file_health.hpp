#pragma once

#include <troupe/messages/values/link_state.hpp>

namespace troupe::sqlite {

/// How the data file fares while it is open: told by the database's threads, read by whoever reports health. Any thread.
struct file_health {
  file_health() {
    files.works();
    log.works();
  }

  link_state files; ///< trouble: they are not those that were opened, and no write is durable
  link_state log;   ///< trouble: it grows, because somebody reads for long; nothing is lost by that
};

} // namespace troupe::sqlite
