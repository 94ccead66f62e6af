#define CAF_SUITE kafka_foreign
#include <troupe_test/suite.hpp>

#include <charconv>
#include <cstdio>
#include <mutex>

#include <troupe/actors/decoding.hpp>

#include "kafka_transport.hpp"

// Records of a producer that knows nothing of us.

using namespace troupe;
using namespace troupe::contract;

namespace {

struct fixture {
  kafka_topic peer;

  /// Has kcat write a record for each line `KEY|PAYLOAD`.
  void written_by_kcat(const std::string& lines, const std::string& options = {}) const {
    const auto command = "kcat -P -b " + brokers() + " -t " + peer.topic() + " -K '|' " + options;
    auto* const kcat = ::popen(command.c_str(), "w");
    CAF_REQUIRE(kcat != nullptr);
    CAF_REQUIRE_EQUAL(std::fwrite(lines.data(), 1, lines.size(), kcat), lines.size());
    CAF_REQUIRE_EQUAL(::pclose(kcat), 0);
  }

  std::vector<numbered_dead_letter> letters() {
    auto page = ask_and_wait<dead_letter_page>(peer.system(), peer.dead_letters(), list_dead_letters{});
    CAF_REQUIRE(page.has_value());
    return std::move(page->letters);
  }
};

expected<int> number_in(const message& content) {
  int result = 0;
  const auto* const end = content.payload.data() + content.payload.size();
  if (const auto read = std::from_chars(content.payload.data(), end, result); read.ec != std::errc{} || read.ptr != end)
    return failure{errc::undecodable, "this is no number"};
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(kafka_foreign, fixture)

CAF_TEST(a record without our headers is a message with the id of its position) {
  written_by_kcat("a|one\n|two\n", "-H color=red");
  const auto book = std::make_shared<journal>(all_done());
  peer.source(spawn_handler(peer, book));
  CAF_REQUIRE(peer.watcher->wait_for("troupe_kafka_settled_total", 2));
  const auto seen = book->seen();
  CAF_REQUIRE_EQUAL(seen.size(), 2u);
  CAF_CHECK(seen[0].content.id.starts_with(peer.topic() + "-0-0@"));
  CAF_CHECK(seen[1].content.id.starts_with(peer.topic() + "-0-1@"));
  CAF_CHECK_EQUAL(seen[0].content.key.value_or("none"), "a");
  CAF_CHECK_EQUAL(seen[0].content.payload, "one");
  CAF_CHECK(seen[0].content.headers == (header_list{{"color", "red"}}));
  CAF_CHECK(seen[0].content.content_type.empty());
  CAF_CHECK_EQUAL(seen[1].content.payload, "two");
}

CAF_TEST(a record that its decoder cannot read becomes a dead letter with its bytes unchanged) {
  written_by_kcat("a|1\na|\xff\xfe?\na|3\n");
  std::mutex guard;
  std::vector<int> numbers;
  const auto handle =
    actors::decoded<int>(actors::decoders<int>{}.otherwise(number_in), [&](const int& one, const delivery&) {
      const std::lock_guard lock{guard};
      numbers.push_back(one);
      return reply{};
    });
  const auto handler = actors::spawn_handler(peer.context("test/handler"), handle);
  peer.adopt(caf::actor_cast<caf::actor>(handler));
  const auto source = peer.source(handler);
  CAF_REQUIRE(peer.watcher->wait_for("troupe_kafka_settled_total", 3));
  CAF_REQUIRE(ask_and_wait<drained>(peer.system(), source, drain{std::chrono::seconds{20}}).has_value());
  const std::lock_guard lock{guard};
  CAF_CHECK_EQUAL(numbers, (std::vector{1, 3}));
  const auto found = letters();
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found.front().letter.content.payload, "\xff\xfe?");
  CAF_CHECK(found.front().letter.content.id.starts_with(peer.topic() + "-0-1@"));
  CAF_CHECK_EQUAL(found.front().letter.why, (failure{errc::undecodable, "this is no number"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
