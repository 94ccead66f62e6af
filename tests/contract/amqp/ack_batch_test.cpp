#define CAF_SUITE amqp_ack_batch
#include <troupe_test/suite.hpp>

#include <random>
#include <set>

#include <troupe/bridges/amqp/ack_batch.hpp>

using namespace troupe;
using namespace troupe::amqp;
using namespace std::chrono_literals;

namespace {

using acks = std::vector<ack>;
using pressing = ack_batch::pressing;

struct fixture {
  ack_batch tested{3, 50ms};
  instant now{};

  void arrive(std::uint64_t last) {
    for (std::uint64_t tag = 1; tag <= last; ++tag)
      tested.arrived(tag);
  }
  void settle(std::initializer_list<std::uint64_t> tags) {
    for (const auto each : tags)
      tested.settled(each, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(amqp_ack_batch_tests, fixture)

CAF_TEST(so many settled deliveries are acknowledged by one word) {
  arrive(5);
  settle({1, 2});
  CAF_CHECK(tested.next(pressing::due, now).empty());
  settle({3});
  CAF_CHECK(tested.next(pressing::due, now) == (acks{{3, reach::all_up_to}}));
  CAF_CHECK(tested.next(pressing::now, now).empty());
}

CAF_TEST(fewer are acknowledged when their time has come) {
  arrive(5);
  settle({1});
  CAF_CHECK(tested.due() == now + 50ms);
  CAF_CHECK(tested.next(pressing::due, now + 49ms).empty());
  CAF_CHECK(tested.next(pressing::due, now + 50ms) == (acks{{1, reach::one}}));
  CAF_CHECK(!tested.due());
}

CAF_TEST(one word for many reaches no further than the first that is not settled) {
  arrive(6);
  settle({1, 2, 4, 6});
  CAF_CHECK(tested.next(pressing::due, now) == (acks{{2, reach::all_up_to}, {4, reach::one}, {6, reach::one}}));
  settle({3});
  // 4 was acknowledged before: the broker would not know it any more.
  CAF_CHECK(tested.next(pressing::now, now) == (acks{{3, reach::one}}));
  settle({5});
  CAF_CHECK(tested.next(pressing::now, now) == (acks{{5, reach::one}}));
}

CAF_TEST(what did not arrive is not acknowledged) {
  arrive(1);
  settle({2, 1, 1});
  CAF_CHECK(tested.next(pressing::now, now) == (acks{{1, reach::one}}));
}

CAF_TEST(a broker that follows these words forgets what is settled and nothing else) {
  std::mt19937 random{11};
  std::set<std::uint64_t> at_broker;
  std::set<std::uint64_t> in_hand;
  std::uint64_t last = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0 && in_hand.size() < 100) {
      tested.arrived(++last);
      at_broker.insert(last);
      in_hand.insert(last);
    } else if (!in_hand.empty()) {
      auto one = in_hand.begin();
      std::advance(one, static_cast<long>(random() % in_hand.size()));
      tested.settled(*one, now);
      in_hand.erase(one);
    }
    for (const auto& each : tested.next(random() % 10 == 0 ? pressing::now : pressing::due, now)) {
      CAF_REQUIRE(at_broker.contains(each.tag)); // else it closes the channel
      const auto from = each.how == reach::all_up_to ? at_broker.begin() : at_broker.find(each.tag);
      for (auto gone = from; gone != at_broker.end() && *gone <= each.tag; gone = at_broker.erase(gone))
        CAF_REQUIRE(!in_hand.contains(*gone));
    }
  }
  static_cast<void>(tested.next(pressing::now, now));
}

CAF_TEST_FIXTURE_SCOPE_END()
