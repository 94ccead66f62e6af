# The libraries Troupe stands on. CONTRIBUTING.md says why each was chosen.
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
if(NOT TROUPE_BUILD_FUZZERS)
  find_package(CAF 0.18.7 REQUIRED COMPONENTS core)
endif()
