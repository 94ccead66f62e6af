#include <troupe/deploy/host/topology/command_line.hpp>

#include <limits>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include <troupe/deploy/host/topology/command_line_data.hpp>
#include <troupe/deploy/host/topology/diagnostics.hpp>

namespace troupe::host {

namespace {

// Of the footers, in which PROGRAM stands for the program's name.
constexpr auto main_footer = R"(
A setting is taken from its option, else from its environment variable, else from the topology, else from its default.
"PROGRAM COMMAND --help" explains a command.)";

constexpr auto run_footer =
  R"(The data folder is made when it is missing. SIGTERM or Ctrl-C ends the program in order, a second one at once; SIGHUP, SIGUSR1
and SIGUSR2 change nothing.

Exit codes: 0 ended in order, 1 failed, 2 a setting is wrong (one line for each)

Examples:
  PROGRAM run
  PROGRAM run --http :8080 --data /var/lib/PROGRAM
)";

constexpr auto check_footer = R"(
Prints services, actors, bridges and every setting with its source, and changes nothing. --explain prints below each setting
the values that it may have, its default where it has another value, and the reason for its default. --key prints only the
settings whose path in a topology begins with KEY.

Exit codes: 0 it can run, 2 something is wrong (one line for each mistake)

Examples:
  PROGRAM check
  PROGRAM check my-platform.yaml --service orders
  PROGRAM check --key node.kafka --explain)";

constexpr auto topics_footer = R"(
Creates what is missing: the Kafka topics of the streams and of their dead letters, and the permissions of the services there;
the queues of a broker with those around them, exchanges and bindings. What is there already and differs is named and left as it
is; nothing is deleted.

Exit codes: 0 done, 1 the brokers refused or cannot be reached, 2 a setting is wrong (one line for each)

Examples:
  PROGRAM topics apply my-platform.yaml --dry-run
  KAFKA_BROKERS=broker:9092 PROGRAM topics apply my-platform.yaml)";

constexpr auto letters_footer = R"(
A message that cannot be handled is set aside with its bytes unchanged, and the reason beside it.
The program that runs is asked at its administration address; when none runs, its data folder is read, and the topology's
Kafka cluster and broker of queues.

Examples:
  PROGRAM dead-letters list --source orders
  PROGRAM dead-letters show 17
  PROGRAM dead-letters redrive --source orders --limit 10
  PROGRAM dead-letters redrive --limit 10000 --rate 50)";

void add_location_options(CLI::App& app, process_options& options) {
  app.add_option("--admin", options.admin, "Where administration listens (default 127.0.0.1:8081)")
    ->type_name("ADDRESS:PORT");
  add_data_option(app, options);
}

void add_run_options(CLI::App& app, const program_words& words, std::vector<std::string>& topologies,
                     process_options& options) {
  app.add_option("TOPOLOGY", topologies, "YAML files that say what runs")->type_name("");
  app.add_option("--http", options.http, "Where the edge listens (default 127.0.0.1:8080; port 0: any free one)")
    ->type_name("ADDRESS:PORT");
  app
    .add_option("--grpc", options.grpc,
                "Where gRPC is served (default: 127.0.0.1:50051 where some of the services run, else none)")
    ->type_name("ADDRESS:PORT");
  add_location_options(app, options);
  app.add_option("--service", options.services, "Runs this service only; may be repeated")
    ->type_name("NAME")
    ->allow_extra_args(false); // one name each time: the next word may be a topology
  for (const auto& one : words.options)
    app
      .add_option_function<std::string>(
        "--" + one.name, [&options, name = one.name](const std::string& text) { options.own[name] = text; }, one.description)
      ->type_name(one.value);
  app.add_option("--log-level", options.log_level, "trace, debug, info (default), warning, error or off")
    ->type_name("LEVEL");
}

/// The grammar, and the values that it fills.
struct grammar {
  const program_words& words;
  CLI::App app{words.about, words.name};
  run_command run;
  check_command check;
  topics_command topics;
  bool dry_run = false;
  bool explained = false;
  dead_letters_command letters;
  list_dead_letters listed;
  show_dead_letter shown;
  redrive_dead_letters redriven;
  std::string form = "table";
  data_grammar data;
  CLI::App* run_app = nullptr;
  CLI::App* check_app = nullptr;
  CLI::App* topics_app = nullptr;
  CLI::App* apply_app = nullptr;
  CLI::App* letters_app = nullptr;
  CLI::App* list_app = nullptr;
  CLI::App* show_app = nullptr;
  new_command project;
  bool with_contract = false;
  bool with_consumer = false;
  CLI::App* new_app = nullptr;

