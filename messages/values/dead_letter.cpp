#include <troupe/messages/values/dead_letter.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace troupe {

namespace {

// In the order in which they are written.
constexpr std::array facts{
  header_name::reason,           header_name::error_code,    header_name::origin_source,
  header_name::origin_partition, header_name::origin_offset, header_name::attempts,
  header_name::first_failure,    header_name::last_failure,  header_name::service,
};

enum fact : std::size_t {
  reason,
  error_code,
  origin_source,
  origin_partition,
  origin_offset,
  attempts,
  first_failure,
  last_failure,
  service
};

failure bad_fact(std::size_t which, const std::string& why) {
  return {errc::undecodable, "header " + std::string{facts[which]} + ": " + why};
}

template <class Number>
expected<Number> number(std::size_t which, const std::string& text) {
  Number value{};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range)
    return bad_fact(which, "the number is out of range");
  if (error != std::errc{} || stop != end)
    return bad_fact(which, "expected a whole number");
  return value;
}

expected<timestamp> time(std::size_t which, const std::string& text) {
  auto value = parse_timestamp(text);
  if (!value)
    return bad_fact(which, value.error().reason);
  return value;
}

/// Moves the last header of each fact's name out of `headers`: facts are appended, so that an author's header of the same
/// name, or the facts of an earlier dead letter, stand before them and stay.
std::array<std::optional<std::string>, facts.size()> take_facts(header_list& headers) {
  std::array<std::optional<std::string>, facts.size()> taken;
  std::vector<bool> is_fact(headers.size());
  for (std::size_t at = headers.size(); at-- > 0;)
    for (std::size_t which = 0; which < facts.size(); ++which)
      if (!taken[which] && same_header_name(headers[at].name, facts[which])) {
        taken[which] = std::move(headers[at].value);
        is_fact[at] = true;
        break;
      }
  std::size_t kept = 0;
  for (std::size_t at = 0; at < headers.size(); ++at)
    if (!is_fact[at]) {
      if (kept != at)
        headers[kept] = std::move(headers[at]);
      ++kept;
    }
  headers.resize(kept);
  return taken;
}

void forget_facts(std::vector<wire_form::field>& headers) {
  for (const auto& name : facts)
    erase_last(headers, name);
}

} // namespace

header_list dead_letter_headers(const dead_letter& letter) {
  auto headers = letter.content.headers;
  headers.reserve(headers.size() + facts.size());
  const auto add = [&headers](fact which, std::string value) {
    headers.push_back({std::string{facts[which]}, std::move(value)});
  };
  add(reason, letter.why.reason);
  add(error_code, std::string{to_string(letter.why.code)});
  add(origin_source, letter.from.source);
  add(origin_partition, std::to_string(letter.from.partition));
  add(origin_offset, std::to_string(letter.from.offset));
  add(attempts, std::to_string(letter.attempts));
  add(first_failure, to_rfc3339(letter.first_failure));
  add(last_failure, to_rfc3339(letter.last_failure));
  add(service, letter.service);
  return headers;
}

expected<dead_letter> dead_letter_from_headers(message content) {
  auto found = take_facts(content.headers);
  for (std::size_t which = 0; which < found.size(); ++which)
    if (!found[which])
      return bad_fact(which, "missing");
  const auto partition = number<std::int32_t>(origin_partition, *found[origin_partition]);
  if (!partition)
    return partition.error();
  const auto offset = number<std::int64_t>(origin_offset, *found[origin_offset]);
  if (!offset)
    return offset.error();
  const auto tried = number<std::uint32_t>(attempts, *found[attempts]);
  if (!tried)
    return tried.error();
  const auto first = time(first_failure, *found[first_failure]);
  if (!first)
    return first.error();
  const auto last = time(last_failure, *found[last_failure]);
  if (!last)
    return last.error();
  if (content.wire)
    forget_facts(content.wire->headers);
  dead_letter letter;
  letter.content = std::move(content);
  letter.from = {std::move(*found[origin_source]), *partition, *offset};
  letter.why = {errc_from_string(*found[error_code]), std::move(*found[reason])};
  letter.attempts = *tried;
  letter.first_failure = *first;
  letter.last_failure = *last;
  letter.service = std::move(*found[service]);
  return letter;
}

} // namespace troupe
