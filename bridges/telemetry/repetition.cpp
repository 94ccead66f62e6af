#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/bridges/telemetry/repetition.hpp>
#include <troupe/messages/values/utf8.hpp>

namespace troupe::telemetry {

namespace {

constexpr auto window = std::chrono::seconds{1};
constexpr std::size_t most_text = 256;

std::string key_of(const speaker& who, const source_location& where) {
  std::string key{where.file_name()};
  key += ':';
  key += std::to_string(where.line());
  for (const auto part : {who.service, who.actor}) {
    key += '\0';
    key += part;
  }
  return key;
}

} // namespace

repetition::decision repetition::admit(const speaker& who, std::string_view text, const source_location& where,
                                       instant now) {
  auto key = key_of(who, where);
  const std::lock_guard guard{mutex_};
  if (records_.size() >= most_pairs && !records_.contains(key)) {
    forget_idle(now);
    if (records_.size() >= most_pairs)
      return decision::write;
  }
  auto& known = records_.try_emplace(std::move(key), record{now, 0, {}, {}}).first->second;
  if (now - known.window_begin >= window) {
    known.window_begin = now;
    known.written = 0;
  }
  if (known.written < lines_a_second_) {
    ++known.written;
    return decision::write;
  }
  if (known.unreported.count++ == 0) {
    known.first_omitted = now;
    known.unreported.where = where;
    known.unreported.service = who.service;
    known.unreported.actor = who.actor;
  }
  known.unreported.last_text = cut(text, most_text);
  return decision::omit;
}

std::vector<omission> repetition::due(instant now) {
  const std::lock_guard guard{mutex_};
  std::vector<omission> result;
  for (auto& [key, known] : records_)
    if (known.unreported.count > 0 && now - known.first_omitted >= window)
      result.push_back(std::exchange(known.unreported, {}));
  return result;
}

std::vector<omission> repetition::rest() {
  const std::lock_guard guard{mutex_};
  std::vector<omission> result;
  for (auto& [key, known] : records_)
    if (known.unreported.count > 0)
      result.push_back(std::exchange(known.unreported, {}));
  return result;
}

bool repetition::unreported() {
  const std::lock_guard guard{mutex_};
  return std::ranges::any_of(records_, [](const auto& each) { return each.second.unreported.count > 0; });
}

void repetition::forget_idle(instant now) {
  std::erase_if(records_, [now](const auto& each) {
    return each.second.unreported.count == 0 && now - each.second.window_begin >= window;
  });
}

} // namespace troupe::telemetry
