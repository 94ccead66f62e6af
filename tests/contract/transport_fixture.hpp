#pragma once

// What the suite of transports works with.

#include <troupe_test/suite.hpp>

#include <algorithm>

#include "transport.hpp"

namespace troupe::contract {

inline constexpr auto drain_time = std::chrono::seconds{20};

struct transport_fixture {
  explicit transport_fixture(transport& tested) : peer(tested) {}

  transport& peer;
  std::uint64_t published_so_far = 0;

  /// A message whose id is its number, and whose bytes are no text.
  message make(std::optional<std::string> key = std::nullopt) {
    message made;
    made.id = "message-" + std::to_string(published_so_far++);
    made.key = std::move(key);
    made.content_type = "application/octet-stream";
    made.headers = {{"one", "1"}, {"odd", std::string{"\0:7:\xff", 5}}};
    made.trace.trace_id[15] = 7;
    made.trace.span_id[7] = 9;
    made.trace.decision = trace_context::sampling::sampled;
    made.trace.request_id = "request";
    made.payload = std::string{"\0\x01\xff", 3} + made.id;
    return made;
  }

  /// Publishes and waits for the acknowledgement.
  std::vector<message> accept(std::vector<message> what) {
    const auto answer = ask_and_wait<published>(peer.system(), peer.publisher(), publish{what});
    CAF_REQUIRE(answer.has_value());
    CAF_REQUIRE_EQUAL(answer->outcomes.size(), what.size());
    CAF_REQUIRE(answer->complete());
    return what;
  }

  /// `count` messages over `keys` keys (none: without keys).
  std::vector<message> accept(std::size_t count, std::size_t keys) {
    std::vector<message> batch;
    for (std::size_t i = 0; i < count; ++i)
      batch.push_back(keys == 0 ? make() : make("key-" + std::to_string(i % keys)));
    return accept(std::move(batch));
  }

  journal_ptr subscribe(journal::script what) {
    auto book = std::make_shared<journal>(std::move(what));
    subscribe(book);
    return book;
  }

  void subscribe(const journal_ptr& book) { source = peer.source(spawn_handler(peer, book)); }

  drained drain_source() {
    const auto answer = ask_and_wait<drained>(peer.system(), source, drain{drain_time});
    CAF_REQUIRE(answer.has_value());
    return *answer;
  }

  void restart(ending how) {
    source = nullptr;
    peer.restart(how);
  }

  std::vector<numbered_dead_letter> letters() {
    auto page = ask_and_wait<dead_letter_page>(peer.system(), peer.dead_letters(), list_dead_letters{});
    CAF_REQUIRE(page.has_value());
    return std::move(page->letters);
  }

  /// The letters, when there are `count` of them or it has taken too long.
  std::vector<numbered_dead_letter> letters(std::size_t count) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    auto found = letters();
    while (found.size() < count && std::chrono::steady_clock::now() < until)
      found = letters();
    return found;
  }

  source_actor source;
};

inline std::set<std::string> ids_of(const std::vector<message>& messages, const std::string& but = {}) {
  std::set<std::string> ids;
  for (const auto& each : messages)
    if (each.id != but)
      ids.insert(each.id);
  return ids;
}

using batches = std::vector<std::vector<delivery>>;

inline std::size_t times_seen(const batches& all, const std::string& id) {
  std::size_t count = 0;
  for (const auto& batch : all)
    for (const auto& each : batch)
      count += each.content.id == id ? 1 : 0;
  return count;
}

inline auto all_seen(const std::vector<message>& wanted) {
  return [ids = ids_of(wanted)](const batches& all) {
    std::set<std::string> seen;
    for (const auto& batch : all)
      for (const auto& each : batch)
        seen.insert(each.content.id);
    return std::includes(seen.begin(), seen.end(), ids.begin(), ids.end());
  };
}

inline auto seen_times(const std::string& id, std::size_t count) {
  return [id, count](const batches& all) { return times_seen(all, id) >= count; };
}

inline const failure transient{errc::unavailable, "the store is away"};
inline const failure permanent{errc::rejected, "no such thing"};

inline bool kept(guarantees::promise what) {
  return what == guarantees::promise::yes;
}

} // namespace troupe::contract
