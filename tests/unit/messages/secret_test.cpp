#define CAF_SUITE secret

#include <sstream>

#include <troupe/messages/values/secret.hpp>
#include <troupe_test/suite.hpp>

using namespace troupe;

CAF_TEST(a secret prints as stars) {
  std::ostringstream out;
  out << secret{"swordfish"};
  CAF_CHECK_EQUAL(out.str(), "***");
}

CAF_TEST(a secret reveals itself only where it is asked to) {
  CAF_CHECK_EQUAL(secret{"swordfish"}.reveal(), "swordfish");
  CAF_CHECK(secret{}.empty());
  CAF_CHECK(!secret{"swordfish"}.empty());
}

CAF_TEST(a secret matches itself and nothing else) {
  const secret word{"swordfish"};
  CAF_CHECK(word.matches("swordfish"));
  for (const auto* other : {"", "swordfis", "swordfish ", "Swordfish", "swordfisH"})
    CAF_CHECK(!word.matches(other));
}
