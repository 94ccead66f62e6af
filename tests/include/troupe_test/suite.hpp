#pragma once

// What every suite includes: CAF's test library with the names that clash taken back. Define CAF_SUITE first.
//
//   #define CAF_SUITE watermark
//   #include <troupe_test/suite.hpp>
//
//   CAF_TEST(offsets settled out of order move the watermark only when it is contiguous) { ... }

#include <caf/test/dsl.hpp>

#undef expect
#undef allow
#undef disallow
#undef inject
