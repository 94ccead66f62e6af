#pragma once

#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe::outbound {

/// Counts the documents of a store by their outcome, as `PREFIX_stored_total` and so on.
class written_counters {
public:
  written_counters(observer& watcher, const std::string& prefix, const label_list& labels)
    : stored_(watcher.make_counter(prefix + "_stored_total", "Documents stored.", labels)),
      duplicates_(watcher.make_counter(prefix + "_duplicates_total", "Documents that were there already.", labels)),
      refused_(watcher.make_counter(prefix + "_refused_total", "Documents refused permanently.", labels)) {}

  void count(const written& answer) const {
    for (const auto& each : answer.each)
      of(each.outcome).add();
  }

private:
  [[nodiscard]] counter& of(write_outcome outcome) const {
    switch (outcome) {
      case write_outcome::stored:
        return stored_;
      case write_outcome::duplicate:
        return duplicates_;
      case write_outcome::refused:
        break;
    }
    return refused_;
  }

  counter& stored_;
  counter& duplicates_;
  counter& refused_;
};

} // namespace troupe::outbound
