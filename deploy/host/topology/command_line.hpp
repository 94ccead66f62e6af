#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <troupe/deploy/host/topology/settings_report.hpp>
#include <troupe/messages/values/administration.hpp>

namespace troupe::host {

/// Runs services until the process is asked to end.
struct run_command {
  std::vector<std::string> topologies; ///< files; empty: the built-in ones
  process_options options;
};

/// Prints the plan with its settings, or only some of the settings.
struct check_command {
  std::vector<std::string> topologies;
  process_options options;
  explanation explain = explanation::none;
  std::string key; ///< only the settings whose path begins with it; empty: the plan and all settings
};

/// Creates what the streams and queues need on the servers that carry them.
struct topics_command {
  enum class rehearsal : std::uint8_t { no, yes };

  std::vector<std::string> topologies;
  process_options options;
  std::string principal;             ///< who gets the permissions, such as `User:alice`; empty: the user of the credentials
  rehearsal dry_run = rehearsal::no; ///< only prints what it would do
};

/// How dead letters are printed.
enum class output_form : std::uint8_t {
  table, ///< for people
  json,  ///< one object a line
};

/// Prints one or more dead letters, or sends them back. `locate_program` finds the program that runs, or its data.
struct dead_letters_command {
  std::vector<std::string> topologies;
  process_options options;
  std::variant<list_dead_letters, show_dead_letter, redrive_dead_letters> request;
  output_form form = output_form::table;
  std::uint32_t rate = 0; ///< of a redrive: at most so many a second; 0: without bound
};

/// Copies the data of a folder into a file.
struct backup_command {
  enum class name_taken : std::uint8_t { refuse, replace };

  std::vector<std::string> topologies; ///< as of `dead_letters_command`
  process_options options;
  std::string to;
  name_taken when = name_taken::refuse; ///< when there is a file of that name
};

/// Shows the consumer groups of the embedded streams, or removes one.
struct groups_command {
  struct list {};
  struct remove {
    std::string group;
    std::string stream; ///< empty: of all streams
  };

  std::vector<std::string> topologies; ///< as of `dead_letters_command`
  process_options options;
  std::variant<list, remove> action;
  output_form form = output_form::table;
};

/// What a project that is written may begin with.
enum class project_part : std::uint8_t { contract, consumer };

/// Writes a project of an author's own.
struct new_command {
  std::string folder;
  std::string name;                ///< empty: the folder's
  std::vector<project_part> parts; ///< empty: all
};

/// There is nothing to carry out: `text` goes to the standard output when `code` is 0, else to the standard error.
struct early_exit {
  int code = 0;
  std::string text;
};

using parsed_command = std::variant<run_command, check_command, topics_command, dead_letters_command, backup_command,
                                    groups_command, new_command, early_exit>;

/// Reads the arguments after the program's name. Wrong arguments give exit code 2 and a line that names the nearest valid
/// word. Never throws because of arguments.
parsed_command parse_command_line(const std::vector<std::string>& arguments, const program_words& words);

} // namespace troupe::host
