#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "exposition.hpp"

namespace troupe::telemetry_test {

namespace {

[[noreturn]] void broken(std::string_view rule, std::string_view line) {
  throw std::runtime_error(std::string{rule} + ": " + std::string{line});
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string name_of(std::string_view& rest, std::string_view more, std::string_view line) {
  std::size_t end = 0;
  while (end < rest.size()
         && (is_letter(rest[end]) || more.find(rest[end]) != std::string_view::npos || (end > 0 && is_digit(rest[end]))))
    ++end;
  if (end == 0)
    broken("a name is missing", line);
  std::string name{rest.substr(0, end)};
  rest.remove_prefix(end);
  return name;
}

void take(std::string_view& rest, char wanted, std::string_view line) {
  if (rest.empty() || rest.front() != wanted)
    broken(std::string{"expected "} + wanted, line);
  rest.remove_prefix(1);
}

std::string unescaped(std::string_view text, bool with_quotes, std::string_view line) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (++i == text.size())
      broken("an escape without a character", line);
    if (text[i] == 'n')
      result += '\n';
    else if (text[i] == '\\' || (with_quotes && text[i] == '"'))
      result += text[i];
    else
      broken("an unknown escape", line);
  }
  return result;
}

std::string quoted(std::string_view& rest, std::string_view line) {
  take(rest, '"', line);
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != '"')
    end += rest[end] == '\\' ? 2 : 1;
  if (end >= rest.size())
    broken("a value without its end", line);
  auto value = unescaped(rest.substr(0, end), true, line);
  rest.remove_prefix(end + 1);
  return value;
}

labels labels_of(std::string_view& rest, std::string_view line) {
  labels result;
  if (rest.empty() || rest.front() != '{')
    return result;
  rest.remove_prefix(1);
  while (true) {
    auto name = name_of(rest, "", line);
    take(rest, '=', line);
    if (!result.emplace(std::move(name), quoted(rest, line)).second)
      broken("a label twice", line);
    if (!rest.empty() && rest.front() == '}')
      break;
    take(rest, ',', line);
  }
  rest.remove_prefix(1);
  return result;
}

double number(std::string_view text, std::string_view line) {
  if (text == "+Inf" || text == "-Inf" || text == "NaN" || text == "Nan")
    return text == "+Inf"   ? std::numeric_limits<double>::infinity()
           : text == "-Inf" ? -std::numeric_limits<double>::infinity()
                            : std::numeric_limits<double>::quiet_NaN();
  const std::string copy{text};
  char* end = nullptr;
  const auto value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || !(is_digit(copy.front()) || copy.front() == '-') || *end != '\0')
    broken("no number", line);
  return value;
}

sample sample_of(std::string_view line) {
  auto rest = line;
  auto name = name_of(rest, ":", line);
  auto where = labels_of(rest, line);
  take(rest, ' ', line);
  return {std::move(name), std::move(where), number(rest, line)};
}

bool belongs(const sample& one, const family& to) {
  if (to.type != "histogram")
    return one.name == to.name;
  return std::ranges::any_of(std::array{"_bucket", "_sum", "_count"},
                             [&](const char* suffix) { return one.name == to.name + suffix; });
}

struct distribution {
  std::vector<std::pair<double, double>> buckets;
  std::optional<double> count;
  std::optional<double> sum;
};

void check_histogram(const family& what) {
  std::map<labels, distribution> series;
  for (auto one : what.samples) {
    const auto bound = one.where.extract("le");
    auto& into = series[one.where];
    if (one.name.ends_with("_bucket")) {
      if (!bound)
        broken("a bucket without a bound", what.name);
      into.buckets.emplace_back(number(bound.mapped(), what.name), one.value);
    } else {
      (one.name.ends_with("_sum") ? into.sum : into.count) = one.value;
    }
  }
  for (const auto& [where, one] : series) {
    if (!one.count || !one.sum || one.buckets.empty())
      broken("a histogram without all its parts", what.name);
    for (std::size_t i = 1; i < one.buckets.size(); ++i)
      if (one.buckets[i - 1].first >= one.buckets[i].first || one.buckets[i - 1].second > one.buckets[i].second)
        broken("a histogram that is not cumulative", what.name);
    if (!std::isinf(one.buckets.back().first) || one.buckets.back().second != *one.count)
      broken("a histogram whose last bucket is not its count", what.name);
  }
}

void check_family(const family& what) {
  std::set<std::pair<std::string, labels>> seen;
  for (const auto& one : what.samples) {
    if (!seen.emplace(one.name, one.where).second)
      broken("a series twice", one.name);
    if (what.type == "counter" && !(one.value >= 0))
      broken("a counter below zero", one.name);
  }
  if (what.samples.empty())
    broken("a metric without a sample", what.name);
  if (what.type == "histogram")
    check_histogram(what);
}

} // namespace

exposition parse_exposition(std::string_view text) {
  constexpr std::string_view help = "# HELP ";
  constexpr std::string_view type = "# TYPE ";
  exposition result;
  std::set<std::string> names;
  bool typed = true;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
      broken("a line without its end", text);
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    auto rest = line;
    if (line.starts_with(help)) {
      rest.remove_prefix(help.size());
      auto name = name_of(rest, ":", line);
      take(rest, ' ', line);
      if (!typed || !names.insert(name).second)
        broken("HELP twice", line);
      result.families.push_back({std::move(name), unescaped(rest, false, line), "", {}});
      typed = false;
    } else if (line.starts_with(type)) {
      rest.remove_prefix(type.size());
      const auto name = name_of(rest, ":", line);
      take(rest, ' ', line);
      if (typed && names.insert(name).second)
        result.families.push_back({name, "", "", {}});
      else if (typed || result.families.back().name != name)
        broken("TYPE twice or without its HELP", line);
      if (rest != "counter" && rest != "gauge" && rest != "histogram")
        broken("an unknown type", line);
      result.families.back().type = rest;
      typed = true;
    } else {
      auto one = sample_of(line);
      if (!typed || result.families.empty() || !belongs(one, result.families.back()))
        broken("a sample that is not below its TYPE", line);
      result.families.back().samples.push_back(std::move(one));
    }
  }
  std::ranges::for_each(result.families, check_family);
  return result;
}

const family* exposition::find(std::string_view name) const {
  const auto found = std::ranges::find(families, name, &family::name);
  return found == families.end() ? nullptr : &*found;
}

bool exposition::has(std::string_view name, const labels& where) const {
  return std::ranges::any_of(families, [&](const family& each) {
    return std::ranges::any_of(each.samples, [&](const sample& one) { return one.name == name && one.where == where; });
  });
}

double exposition::at(std::string_view name, const labels& where) const {
  for (const auto& each : families)
    for (const auto& one : each.samples)
      if (one.name == name && one.where == where)
        return one.value;
  broken("no such series", name);
}

} // namespace troupe::telemetry_test
