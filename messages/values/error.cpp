#include <troupe/messages/values/error.hpp>

#include <array>
#include <cstddef>
#include <stdexcept>

namespace troupe {

namespace {

// In the enum's order.
constexpr std::array<std::string_view, 26> names{
  "none",
  "unavailable",
  "deadline_exceeded",
  "overloaded",
  "throttled",
  "breaker_open",
  "not_sent",
  "outcome_unknown",
  "actor_failed",
  "shutting_down",
  "storage_failed",
  "partial",
  "unauthenticated",
  "untrusted",
  "forbidden",
  "undecodable",
  "rejected",
  "invalid",
  "unsupported",
  "not_found",
  "conflict",
  "cancelled",
  "locked",
  "newer_schema",
  "intensity_exceeded",
  "internal",
};
static_assert(names.size() == static_cast<std::size_t>(errc::internal) + 1);

} // namespace

std::string_view to_string(errc code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : names.back();
}

errc errc_from_string(std::string_view name) noexcept {
  for (std::size_t index = 0; index < names.size(); ++index)
    if (names[index] == name)
      return static_cast<errc>(index);
  return errc::internal;
}

bool is_transient(errc code) noexcept {
  switch (code) {
    case errc::unavailable:
    case errc::deadline_exceeded:
    case errc::overloaded:
    case errc::throttled:
    case errc::breaker_open:
    case errc::not_sent:
    case errc::outcome_unknown:
    case errc::actor_failed:
    case errc::shutting_down:
    case errc::storage_failed:
    case errc::partial:
    case errc::unauthenticated:
    case errc::untrusted:
    case errc::forbidden:
      return true;
    case errc::none:
    case errc::undecodable:
    case errc::rejected:
    case errc::invalid:
    case errc::unsupported:
    case errc::not_found:
    case errc::conflict:
    case errc::cancelled:
    case errc::locked:
    case errc::newer_schema:
    case errc::intensity_exceeded:
    case errc::internal:
      return false;
  }
  return false;
}

failure invalid(const std::vector<std::string>& mistakes) {
  failure result{errc::invalid, {}};
  for (const auto& each : mistakes)
    result.reason.append(result.reason.empty() ? "" : "; ").append(each);
  return result;
}

std::string to_string(const failure& why) {
  std::string text{to_string(why.code)};
  if (!why.reason.empty()) {
    text += ": ";
    text += why.reason;
  }
  return text;
}

void throw_exception_from_error(const failure& why, const boost::source_location& where) {
  throw std::logic_error("an expected value was taken without asking, at " + where.to_string() + ": " + to_string(why));
}

} // namespace troupe
