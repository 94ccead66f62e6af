#include <troupe/deploy/host/topology/diagnostics.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::host {

namespace {

/// Names are short; longer words are never compared, so that the work stays bounded.
constexpr std::size_t longest_word = 64;

constexpr std::size_t outside_files = std::numeric_limits<std::size_t>::max();

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The optimal string alignment distance (https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance) of two words no longer
/// than `longest_word`.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  using row = std::array<std::size_t, longest_word + 1>;
  row before_last{};
  row last{};
  row current{};
  for (std::size_t j = 0; j <= right.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool same = lower(left[i - 1]) == lower(right[j - 1]);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(left[i - 1]) == lower(right[j - 2]) && lower(left[i - 2]) == lower(right[j - 1]))
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = current;
  }
  return last[right.size()];
}

/// Line breaks and control characters replaced, and what else is unseen escaped, so that a mistake stays one line and cannot
/// drive a terminal.
std::string one_line(std::string_view text) {
  std::string result{text};
  std::ranges::replace_if(
    result, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return visible(result);
}

} // namespace

std::string to_string(const position& where) {
  if (where.line == 0)
    return where.file;
  return where.file + ':' + std::to_string(where.line) + ':' + std::to_string(where.column);
}

std::string to_string(const mistake& one) {
  auto line = one.where + ": " + one.problem;
  if (!one.expected.empty())
    line += "; expected " + one.expected;
  if (!one.nearest.empty())
    line += "; did you mean " + in_quotes(one.nearest) + '?';
  return one_line(line);
}

void diagnostics::add(const position& where, std::string problem, std::string expected, std::string near) {
  auto known = std::ranges::find(files_, where.file);
  if (known == files_.end())
    known = files_.insert(files_.end(), where.file);
  keep({static_cast<std::size_t>(known - files_.begin()),
        where.line,
        where.column,
        {to_string(where), std::move(problem), std::move(expected), std::move(near)}});
}

void diagnostics::add(std::string_view where, std::string problem, std::string expected, std::string near) {
  keep({outside_files, 0, 0, {std::string{where}, std::move(problem), std::move(expected), std::move(near)}});
}

void diagnostics::keep(entry one) {
  if (found_.size() < limit)
    found_.push_back(std::move(one));
  else
    ++more_;
}

std::vector<std::string> diagnostics::lines() const {
  std::vector<const entry*> order;
  order.reserve(found_.size());
  for (const auto& one : found_)
    order.push_back(&one);
  std::ranges::stable_sort(order, {}, [](const entry* one) { return std::tuple{one->file, one->line, one->column}; });

  std::vector<std::string> result;
  for (const auto* one : order) {
    auto line = to_string(one->reported);
    if (std::ranges::find(result, line) == result.end())
      result.push_back(std::move(line));
  }
  if (more_ > 0)
    result.push_back("... and " + std::to_string(more_) + " more mistakes");
  return result;
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > longest_word)
    return {};
  std::string_view best;
  auto least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > longest_word)
      continue;
    if (const auto distance = edit_distance(word, candidate); distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return std::string{best};
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string result;
  if (text.size() <= longest) {
    append_json_string(result, text);
    return result;
  }
  auto end = longest - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) // not in the middle of a UTF-8 character
    --end;
  append_json_string(result, std::string{text.substr(0, end)} + "...");
  return result;
}

std::string listed(std::span<const std::string> words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0)
      result += i + 1 == words.size() ? " or " : ", ";
    result += words[i];
  }
  return result;
}

} // namespace troupe::host
