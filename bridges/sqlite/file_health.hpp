#pragma once

#include <troupe/messages/values/link_state.hpp>

namespace troupe::sqlite {

/// The state of the data file while it is open: set by the database's threads, read by health checks. Any thread.
struct file_health {
  file_health() {
    files.works();
    log.works();
  }

  link_state files; ///< trouble: they are not the files that were opened, and no write is durable
  link_state log;   ///< trouble: it grows, because a reader takes long; nothing is lost
};

} // namespace troupe::sqlite
