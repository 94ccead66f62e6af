#include <troupe/deploy/host/topology/topology_files.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <troupe/deploy/host/topology/topology_document.hpp>

namespace troupe::host {

std::vector<topology_file> load_topologies(const std::vector<std::string>& names, const extension& program,
                                           const std::function<expected<std::string>(const std::string& path)>& read,
                                           diagnostics& found) {
  if (names.empty())
    return program.built_in_topologies();
  std::vector<topology_file> result;
  for (const auto& name : names) {
    if (auto text = read(name))
      result.push_back({name, std::move(*text)});
    else
      found.add(position{name, 0, 0}, "this cannot be read: " + text.error().reason, "a topology file");
  }
  return result;
}

expected<std::string> read_small_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return failure{errc::not_found, error ? error.message() : "there is no such file"};
  if (!std::filesystem::is_regular_file(status))
    return failure{errc::invalid, "it is not a file"};
  constexpr auto most = yaml_limits{}.bytes;
  std::string text(most + 1, '\0');
  errno = 0;
  std::ifstream stream{path, std::ios::binary};
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad())
    return failure{errc::unavailable, std::generic_category().message(errno)};
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > most)
    return failure{errc::invalid, "it is larger than " + std::to_string(most) + " bytes"};
  return text;
}

} // namespace troupe::host
