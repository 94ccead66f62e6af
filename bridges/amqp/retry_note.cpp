#include <troupe/bridges/amqp/retry_note.hpp>

#include <charconv>
#include <cstdint>

namespace troupe::amqp {

namespace {

/// Takes `NUMBER:` from the front.
std::optional<std::uint32_t> take_number(std::string_view& text) noexcept {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr == end || *read.ptr != ':')
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 1);
  return value;
}

} // namespace

std::string to_text(const retry_note& what) {
  return std::to_string(what.count.attempts) + ':' + std::to_string(what.count.answered) + ':'
         + to_rfc3339(what.first_failure);
}

std::optional<retry_note> parse_retry_note(std::string_view text) {
  const auto attempts = take_number(text);
  const auto answered = attempts ? take_number(text) : std::nullopt;
  if (!answered || *answered > *attempts)
    return std::nullopt;
  const auto when = parse_timestamp(text);
  if (when.has_error())
    return std::nullopt;
  return retry_note{{*attempts, *answered}, *when};
}

} // namespace troupe::amqp
