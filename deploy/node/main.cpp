#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <unistd.h>

#include <troupe/deploy/node/check.hpp>
#include <troupe/deploy/node/command_line.hpp>
#include <troupe/deploy/node/process/amqp.hpp>
#include <troupe/deploy/node/process/data_commands.hpp>
#include <troupe/deploy/node/process/dead_letters.hpp>
#include <troupe/deploy/node/process/descriptors.hpp>
#include <troupe/deploy/node/process/kafka.hpp>
#include <troupe/deploy/node/process/last_words.hpp>
#include <troupe/deploy/node/process/mongodb.hpp>
#include <troupe/deploy/node/process/run.hpp>
#include <troupe/deploy/node/process/thread_stacks.hpp>
#include <troupe/deploy/node/process/topics.hpp>
#include <troupe/deploy/node/settings.hpp>
#include <troupe/deploy/node/topology_files.hpp>
#include <troupe/messages/ports/types.hpp>

namespace {

using namespace troupe::node;

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

template <class Command>
std::vector<topology_file> files_of(const Command& command, diagnostics& found) {
  return load_topologies(command.topologies, read_small_file, found);
}

// Carries out one command.
struct carry_out {
  surroundings around{environment(), read_small_file, wrong_property, show_uri, show_broker};

  exit_code operator()(const early_exit& nothing) const {
    (nothing.code == 0 ? std::cout : std::cerr) << nothing.text;
    return nothing.code == 0 ? exit_code::orderly : exit_code::misconfigured;
  }

  exit_code operator()(const run_command& command) const {
    diagnostics found;
    const auto files = files_of(command, found);
    const auto what = configure(files, command.options, around, found);
    return what && found.empty() ? run(*what) : refuse(found);
  }

  exit_code operator()(const check_command& command) const {
    diagnostics found;
    const auto files = files_of(command, found);
    auto what = configure(files, command.options, around, found);
    if (!what || !found.empty())
      return refuse(found);
    raise_descriptor_limit();
    if (auto note = note_on_descriptors(what->what); !note.empty())
      what->notes.push_back(std::move(note));
    std::cout << check_report(*what);
    return exit_code::orderly;
  }

  exit_code operator()(const topics_command& command) const {
    diagnostics found;
    const auto files = files_of(command, found);
    const auto what = configure(files, command.options, around, found);
    return what && found.empty() ? apply_topics(command, *what, std::cout, std::cerr) : refuse(found);
  }

  exit_code operator()(const dead_letters_command& command) const {
    diagnostics found;
    const auto files = files_of(command, found);
    const auto where = process_settings(files, command.options, around, found);
    return where && found.empty() ? dead_letters(command, *where, std::cout, std::cerr) : refuse(found);
  }

  exit_code operator()(const backup_command& command) const { return on_data(command, back_up); }

  exit_code operator()(const groups_command& command) const { return on_data(command, groups); }

  template <class Command>
  exit_code on_data(const Command& command,
                    exit_code (*with)(const Command&, const std::string&, std::ostream&, std::ostream&)) const {
    diagnostics found;
    const auto files = files_of(command, found);
    const auto where = process_settings(files, command.options, around, found);
    return where && found.empty() ? with(command, where->data, std::cout, std::cerr) : refuse(found);
  }
};

} // namespace

int main(int argc, char** argv) {
  end_with_one_line();
  raise_thread_stacks();
  troupe::register_message_types();
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  return static_cast<int>(std::visit(carry_out{}, parse_command_line(arguments)));
}
