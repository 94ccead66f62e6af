#pragma once

#include <vector>

#include <troupe/bridges/kafka/partition_work.hpp>
#include <troupe/messages/values/dead_letter.hpp>

namespace troupe::kafka {

/// What a delivery came to, on its way to the topic of results.
struct transformed {
  origin from;
  message content;
};

/// What becomes visible together, or not at all.
struct transaction {
  std::vector<transformed> results;
  std::vector<dead_letter> letters;
  std::vector<commit_entry> offsets;
};

} // namespace troupe::kafka
