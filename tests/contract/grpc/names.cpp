#define CAF_SUITE grpc_names

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/bridges/grpc/engine/name_watch.hpp>

#include "support.hpp"

namespace troupe::grpc_test {

namespace {

using addresses = std::vector<std::string>;

/// A name server of one name, and who watches it.
struct fixture_of_names {
  void start() {
    CAF_REQUIRE(watch.start(
      [this] {
        const std::scoped_lock lock{guard};
        ++looks;
        changed.notify_all();
        return now;
      },
      1ms,
      [this] {
        const std::scoped_lock lock{guard};
        ++reported;
        changed.notify_all();
      }));
  }

  void move_to(addresses where) {
    const std::scoped_lock lock{guard};
    now = std::move(where);
  }

  /// Waits until that many more looks have ended.
  void look(int count) {
    std::unique_lock lock{guard};
    const auto until = looks + count + 1; // the last may have just begun
    CAF_REQUIRE(changed.wait_for(lock, patience, [&] { return looks >= until; }));
  }

  int told_so_far() {
    const std::scoped_lock lock{guard};
    return reported;
  }

  std::mutex guard;
  std::condition_variable changed;
  addresses now{"10.0.0.1"};
  int looks = 0;
  int reported = 0;
  grpc::name_watch watch; // goes first
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_names_tests, fixture_of_names)

CAF_TEST(a name is looked up again and again and only what changes is reported) {
  start();
  look(5);
  CAF_CHECK_EQUAL(told_so_far(), 0);
  move_to({"10.0.0.1", "10.0.0.2"});
  look(2);
  CAF_CHECK_EQUAL(told_so_far(), 1);
  look(5);
  CAF_CHECK_EQUAL(told_so_far(), 1);
  move_to({"10.0.0.2"});
  look(2);
  CAF_CHECK_EQUAL(told_so_far(), 2);
}

CAF_TEST(a name that is not found for a while changes nothing) {
  start();
  look(2);
  move_to({});
  look(3);
  move_to({"10.0.0.1"});
  look(3);
  CAF_CHECK_EQUAL(told_so_far(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(an address is distinguished from a name) {
  CAF_CHECK(grpc::is_literal_address("127.0.0.1"));
  CAF_CHECK(grpc::is_literal_address("::1"));
  CAF_CHECK(!grpc::is_literal_address("localhost"));
  CAF_CHECK(!grpc::addresses_of("localhost").empty());
}

} // namespace troupe::grpc_test
