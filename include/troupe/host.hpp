#pragma once

// What an author of services includes.
#include <troupe/deploy/host/program.hpp>
