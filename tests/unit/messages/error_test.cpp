#define CAF_SUITE error_codes

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/error.hpp>

using namespace troupe;

namespace {

constexpr auto last = static_cast<std::uint8_t>(errc::internal);

} // namespace

CAF_TEST(every code has a name of its own that leads back to it) {
  std::set<std::string> names;
  for (std::uint8_t i = 0; i <= last; ++i) {
    const auto code = static_cast<errc>(i);
    CAF_CHECK(names.emplace(to_string(code)).second);
    CAF_CHECK(errc_from_string(to_string(code)) == code);
  }
}

CAF_TEST(the names are the words of the enum) {
  CAF_CHECK_EQUAL(std::string{to_string(errc::none)}, "none");
  CAF_CHECK_EQUAL(std::string{to_string(errc::unavailable)}, "unavailable");
  CAF_CHECK_EQUAL(std::string{to_string(errc::deadline_exceeded)}, "deadline_exceeded");
  CAF_CHECK_EQUAL(std::string{to_string(errc::overloaded)}, "overloaded");
  CAF_CHECK_EQUAL(std::string{to_string(errc::throttled)}, "throttled");
  CAF_CHECK_EQUAL(std::string{to_string(errc::breaker_open)}, "breaker_open");
  CAF_CHECK_EQUAL(std::string{to_string(errc::not_sent)}, "not_sent");
  CAF_CHECK_EQUAL(std::string{to_string(errc::outcome_unknown)}, "outcome_unknown");
  CAF_CHECK_EQUAL(std::string{to_string(errc::actor_failed)}, "actor_failed");
  CAF_CHECK_EQUAL(std::string{to_string(errc::shutting_down)}, "shutting_down");
  CAF_CHECK_EQUAL(std::string{to_string(errc::storage_failed)}, "storage_failed");
  CAF_CHECK_EQUAL(std::string{to_string(errc::partial)}, "partial");
  CAF_CHECK_EQUAL(std::string{to_string(errc::unauthenticated)}, "unauthenticated");
  CAF_CHECK_EQUAL(std::string{to_string(errc::untrusted)}, "untrusted");
  CAF_CHECK_EQUAL(std::string{to_string(errc::forbidden)}, "forbidden");
  CAF_CHECK_EQUAL(std::string{to_string(errc::undecodable)}, "undecodable");
  CAF_CHECK_EQUAL(std::string{to_string(errc::rejected)}, "rejected");
  CAF_CHECK_EQUAL(std::string{to_string(errc::invalid)}, "invalid");
  CAF_CHECK_EQUAL(std::string{to_string(errc::unsupported)}, "unsupported");
  CAF_CHECK_EQUAL(std::string{to_string(errc::not_found)}, "not_found");
  CAF_CHECK_EQUAL(std::string{to_string(errc::conflict)}, "conflict");
  CAF_CHECK_EQUAL(std::string{to_string(errc::cancelled)}, "cancelled");
  CAF_CHECK_EQUAL(std::string{to_string(errc::locked)}, "locked");
  CAF_CHECK_EQUAL(std::string{to_string(errc::newer_schema)}, "newer_schema");
  CAF_CHECK_EQUAL(std::string{to_string(errc::intensity_exceeded)}, "intensity_exceeded");
  CAF_CHECK_EQUAL(std::string{to_string(errc::internal)}, "internal");
}

CAF_TEST(a name or a number that no version had is internal) {
  CAF_CHECK(errc_from_string("") == errc::internal);
  CAF_CHECK(errc_from_string("Unavailable") == errc::internal);
  CAF_CHECK_EQUAL(std::string{to_string(static_cast<errc>(last + 1))}, "internal");
  CAF_CHECK(!is_transient(static_cast<errc>(255)));
}

CAF_TEST(the codes from unavailable to forbidden are transient and no others) {
  for (std::uint8_t i = 0; i <= last; ++i) {
    const auto code = static_cast<errc>(i);
    CAF_CHECK_EQUAL(is_transient(code), code >= errc::unavailable && code <= errc::forbidden);
  }
}

CAF_TEST(a failure is written as its code and the words of whoever found it) {
  CAF_CHECK_EQUAL(to_string(failure{errc::locked, "by process 12"}), "locked: by process 12");
  CAF_CHECK_EQUAL(to_string(failure{errc::cancelled, {}}), "cancelled");
}

CAF_TEST(taking a value that is not there is a broken invariant that names the failure) {
  const expected<int> missing = failure{errc::not_found, "queue q"};
  std::string text;
  try {
    static_cast<void>(missing.value());
  } catch (const std::logic_error& error) {
    text = error.what();
  }
  CAF_CHECK(text.find("not_found: queue q") != std::string::npos);
}
