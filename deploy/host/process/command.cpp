#include <troupe/deploy/host/process/commands.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <unistd.h>

#include <troupe/deploy/host/process/amqp.hpp>
#include <troupe/deploy/host/process/descriptors.hpp>
#include <troupe/deploy/host/process/kafka.hpp>
#include <troupe/deploy/host/process/last_words.hpp>
#include <troupe/deploy/host/process/memory.hpp>
#include <troupe/deploy/host/process/mongodb.hpp>
#include <troupe/deploy/host/topology/check.hpp>
#include <troupe/deploy/host/topology/command_line.hpp>
#include <troupe/deploy/host/topology/settings.hpp>
#include <troupe/deploy/host/topology/topology_files.hpp>
#include <troupe/messages/ports/types.hpp>

namespace troupe::host {

namespace {

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> result;
  for (auto** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (const auto split = text.find('='); split != std::string::npos)
      result.emplace(text.substr(0, split), text.substr(split + 1));
  }
  return result;
}

exit_code refuse(const diagnostics& found) {
  for (const auto& line : found.lines())
    std::cerr << line << '\n';
  return exit_code::misconfigured;
}

// Carries out one command.
struct execution {
  const program_parts& program;
  surroundings around{environment(), read_small_file, wrong_property, show_uri, show_broker};

  exit_code operator()(const early_exit& printed) const {
    (printed.code == 0 ? std::cout : std::cerr) << printed.text;
    return printed.code == 0 ? exit_code::orderly : exit_code::misconfigured;
  }

  exit_code operator()(const run_command& command) const {
    return configured(command, [this](const configuration& config, diagnostics&) { return run(config, program); });
  }

  exit_code operator()(const check_command& command) const {
    return configured(command, [&](configuration& config, diagnostics& found) {
      raise_descriptor_limit();
      if (auto note = note_on_descriptors(config.plan); !note.empty())
        config.notes.push_back(std::move(note));
      const auto report = command.key.empty() ? check_report(config, program.settings, command.explain)
                                              : settings_report(config, command.explain, command.key, found);
      if (!found.empty())
        return refuse(found);
      std::cout << report;
      return exit_code::orderly;
    });
  }

  exit_code operator()(const topics_command& command) const {
    // Often before any service runs, and where their secrets are not. Those of the brokers are read when they are needed.
    auto without = around;
    without.secrets = secrets_read::none;
    return configured(
      command,
      [&](const configuration& config, diagnostics&) { return apply_topics(command, config, std::cout, std::cerr); },
      without);
  }

  exit_code operator()(const dead_letters_command& command) const {
    return located(command,
                   [&](const program_location& where) { return dead_letters(command, where, std::cout, std::cerr); });
  }

  exit_code operator()(const backup_command& command) const {
    return located(command,
                   [&](const program_location& where) { return back_up(command, where.data, std::cout, std::cerr); });
  }

  exit_code operator()(const groups_command& command) const {
    return located(command,
                   [&](const program_location& where) { return groups(command, where.data, std::cout, std::cerr); });
  }

  exit_code operator()(const new_command& command) const {
    const auto made = program.make_project(command);
    if (made.has_error()) {
      std::cerr << program.settings.words().name << " new: " << made.error().reason << '\n';
      return exit_code::misconfigured;
    }
    std::cout << *made;
    return exit_code::orderly;
  }

private:
  template <class Command, class Then>
  exit_code configured(const Command& command, const Then& then) const {
    return configured(command, then, around);
  }

  template <class Command, class Then>
  exit_code configured(const Command& command, const Then& then, const surroundings& given) const {
    diagnostics found;
    const auto files = load_topologies(command.topologies, program.settings, read_small_file, found);
    auto config = configure(files, program.settings, command.options, given, found);
    return config && found.empty() ? then(*config, found) : refuse(found);
  }

  template <class Command, class Then>
  exit_code located(const Command& command, const Then& then) const {
    diagnostics found;
    const auto files = load_topologies(command.topologies, program.settings, read_small_file, found);
    const auto location = locate_program(files, program.settings, command.options, around, found);
    return location && found.empty() ? then(*location) : refuse(found);
  }
};

} // namespace

exit_code carry_out(const std::vector<std::string>& arguments, const program_parts& program) {
  end_with_one_line(program.settings.words().name);
  raise_thread_stacks();
  register_message_types();
  return std::visit(execution{program}, parse_command_line(arguments, program.settings.words()));
}

} // namespace troupe::host
