#define CAF_SUITE processors
#include <troupe_test/suite.hpp>

#include <troupe/deploy/node/process/processors.hpp>

using troupe::node::processors;

CAF_TEST(a quota allows as many threads as its processors rounded up) {
  CAF_CHECK_EQUAL(processors("200000 100000", 8), 2u);
  CAF_CHECK_EQUAL(processors("150000 100000", 8), 2u);
  CAF_CHECK_EQUAL(processors("50000 100000\n", 8), 1u);
}

CAF_TEST(a quota never allows more than the machine has) {
  CAF_CHECK_EQUAL(processors("1600000 100000", 4), 4u);
}

CAF_TEST(without a quota all processors of the machine are used) {
  CAF_CHECK_EQUAL(processors("max 100000", 8), 8u);
  CAF_CHECK_EQUAL(processors("", 8), 8u);
}

CAF_TEST(what is not understood allows the machine and never nothing) {
  for (const auto* text : {"rubbish", "100000", "100000 0", "100000 x", "-1 100000", "99999999999999999999999 1"})
    CAF_CHECK_EQUAL(processors(text, 3), 3u);
  CAF_CHECK_EQUAL(processors("0 100000", 3), 1u);
  CAF_CHECK_EQUAL(processors("max 1", 0), 1u);
}
