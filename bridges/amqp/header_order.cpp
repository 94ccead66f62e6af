#include <troupe/bridges/amqp/header_order.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace troupe::amqp {

namespace {

bool is_sorted_by_name(const header_list& headers) {
  return std::is_sorted(headers.begin(), headers.end(),
                        [](const header& left, const header& right) { return left.name < right.name; });
}

/// The places that `text` tells, if they are those of `count` headers.
std::optional<std::vector<std::size_t>> read_places(std::string_view text, std::size_t count) {
  std::vector<std::size_t> places;
  std::vector<bool> taken(count);
  while (places.size() < count) {
    std::size_t place = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, place);
    if (read.ec != std::errc{} || place >= count || taken[place])
      return std::nullopt;
    taken[place] = true;
    places.push_back(place);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (places.size() == count)
      break;
    if (!text.starts_with(','))
      return std::nullopt;
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional{std::move(places)} : std::nullopt;
}

} // namespace

std::string order_text(const header_list& headers) {
  std::string text;
  if (is_sorted_by_name(headers))
    return text;
  std::vector<std::size_t> places(headers.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(),
                   [&headers](auto left, auto right) { return headers[left].name < headers[right].name; });
  for (const auto each : places)
    text.append(text.empty() ? "" : ",").append(std::to_string(each));
  return text;
}

void restore_order(std::string_view text, header_list& headers) {
  const auto places = read_places(text, headers.size());
  if (!places || headers.empty() || !is_sorted_by_name(headers))
    return;
  header_list restored(headers.size());
  for (std::size_t i = 0; i < headers.size(); ++i)
    restored[(*places)[i]] = std::move(headers[i]);
  headers = std::move(restored);
}

} // namespace troupe::amqp
