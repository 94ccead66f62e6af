#define CAF_SUITE memory_groups
#include <troupe_test/actors.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <troupe/bridges/memory/ports.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using scripted_handler = troupe_test::scripted<deliveries, replies>;

caf::result<replies> all_done(const deliveries& batch) {
  return replies{std::vector<reply>(batch.batch.size()), {}};
}

struct fixture : troupe_test::actor_fixture {
  std::shared_ptr<memory::broker> at = std::make_shared<memory::broker>();
  memory::subscription config{{.name = "stream", .partitions = 4}, "group"};

  fixture() { config.redelivery.delays = {1h}; }

  source_actor subscribe(const scripted_handler& to) {
    const auto made = memory::spawn_source(context(), at, config, to.handle(), {});
    settle();
    return made;
  }

  void publish_some(int count, const std::string& prefix) {
    for (int i = 0; i < count; ++i) {
      message made;
      made.id = prefix + std::to_string(i);
      made.key = made.id;
      at->publish(config.from, {made});
    }
    settle();
  }

  static std::set<std::string> ids(scripted_handler& of) {
    std::set<std::string> result;
    for (const auto& batch : of.asked())
      for (const auto& each : batch.batch)
        result.insert(each.content.id);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(memory_groups_tests, fixture)

CAF_TEST(members of a group share its partitions and take over those of one that leaves) {
  scripted_handler first{sys, all_done};
  scripted_handler second{sys, all_done};
  const auto one = subscribe(first);
  const auto other = subscribe(second);
  publish_some(40, "a");
  CAF_CHECK(!ids(first).empty());
  CAF_CHECK(!ids(second).empty());
  CAF_CHECK_EQUAL(ids(first).size() + ids(second).size(), 40u);
  end(one);
  publish_some(40, "b");
  CAF_CHECK_EQUAL(ids(first).size() + ids(second).size(), 80u);
  end(other);
}

CAF_TEST(a partition goes to another member when what was handed out of it is answered) {
  scripted_handler first{sys, all_done};
  scripted_handler second{sys, all_done};
  first.hold();
  const auto one = subscribe(first);
  publish_some(40, "a");
  CAF_REQUIRE_EQUAL(first.held(), 1u);
  const auto handed_out = first.asked().front();
  const auto other = subscribe(second);
  CAF_CHECK(ids(second).empty());
  first.stop_holding();
  first.release({std::vector<reply>(handed_out.batch.size()), {}});
  settle();
  publish_some(40, "b");
  CAF_CHECK(!ids(second).empty());
  CAF_CHECK_EQUAL(ids(first).size() + ids(second).size(), 80u);
  end(one);
  end(other);
}

CAF_TEST(a source of a wrong configuration ends) {
  scripted_handler handler{sys, all_done};
  config.batch = 0;
  const auto source = subscribe(handler);
  CAF_CHECK(ask_for<drained>(source, drain{1s})->error.has_value());
  config.batch = 1;
  const auto other = subscribe(handler);
  CAF_CHECK(ask_for<drained>(other, drain{1s})->value.has_value());
  end(other);
}

CAF_TEST(a delayed retry waits in virtual time) {
  auto refusals = 1;
  scripted_handler handler{sys, [&refusals](const deliveries& batch) -> caf::result<replies> {
                             const auto how = refusals-- > 0 ? verdict::retry : verdict::done;
                             return replies{std::vector<reply>(batch.batch.size(), {how, {errc::unavailable, "away"}}), {}};
                           }};
  const auto source = subscribe(handler);
  publish_some(1, "a");
  CAF_REQUIRE_EQUAL(handler.asked().size(), 1u);
  pass(59min);
  CAF_CHECK_EQUAL(handler.asked().size(), 1u);
  pass(2min);
  CAF_REQUIRE_EQUAL(handler.asked().size(), 2u);
  CAF_CHECK_EQUAL(handler.asked().back().batch.front().attempts, 1u);
  end(source);
}

CAF_TEST_FIXTURE_SCOPE_END()
