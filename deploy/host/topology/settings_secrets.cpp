#include <troupe/deploy/host/topology/settings_steps.hpp>

#include <utility>

#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::host {

std::optional<secret> read_here(const secret_reference& from, const setting_source& source, const surroundings& around,
                                diagnostics& found) {
  expected<secret> whole{secret{}};
  if (from.keeper == secret_keeper::environment) {
    if (const auto variable = around.environment.find(from.name); variable != around.environment.end())
      whole = secret{variable->second};
  } else {
    const auto text = around.read_file(from.name);
    if (!text || text->size() > largest_secret_file) {
      add_mistake(found, source, {},
                  "the secret could not be read: " + (text ? "the file is too large" : text.error().reason),
                  "a readable file of at most 64 KiB");
      return std::nullopt;
    }
    whole = secret{*text};
  }
  const auto result = whole->empty() ? whole : select_field(*whole, from.field);
  if (!result || result->empty()) {
    add_mistake(found, source, {},
                "the secret is empty in " + to_string(from) + (result ? "" : ": " + result.error().reason),
                "a secret there");
    return std::nullopt;
  }
  return *result;
}

} // namespace troupe::host
