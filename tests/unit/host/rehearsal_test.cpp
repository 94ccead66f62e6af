#define CAF_SUITE rehearsal
#include <troupe_test/suite.hpp>

#include <troupe/deploy/host/process/last_words.hpp>
#include <troupe/deploy/host/process/rehearsal.hpp>

#include <new>
#include <stdexcept>
#include <system_error>

using namespace troupe::host;

CAF_TEST(what the system gives is taken and given back) {
  for (int round = 0; round < 3; ++round)
    CAF_CHECK(rehearse({.threads = 20, .bytes = 1U << 20U}).has_value());
}

CAF_TEST(memory that the system does not have is reported with the limit) {
  const auto refused = rehearse({.threads = 1, .bytes = std::size_t{1} << 60U});
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().reason.find("RLIMIT_AS") != std::string::npos);
}

CAF_TEST(gRPC needs more threads and so do more processors) {
  process_plan without;
  process_plan with;
  with.serves_grpc = true;
  CAF_CHECK(resident_needs_of(with, 2).threads > resident_needs_of(without, 2).threads);
  CAF_CHECK_EQUAL(resident_needs_of(without, 6).threads, resident_needs_of(without, 2).threads + 4);
}

CAF_TEST(an exception about a limit names it) {
  const auto of = [](std::errc code) { return words_of(std::system_error{std::make_error_code(code)}); };
  CAF_CHECK(of(std::errc::resource_unavailable_try_again).find("pids.max") != std::string::npos);
  CAF_CHECK(of(std::errc::too_many_files_open).find("RLIMIT_NOFILE") != std::string::npos);
  CAF_CHECK(words_of(std::bad_alloc{}).find("memory") != std::string::npos);
  CAF_CHECK_EQUAL(words_of(std::runtime_error{"something else"}), "something else");
}
