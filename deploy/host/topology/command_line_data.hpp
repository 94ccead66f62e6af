#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <troupe/deploy/host/topology/command_line.hpp>
#include <troupe/deploy/host/topology/topology_text.hpp>

namespace troupe::host {

constexpr auto words_of(output_form) {
  return settings::words<output_form>({{"table", output_form::table}, {"json", output_form::json}});
}

/// A text in which PROGRAM stands for the program's name.
std::string named(std::string text, const std::string& program);

// Options of several commands.
void add_data_option(CLI::App& app, process_options& options);
void add_topology_option(CLI::App& app, std::vector<std::string>& topologies, const char* description);
void add_form_option(CLI::App& app, std::string& form);
output_form form_of(const std::string& form);

/// The part of the grammar that speaks of the data folder.
class data_grammar {
public:
  void add_to(CLI::App& app, const std::string& program);

  /// The command, if it was one of these.
  [[nodiscard]] std::optional<parsed_command> parsed() const;

  [[nodiscard]] const CLI::App* groups_app() const noexcept { return groups_app_; }

private:
  backup_command backup_;
  groups_command groups_;
  groups_command::remove removed_;
  std::string form_ = "table";
  bool replace_ = false;
  CLI::App* backup_app_ = nullptr;
  CLI::App* groups_app_ = nullptr;
  CLI::App* list_app_ = nullptr;
  CLI::App* remove_app_ = nullptr;
};

} // namespace troupe::host
