#pragma once

// What nearly every suite includes, parsed once for all of them. A suite includes what it uses all the same.

#include <troupe_test/actors.hpp>

#undef CAF_SUITE
