#pragma once

#include <map>
#include <string>

#include <troupe/bridges/aws/credentials.hpp>

namespace aws_test {

/// Surroundings that a test makes up; files are found by their whole path.
struct made_up {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;

  /// Valid as long as this.
  troupe::aws::surroundings surroundings() {
    return {[this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables.find(name);
              return found == variables.end() ? std::nullopt : std::optional{found->second};
            },
            [this](const std::string& path) -> troupe::expected<std::string> {
              const auto found = files.find(path);
              if (found == files.end())
                return troupe::failure{troupe::errc::not_found, path + " cannot be opened"};
              return found->second;
            }};
  }
};

} // namespace aws_test
