#include <troupe/bridges/aws/profile.hpp>

#include <optional>

namespace troupe::aws {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// A comment after a value begins with a blank.
std::string_view without_comment(std::string_view value) {
  for (const auto* const sign : {" #", " ;", "\t#", "\t;"})
    value = value.substr(0, value.find(sign));
  return trimmed(value);
}

// What stands in [brackets], as the name of a profile; nothing for a section of another kind.
std::optional<std::string> profile_name(std::string_view header, shared_file which) {
  const auto name = trimmed(header.substr(0, header.find(']')));
  if (which == shared_file::credentials || name == "default")
    return std::string{name};
  constexpr std::string_view word = "profile";
  if (name.starts_with(word) && name.size() > word.size() && blanks.find(name[word.size()]) != std::string_view::npos)
    return std::string{trimmed(name.substr(word.size()))};
  return {};
}

std::string path_of(const surroundings& around, const char* variable, const char* file) {
  if (auto value = around.variable(variable))
    return *value;
  return around.variable("HOME").value_or("") + "/.aws/" + file;
}

} // namespace

std::map<std::string, profile, std::less<>> parse_profiles(std::string_view text, shared_file which) {
  std::map<std::string, profile, std::less<>> result;
  profile* into = nullptr;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto bare = trimmed(line);
    if (bare.empty() || bare.front() == '#' || bare.front() == ';')
      continue;
    if (bare.front() == '[') {
      const auto name = profile_name(bare.substr(1), which);
      into = name ? &result[*name] : nullptr;
    } else if (const auto sign = bare.find('=');
               into != nullptr && sign != std::string_view::npos && line.front() != ' ' && line.front() != '\t') {
      (*into)[std::string{trimmed(bare.substr(0, sign))}] = without_comment(bare.substr(sign + 1));
    }
  }
  return result;
}

expected<profile> read_profile(const surroundings& around) {
  const auto named = around.variable("AWS_PROFILE");
  const auto name = named.value_or("default");
  profile result;
  bool found = false;
  const auto add = [&](const std::string& path, shared_file which) {
    const auto text = around.file(path);
    if (!text)
      return; // as in the SDKs; where the profile was named its absence is an error
    auto all = parse_profiles(*text, which);
    if (const auto mine = all.find(name); mine != all.end()) {
      found = true;
      for (auto& [key, value] : mine->second)
        result[key] = value;
    }
  };
  add(path_of(around, "AWS_CONFIG_FILE", "config"), shared_file::config);
  add(path_of(around, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), shared_file::credentials);
  if (named && !found)
    return failure{errc::invalid, "AWS_PROFILE names the profile " + name + ", which neither shared file has"};
  return result;
}

} // namespace troupe::aws
