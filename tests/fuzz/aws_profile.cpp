#include <troupe/bridges/aws/profile.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::aws;
using namespace troupe_fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  for (const auto which : {shared_file::config, shared_file::credentials}) {
    const auto profiles = parse_profiles(text, which);
    for (const auto& [name, settings] : profiles)
      for (const auto& [key, value] : settings)
        require(key.find('\n') == key.npos && value.find('\n') == value.npos && key.find('=') == key.npos);
    // What one reading understood, another does: the order of profiles does not matter, as long as no name stands twice.
    std::string again;
    for (const auto& [name, settings] : profiles) {
      again += (which == shared_file::config && name != "default" ? "[profile " : "[") + name + "]\n";
      for (const auto& [key, value] : settings)
        again += key + "=" + value + "\n";
    }
    require(parse_profiles(again, which).size() <= profiles.size());
  }
  // A URL that is accepted is one, and stays as it was.
  const auto url = container_url("", std::string{text});
  require(!url || *url == text);
  if (url)
    require(url->starts_with("http://") || url->starts_with("https://"));
  return 0;
}
