#define CAF_SUITE amqp_confirm_window
#include <troupe_test/suite.hpp>

#include <map>
#include <random>
#include <vector>

#include <troupe/bridges/amqp/confirm_window.hpp>

using namespace troupe;
using namespace troupe::amqp;

namespace {

struct fixture {
  confirm_window<int> tested;
  std::vector<std::pair<int, errc>> settled;

  void send(int count) {
    for (int i = 0; i < count; ++i)
      tested.sent(++last);
  }
  void confirm(std::uint64_t number, reach how, std::optional<failure> refused = std::nullopt) {
    tested.confirmed(number, how, refused,
                     [this](int each, const failure& outcome) { settled.emplace_back(each, outcome.code); });
  }

  int last = 0;
};

const failure no_route{errc::unavailable, "312 NO_ROUTE"};
const failure full{errc::throttled, "full"};

} // namespace

CAF_TEST_FIXTURE_SCOPE(amqp_confirm_window_tests, fixture)

CAF_TEST(single confirms settle in any order) {
  send(3);
  confirm(2, reach::one);
  confirm(3, reach::one);
  CAF_CHECK_EQUAL(tested.size(), 1u);
  confirm(1, reach::one);
  CAF_CHECK(settled == (std::vector<std::pair<int, errc>>{{2, errc::none}, {3, errc::none}, {1, errc::none}}));
  CAF_CHECK_EQUAL(tested.size(), 0u);
}

CAF_TEST(a confirm of all up to one leaves out what was confirmed before) {
  send(5);
  confirm(2, reach::one);
  confirm(4, reach::all_up_to);
  CAF_CHECK(settled
            == (std::vector<std::pair<int, errc>>{{2, errc::none}, {1, errc::none}, {3, errc::none}, {4, errc::none}}));
  CAF_CHECK_EQUAL(tested.size(), 1u);
}

CAF_TEST(a message that was returned is settled by its confirm as an error) {
  send(3);
  CAF_CHECK(tested.returned([](int number) { return number == 2; }, no_route));
  CAF_CHECK(settled.empty());
  confirm(3, reach::all_up_to);
  CAF_CHECK(settled == (std::vector<std::pair<int, errc>>{{1, errc::none}, {2, errc::unavailable}, {3, errc::none}}));
}

CAF_TEST(of equal messages the oldest that was not returned yet is meant) {
  send(3);
  const auto any = [](int) { return true; };
  CAF_CHECK(tested.returned(any, no_route));
  CAF_CHECK(tested.returned(any, no_route));
  confirm(3, reach::all_up_to);
  CAF_CHECK(settled == (std::vector<std::pair<int, errc>>{{1, errc::unavailable}, {2, errc::unavailable}, {3, errc::none}}));
  CAF_CHECK(!tested.returned(any, no_route));
}

CAF_TEST(what the broker refuses is settled with why) {
  send(2);
  confirm(2, reach::all_up_to, full);
  CAF_CHECK(settled == (std::vector<std::pair<int, errc>>{{1, errc::throttled}, {2, errc::throttled}}));
}

CAF_TEST(numbers that do not wait are ignored) {
  send(2);
  confirm(0, reach::one);
  confirm(0, reach::all_up_to);
  confirm(7, reach::all_up_to);
  CAF_CHECK(settled.empty());
  confirm(1, reach::one);
  confirm(1, reach::one);
  CAF_CHECK_EQUAL(settled.size(), 1u);
}

CAF_TEST(a lost channel gives up what is not confirmed and counts from one again) {
  send(3);
  confirm(2, reach::one);
  std::vector<int> lost;
  tested.lost([&](int number) { lost.push_back(number); });
  CAF_CHECK(lost == (std::vector<int>{1, 3}));
  CAF_CHECK_EQUAL(tested.size(), 0u);
  send(1);
  confirm(1, reach::one);
  CAF_CHECK(settled.back() == (std::pair{4, errc::none}));
}

CAF_TEST(whatever the broker says each message is settled once) {
  std::mt19937 random{7};
  std::map<int, int> times;
  std::uint64_t sent = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0) {
      tested.sent(static_cast<int>(++sent));
    } else {
      const auto number = random() % (sent + 2);
      tested.confirmed(number, random() % 3 == 0 ? reach::all_up_to : reach::one, std::nullopt,
                       [&](int one, const failure&) { ++times[one]; });
    }
    CAF_REQUIRE_EQUAL(tested.size(), sent - times.size());
  }
  for (const auto& [one, count] : times)
    CAF_REQUIRE_EQUAL(count, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
