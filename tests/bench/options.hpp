#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace troupe::bench {

/// The command line of a benchmark. What it writes to must outlive it.
class options {
public:
  /// Shows `about` where `--help` is asked for.
  explicit options(const std::string& about);
  options(const options&) = delete;
  options& operator=(const options&) = delete;
  ~options();

  /// `--name` may be given and leaves the value as it is when it is not; a name without dashes is a place and must be given.
  void add(const std::string& name, std::string& value, const std::string& about = {});
  void add(const std::string& name, std::filesystem::path& value, const std::string& about = {});
  void add(const std::string& name, int& value, const std::string& about = {});
  void add(const std::string& name, double& value, const std::string& about = {});
  void add(const std::string& name, unsigned& value, const std::string& about = {});
  void add(const std::string& name, std::uint64_t& value, const std::string& about = {});
  void add(const std::string& name, std::vector<std::string>& value, const std::string& about = {});
  void add(const std::string& flag, bool& value, const std::string& about = {});

  /// Ends the process after `--help`, and after a mistake, which it names.
  void parse(int argc, char** argv);

private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

} // namespace troupe::bench
