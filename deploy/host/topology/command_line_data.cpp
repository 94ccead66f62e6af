#include <troupe/deploy/host/topology/command_line_data.hpp>

#include <troupe/deploy/host/topology/diagnostics.hpp>

namespace troupe::host {

namespace {

constexpr auto backup_footer = R"(
Copies everything that is durable at one moment, while the program runs or not. FILE gets its name when it is whole and on the
disk; until then it is written as FILE.partial. To restore, end the program, remove troupe.sqlite, troupe.sqlite-wal and
troupe.sqlite-shm from the data folder, and put the copy there as troupe.sqlite.

Exit codes: 0 done, 1 it could not be made (one line says why), 2 a setting is wrong (one line for each)

Examples:
  PROGRAM backup /backup/monday.sqlite
  PROGRAM backup /backup/latest.sqlite --replace --data /var/lib/PROGRAM)";

constexpr auto groups_footer = R"(
A stream of the data folder keeps what one of its groups has not read. A group that no consumer uses any more keeps it
for ever: list shows how much, remove forgets the group. Groups of Kafka are kept by Kafka, and are not shown.

Exit codes: 0 done, 1 it could not be done (one line says why), 2 a setting is wrong (one line for each)

Examples:
  PROGRAM groups list
  PROGRAM groups remove reports-2024 --stream orders)";

CLI::App* add_command(CLI::App& parent, const char* name, const char* description, const std::string& footer) {
  auto* made = parent.add_subcommand(name, description);
  made->footer(footer);
  return made;
}

} // namespace

std::string named(std::string text, const std::string& program) {
  constexpr std::string_view placeholder = "PROGRAM";
  for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + program.size()))
    text.replace(at, placeholder.size(), program);
  return text;
}

void add_data_option(CLI::App& app, process_options& options) {
  app.add_option("--data", options.data, "The folder that holds all data (default: below the user's state folder)")
    ->type_name("DIR");
}

void add_topology_option(CLI::App& app, std::vector<std::string>& topologies, const char* description) {
  app.add_option("--topology", topologies, description)->type_name("FILE")->allow_extra_args(false);
}

void add_form_option(CLI::App& app, std::string& form) {
  app.add_option("--format", form, "table (default) or json, one object a line")
    ->type_name("FORM")
    ->check([](const std::string& word) {
      return text_form<output_form>::read(word) ? std::string{} : in_quotes(word) + " is neither table nor json";
    });
}

output_form form_of(const std::string& form) {
  return text_form<output_form>::read(form).value_or(output_form::table);
}

void data_grammar::add_to(CLI::App& app, const std::string& program) {
  constexpr auto where = "The file that says where data is";
  backup_app_ =
    add_command(app, "backup", "Copies the data into a file, while the program runs or not", named(backup_footer, program));
  backup_app_->add_option("FILE", backup_.to, "The file to make")->type_name("")->required();
  backup_app_->add_flag("--replace", replace_, "Replaces a file of that name");
  add_topology_option(*backup_app_, backup_.topologies, where);
  add_data_option(*backup_app_, backup_.options);
  groups_app_ = add_command(app, "groups", "Shows what consumer groups keep in the data, and removes one",
                            named(groups_footer, program));
  list_app_ = add_command(*groups_app_, "list", "Lists the groups of the streams, with what they have not read",
                          named(groups_footer, program));
  remove_app_ = add_command(*groups_app_, "remove", "Forgets a group that no consumer uses", named(groups_footer, program));
  remove_app_->add_option("GROUP", removed_.group, "Its name in the list")->type_name("")->required();
  remove_app_->add_option("--stream", removed_.stream, "Of this stream only (default: of all)")->type_name("NAME");
  for (auto* each : {list_app_, remove_app_}) {
    add_topology_option(*each, groups_.topologies, where);
    add_data_option(*each, groups_.options);
  }
  add_form_option(*list_app_, form_);
}

std::optional<parsed_command> data_grammar::parsed() const {
  if (backup_app_->parsed()) {
    auto result = backup_;
    result.when = replace_ ? backup_command::name_taken::replace : backup_command::name_taken::refuse;
    return result;
  }
  if (!groups_app_->parsed())
    return std::nullopt;
  auto result = groups_;
  result.form = form_of(form_);
  if (remove_app_->parsed())
    result.action = removed_;
  return result;
}

} // namespace troupe::host
