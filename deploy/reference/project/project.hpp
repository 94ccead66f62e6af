#pragma once

#include <string>
#include <vector>

#include <troupe/deploy/host/topology/command_line.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::reference {

/// A file of a project, by its path within it.
struct project_file {
  std::string path;
  std::string text;
};

/// Why a project cannot have that name, which becomes that of its executable, of its protobuf package and of a namespace;
/// empty: it can.
std::string wrong_project_name(const std::string& name);

/// The files of a project with that name and those parts; without any of them, with all. Its services are notes, which
/// serves a contract, and archive, which consumes and stores what notes publishes.
std::vector<project_file> project_files(const std::string& name, const std::vector<host::project_part>& parts);

/// Writes the files of a project into a folder that is empty, or made. Fails with the path that is in the way.
expected<void> write_project(const std::string& folder, const std::vector<project_file>& files);

} // namespace troupe::reference