  explicit grammar(const program_words& of) : words(of) {
    app.set_version_flag("--version", words.name + ' ' + words.version, "Prints the version");
    app.set_help_flag("-h,--help", "Prints this help");
    app.footer("\nExamples:\n" + words.examples + named(main_footer, words.name));
    run_app =
      add(app, "run", "Runs services until it is asked to end", "\n" + words.without + run_footer + words.run_examples);
    add_run_options(*run_app, words, run.topologies, run.options);
    check_app = add(app, "check", "Validates and prints what would run", check_footer);
    add_run_options(*check_app, words, check.topologies, check.options);
    check_app->add_flag("--explain", explained, "Prints the allowed values and the reason of each setting");
    check_app->add_option("--key", check.key, "Prints only the settings that begin so, such as node.kafka")
      ->type_name("KEY");
    topics_app = add(app, "topics", "Prepares the servers that carry streams and queues", topics_footer);
    apply_app = add(*topics_app, "apply", "Creates what is missing there", topics_footer);
    apply_app->add_option("TOPOLOGY", topics.topologies, "YAML files that say what runs")->type_name("");
    apply_app->add_option("--service", topics.options.services, "For this service only; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
    apply_app->add_option("--principal", topics.principal, "Who gets the permissions (default: the user of the credentials)")
      ->type_name("User:NAME")
      ->check(a_principal());
    apply_app->add_flag("--dry-run", dry_run, "Only prints what it would do");
    letters_app = add(app, "dead-letters", "Shows messages that were set aside, and sends them back", letters_footer);
    list_app = add_letters("list", "Lists dead letters, oldest first");
    list_app->add_option("--source", listed.source, "Of this stream or queue only")->type_name("NAME");
    list_app->add_option("--after", listed.after, "Only those with a higher number")
      ->type_name("NUMBER")
      ->check(any_number());
    list_app->add_option("--limit", listed.limit, "At most so many (default 100)")->type_name("COUNT")->check(any_limit());
    show_app = add_letters("show", "Shows one dead letter with its bytes");
    show_app->add_option("NUMBER", shown.number, "Its number in the list")->type_name("")->required()->check(any_number());
    auto* redrive_app = add_letters("redrive", "Sends dead letters back to where they came from, under their own ids");
    redrive_app->add_option("--source", redriven.source, "Of this stream or queue only")->type_name("NAME");
    redrive_app->add_option("--number", redriven.numbers, "This one only; may stand several times")
      ->type_name("NUMBER")
      ->allow_extra_args(false)
      ->excludes("--source")
      ->check(any_number());
    redrive_app->add_option("--limit", redriven.limit, "At most so many (default 100)")
      ->type_name("COUNT")
      ->check(any_redrive());
    redrive_app->add_option("--rate", letters.rate, "At most so many a second (default: no bound)")
      ->type_name("COUNT")
      ->check(any_limit());
    data.add_to(app, words.name);
    if (!words.makes_projects.empty())
      add_new();
  }

  void add_new() {
    new_app = add(app, "new", "Writes a project of your own", words.makes_projects);
    new_app->add_option("DIR", project.folder, "Where: a folder that is empty, or made")->type_name("")->required();
    new_app->add_option("--name", project.name, "What it is called (default: as the folder)")->type_name("NAME");
    new_app->add_flag("--contract", with_contract, "With a service that serves a contract over REST and gRPC");
    new_app->add_flag("--consumer", with_consumer, "With a service that consumes and stores (default: with both)");
  }

  CLI::App* add(CLI::App& parent, const char* name, const char* description, const std::string& footer) const {
    auto* made = parent.add_subcommand(name, description);
    made->footer(named(footer, words.name));
    return made;
  }

  CLI::App* add_letters(const char* name, const char* description) {
    auto* made = add(*letters_app, name, description, letters_footer);
    add_topology_option(*made, letters.topologies,
                        "The file that says where administration, data, Kafka and the broker are");
    add_location_options(*made, letters.options);
    add_form_option(*made, form);
    return made;
  }

  static CLI::Validator any_number() {
    return CLI::Range{std::int64_t{1}, std::numeric_limits<std::int64_t>::max()}.description("");
  }
  static CLI::Validator a_principal() {
    const auto mistake = [](const std::string& text) {
      const auto colon = text.find(':');
      const bool is_one = colon != std::string::npos && colon != 0 && colon + 1 != text.size();
      return is_one ? std::string{} : "it is " + text + ", which is no principal of Kafka's; expected User:NAME";
    };
    return {mistake, ""};
  }
  static CLI::Validator any_limit() { return CLI::Range{std::uint32_t{1}, std::uint32_t{1000}}.description(""); }
  static CLI::Validator any_redrive() { return CLI::Range{std::uint32_t{1}, std::uint32_t{1'000'000}}.description(""); }

  /// Unknown words are left to `unknown`, which names the nearest one.
  void allow_extras() {
    const auto any = [](const CLI::App*) { return true; };
    app.allow_extras();
    for (auto* outer : app.get_subcommands(any)) {
      outer->allow_extras();
      for (auto* inner : outer->get_subcommands(any))
        inner->allow_extras();
    }
  }

  /// The innermost command that was given.
  CLI::App& innermost() {
    auto* at = &app;
    while (!at->get_subcommands().empty())
      at = at->get_subcommands().front();
    return *at;
  }
};

std::string full_name(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + ' ' + command.get_name();
}

/// The words that a command understands: its own commands, or its options.
std::vector<std::string> words_of(const CLI::App& command, bool options) {
  std::vector<std::string> result;
  if (options)
    for (const auto* one : command.get_options())
      for (const auto& name : one->get_lnames())
        result.push_back("--" + name);
  else
    for (const auto* one : command.get_subcommands([](const CLI::App*) { return true; }))
      result.push_back(one->get_name());
  return result;
}

std::string help_of(const CLI::App& one) {
  const auto* parent = one.get_parent();
  return one.help(parent == nullptr ? "" : full_name(*parent));
}

early_exit wrong(const CLI::App& command, const std::string& problem, const std::string& expected = {},
                 const std::string& near = {}) {
  return {2, to_string(mistake{"command line", problem, expected, near}) + "\nTry \"" + full_name(command) + " --help\".\n"};
}

/// A word that no command or option took.
early_exit unknown(const CLI::App& command, const std::string& word) {
  const bool option = word.starts_with("-");
  const auto words = words_of(command, option);
  // "--servce=x" is the option with its value.
  const auto name = option ? word.substr(0, word.find('=')) : word;
  const auto problem = std::string{option ? "unknown option " : words.empty() ? "unexpected argument " : "unknown command "};
  return wrong(command, problem + in_quotes(name), words.empty() ? std::string{"none"} : listed(words),
               nearest(name, words));
}

parsed_command carry_out(grammar& known) {
  if (known.run_app->parsed())
    return known.run;
  if (known.check_app->parsed()) {
    known.check.explain = known.explained ? explanation::full : explanation::none;
    return known.check;
  }
  if (known.apply_app->parsed()) {
    known.topics.dry_run = known.dry_run ? topics_command::rehearsal::yes : topics_command::rehearsal::no;
    return known.topics;
  }
  if (known.new_app != nullptr && known.new_app->parsed()) {
    if (known.with_contract)
      known.project.parts.push_back(project_part::contract);
    if (known.with_consumer)
      known.project.parts.push_back(project_part::consumer);
    return known.project;
  }
  if (auto of_data = known.data.parsed())
    return std::move(*of_data);
  if (known.list_app->parsed())
    known.letters.request = known.listed;
  else if (known.show_app->parsed())
    known.letters.request = known.shown;
  else
    known.letters.request = known.redriven;
  known.letters.form = form_of(known.form);
  return known.letters;
}

} // namespace

parsed_command parse_command_line(const std::vector<std::string>& arguments, const program_words& words) {
  grammar known{words};
  known.allow_extras();
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()}; // as CLI11 takes a vector
    known.app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return early_exit{0, help_of(known.innermost())};
  } catch (const CLI::CallForVersion& version) {
    return early_exit{0, std::string{version.what()} + '\n'};
  } catch (const CLI::ParseError& error) {
    const auto& at = known.innermost();
    for (const auto& word : at.remaining())
      return unknown(at, word);
    return wrong(at, error.what());
  }
  const auto& at = known.innermost();
  for (const auto& word : known.app.remaining(true))
    return unknown(at, word);
  if (&at == &known.app)
    return early_exit{0, help_of(at)};
  if (&at == known.letters_app || &at == known.topics_app || &at == known.data.groups_app())
    return wrong(at, "a command is missing", listed(words_of(at, false)));
  return carry_out(known);
}

} // namespace troupe::host
