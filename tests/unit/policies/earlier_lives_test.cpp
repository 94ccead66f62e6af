#define CAF_SUITE earlier_lives

#include <troupe_test/suite.hpp>

#include <troupe/policies/earlier_lives.hpp>

using namespace troupe::policies;
using delivered = earlier_lives::delivered;
using reach = earlier_lives::name::reach;

namespace {

past_life life_of(const attempt_count& count) {
  past_life made;
  made.count = count;
  return made;
}

} // namespace

CAF_TEST(what comes for the first time is not suspect) {
  earlier_lives known;
  const auto life = known.recall("a", 0, delivered::first, {});
  CAF_CHECK(!life.suspect);
  CAF_CHECK((life.count == attempt_count{}));
}

CAF_TEST(the first return that the broker counts proves nothing and further ones are attempts) {
  earlier_lives known;
  const auto once = known.recall("a", 1, delivered::again, {});
  CAF_CHECK(once.suspect);
  CAF_CHECK((once.count == attempt_count{0, 0}));
  CAF_CHECK((known.recall("a", 4, delivered::again, {}).count == attempt_count{3, 0}));
}

CAF_TEST(what this process gave back with a session did not end it) {
  earlier_lives known;
  known.given_back({"a", reach::unique}, 0, life_of({2, 2}));
  const auto life = known.recall("a", 1, delivered::again, {});
  CAF_CHECK(!life.suspect);
  CAF_CHECK((life.count == attempt_count{2, 2}));
}

CAF_TEST(what somebody else had meanwhile is suspect) {
  earlier_lives known;
  known.given_back({"a", reach::unique}, 0, life_of({2, 2}));
  const auto life = known.recall("a", 3, delivered::again, {});
  CAF_CHECK(life.suspect);
  CAF_CHECK((life.count == attempt_count{4, 2}));
}

CAF_TEST(what was given back is recalled once) {
  earlier_lives known;
  known.given_back({"a", reach::unique}, 0, life_of({2, 2}));
  known.given_back({"a", reach::unique}, 0, life_of({3, 3}));
  CAF_CHECK((known.recall("a", 0, delivered::again, {}).count == attempt_count{3, 3}));
  CAF_CHECK((known.recall("a", 0, delivered::again, {}).count == attempt_count{}));
}

CAF_TEST(of a shared name each one that was given back is recalled) {
  earlier_lives known;
  known.given_back({"a", reach::shared}, 0, life_of({1, 1}));
  known.given_back({"a", reach::shared}, 0, life_of({1, 1}));
  CAF_CHECK((known.recall("a", 0, delivered::again, {}).count == attempt_count{1, 1}));
  CAF_CHECK((known.recall("a", 0, delivered::again, {}).count == attempt_count{1, 1}));
}

CAF_TEST(what a delivery brings along counts where this process knows nothing) {
  earlier_lives known;
  const auto life = known.recall("a", 0, delivered::first, life_of({2, 2}));
  CAF_CHECK(!life.suspect);
  CAF_CHECK((life.count == attempt_count{2, 2}));
}
