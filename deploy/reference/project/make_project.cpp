#include <troupe/deploy/reference/project/make_project.hpp>

#include <filesystem>
#include <system_error>

#include <troupe/deploy/reference/project/project.hpp>

namespace troupe::reference {

namespace {

namespace files = std::filesystem;

/// As the folder is called, however it is written.
std::string name_of(const std::string& folder) {
  const auto path = files::absolute(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

/// Where this program is installed; where it is not, what the words of the README call it.
std::string prefix_here() {
  std::error_code ignored;
  const auto prefix = files::read_symlink("/proc/self/exe", ignored).parent_path().parent_path();
  return files::exists(prefix / "include/troupe/host.hpp", ignored) ? prefix.string() : "PREFIX";
}

} // namespace

expected<std::string> make_project(const host::new_command& command) {
  const auto name = command.name.empty() ? name_of(command.folder) : command.name;
  if (const auto wrong = wrong_project_name(name); !wrong.empty())
    return failure{errc::invalid, '"' + name + "\" cannot be the name of a project: " + wrong
                                    + (command.name.empty() ? "; name it otherwise with --name" : "")};
  if (auto written = write_project(command.folder, project_files(name, command.parts)); written.has_error())
    return std::move(written).error();
  return name + " stands in " + command.folder + ". To build, test and run it:\n\n  cd " + command.folder
         + "\n  cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH=" + prefix_here()
         + "\n  cmake --build build\n  ctest --test-dir build\n  build/" + name + " run topologies/one.yaml\n";
}

} // namespace troupe::reference
