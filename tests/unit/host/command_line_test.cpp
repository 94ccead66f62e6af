#define CAF_SUITE command_line

#include <troupe_test/suite.hpp>

#include <string>
#include <variant>
#include <vector>

#include <troupe/deploy/host/topology/command_line.hpp>

#include "reading.hpp"

using namespace troupe::host;
using troupe_test::platform;
using words = std::vector<std::string>;

namespace {

early_exit refused(const words& arguments) {
  const auto parsed = parse_command_line(arguments, platform().words());
  const auto* exit = std::get_if<early_exit>(&parsed);
  CAF_REQUIRE(exit != nullptr);
  return *exit;
}

/// The first line of what wrong arguments give.
std::string mistake_of(const words& arguments) {
  const auto exit = refused(arguments);
  CAF_CHECK_EQUAL(exit.code, 2);
  return exit.text.substr(0, exit.text.find('\n'));
}

template <class Command>
Command parsed(const words& arguments) {
  const auto result = parse_command_line(arguments, platform().words());
  if (const auto* exit = std::get_if<early_exit>(&result))
    CAF_FAIL(exit->text);
  return std::get<Command>(result);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(run takes topologies and options in any order) {
  const auto run = parsed<run_command>({"run", "--http", "0.0.0.0:80", "a.yaml", "--service=x", "--service", "y", "b.yaml",
                                        "--data", "/d", "--admin", "127.0.0.1:9", "--log-level", "debug"});
  CAF_CHECK_EQUAL(run.topologies, (words{"a.yaml", "b.yaml"}));
  const process_options expected{
    .services = {"x", "y"}, .http = "0.0.0.0:80", .admin = "127.0.0.1:9", .data = "/d", .log_level = "debug"};
  CAF_CHECK(run.options == expected);
}

CAF_TEST(run and check need no argument) {
  CAF_CHECK(parsed<run_command>({"run"}).topologies.empty());
  CAF_CHECK(parsed<run_command>({"run"}).options == process_options{});
  CAF_CHECK_EQUAL(parsed<check_command>({"check", "a.yaml"}).topologies, words{"a.yaml"});
}

CAF_TEST(check explains all settings or those of a key) {
  CAF_CHECK(parsed<check_command>({"check", "a.yaml"}).explain == explanation::none);
  CAF_CHECK(parsed<check_command>({"check", "a.yaml"}).key.empty());
  const auto explained = parsed<check_command>({"check", "--explain", "a.yaml", "--key", "node.kafka"});
  CAF_CHECK_EQUAL(explained.topologies, words{"a.yaml"});
  CAF_CHECK(explained.explain == explanation::full);
  CAF_CHECK_EQUAL(explained.key, "node.kafka");
}

CAF_TEST(dead letters are listed and shown and redriven) {
  const auto listed = parsed<dead_letters_command>(
    {"dead-letters", "list", "--source", "q", "--after", "7", "--limit", "3", "--format", "json", "--data", "/d"});
  const auto& list = std::get<troupe::list_dead_letters>(listed.request);
  CAF_CHECK_EQUAL(list.source, "q");
  CAF_CHECK_EQUAL(list.after, 7);
  CAF_CHECK_EQUAL(list.limit, 3U);
  CAF_CHECK(listed.form == output_form::json);
  CAF_CHECK_EQUAL(listed.options.data.value(), "/d");

  const auto bare = parsed<dead_letters_command>({"dead-letters", "list"});
  CAF_CHECK_EQUAL(std::get<troupe::list_dead_letters>(bare.request).limit, 100U);
  CAF_CHECK(bare.form == output_form::table);

  const auto show = parsed<dead_letters_command>({"dead-letters", "show", "17"});
  CAF_CHECK_EQUAL(std::get<troupe::show_dead_letter>(show.request).number, 17);

  const auto redrive = parsed<dead_letters_command>({"dead-letters", "redrive", "--number", "17"});
  CAF_CHECK(std::get<troupe::redrive_dead_letters>(redrive.request).numbers == std::vector<std::int64_t>{17});
  const auto two = parsed<dead_letters_command>({"dead-letters", "redrive", "--number", "17", "--number=4"});
  CAF_CHECK(std::get<troupe::redrive_dead_letters>(two.request).numbers == (std::vector<std::int64_t>{17, 4}));
  const auto many = parsed<dead_letters_command>({"dead-letters", "redrive", "--source", "q"});
  CAF_CHECK(std::get<troupe::redrive_dead_letters>(many.request).numbers.empty());
  CAF_CHECK_EQUAL(std::get<troupe::redrive_dead_letters>(many.request).source, "q");
  const auto most = parsed<dead_letters_command>({"dead-letters", "redrive", "--limit", "10000", "--rate", "50"});
  CAF_CHECK_EQUAL(std::get<troupe::redrive_dead_letters>(most.request).limit, 10'000U);
  CAF_CHECK_EQUAL(most.rate, 50U);
}

CAF_TEST(a backup has a name and a folder) {
  const auto backup = parsed<backup_command>({"backup", "/b/today", "--data", "/d", "--topology", "a.yaml"});
  CAF_CHECK_EQUAL(backup.to, "/b/today");
  CAF_CHECK_EQUAL(backup.options.data.value(), "/d");
  CAF_CHECK_EQUAL(backup.topologies, words{"a.yaml"});
  CAF_CHECK(backup.when == backup_command::name_taken::refuse);
  CAF_CHECK(parsed<backup_command>({"backup", "b", "--replace"}).when == backup_command::name_taken::replace);
  CAF_CHECK(has(mistake_of({"backup"}), "FILE"));
  CAF_CHECK(has(mistake_of({"backup", "a", "b"}), "unexpected argument \"b\""));
}

CAF_TEST(groups are listed and removed by name) {
  const auto listed = parsed<groups_command>({"groups", "list", "--format", "json", "--data", "/d"});
  CAF_CHECK(std::holds_alternative<groups_command::list>(listed.action));
  CAF_CHECK(listed.form == output_form::json);
  CAF_CHECK_EQUAL(listed.options.data.value(), "/d");
  const auto removed = parsed<groups_command>({"groups", "remove", "old", "--stream", "orders"});
  CAF_CHECK_EQUAL(std::get<groups_command::remove>(removed.action).group, "old");
  CAF_CHECK_EQUAL(std::get<groups_command::remove>(removed.action).stream, "orders");
  CAF_CHECK(has(mistake_of({"groups", "remove"}), "GROUP"));
  CAF_CHECK_EQUAL(mistake_of({"groups"}), "command line: a command is missing; expected list or remove");
  CAF_CHECK_EQUAL(mistake_of({"groups", "list", "--format", "yaml"}),
                  "command line: --format: \"yaml\" is neither table nor json");
}

CAF_TEST(without a command the help is printed) {
  const auto exit = refused({});
  CAF_CHECK_EQUAL(exit.code, 0);
  CAF_CHECK(has(exit.text, "dead-letters"));
  CAF_CHECK(has(exit.text, "Examples:"));
}

CAF_TEST(help is printed for the program and for each command) {
  for (const auto& arguments :
       {words{"--help"}, words{"run", "--help"}, words{"check", "-h"}, words{"dead-letters", "--help"},
        words{"dead-letters", "redrive", "--help"}, words{"backup", "--help"}, words{"groups", "remove", "--help"}}) {
    const auto exit = refused(arguments);
    CAF_CHECK_EQUAL(exit.code, 0);
    CAF_CHECK(has(exit.text, "Usage: troupe"));
    CAF_CHECK(has(exit.text, "Examples:"));
  }
  CAF_CHECK(has(refused({"run", "--help"}).text, "--service NAME"));
  CAF_CHECK(has(refused({"dead-letters", "show", "--help"}).text, "Usage: troupe dead-letters show"));
}

CAF_TEST(the version is printed) {
  const auto exit = refused({"--version"});
  CAF_CHECK_EQUAL(exit.code, 0);
  CAF_CHECK(exit.text.starts_with("troupe "));
  CAF_CHECK(exit.text.ends_with("\n"));
}

CAF_TEST(an unknown command is reported with the nearest) {
  CAF_CHECK_EQUAL(mistake_of({"rnu"}), "command line: unknown command \"rnu\"; expected run, check, topics, dead-letters, "
                                       "backup, groups or new; did you mean \"run\"?");
  CAF_CHECK_EQUAL(mistake_of({"dead-letters", "lst"}),
                  "command line: unknown command \"lst\"; expected list, show or redrive; did you mean \"list\"?");
  CAF_CHECK_EQUAL(mistake_of({"dead-letters"}), "command line: a command is missing; expected list, show or redrive");
}

CAF_TEST(an unknown option is reported with the nearest) {
  CAF_CHECK_EQUAL(mistake_of({"run", "--servce=x"}),
                  "command line: unknown option \"--servce\"; expected --help, --http, --grpc, --admin, "
                  "--data, --service, --reference or --log-level; did you mean \"--service\"?");
  CAF_CHECK(has(mistake_of({"--data", "x", "run"}), "unknown option \"--data\""));
  CAF_CHECK(has(mistake_of({"dead-letters", "list", "--number", "3"}), "unknown option \"--number\""));
  CAF_CHECK(has(mistake_of({"run", "-x"}), "unknown option \"-x\""));
  CAF_CHECK(has(refused({"run", "--servce=x"}).text, "Try \"troupe run --help\"."));
}

CAF_TEST(an argument too many is reported) {
  CAF_CHECK(has(mistake_of({"dead-letters", "show", "17", "18"}), "unexpected argument \"18\""));
}

CAF_TEST(a bad value is reported) {
  CAF_CHECK(has(mistake_of({"run", "--http"}), "--http"));
  CAF_CHECK(has(mistake_of({"dead-letters", "list", "--limit", "0"}), "--limit"));
  CAF_CHECK(has(mistake_of({"dead-letters", "list", "--limit", "many"}), "--limit"));
  CAF_CHECK(has(mistake_of({"dead-letters", "list", "--limit", "1001"}), "--limit")); // as the administration allows
  CAF_CHECK(has(mistake_of({"dead-letters", "redrive", "--limit", "1000001"}), "--limit"));
  CAF_CHECK(has(mistake_of({"dead-letters", "show", "0"}), "NUMBER"));
  CAF_CHECK(has(mistake_of({"dead-letters", "show"}), "NUMBER"));
  CAF_CHECK_EQUAL(mistake_of({"dead-letters", "list", "--format", "yaml"}),
                  "command line: --format: \"yaml\" is neither table nor json");
  CAF_CHECK(has(mistake_of({"run", "--http", "a", "--http", "b"}), "--http"));
}

CAF_TEST(no arguments make it throw) {
  for (const auto& arguments :
       {words{""}, words{"-"}, words{"--"}, words{"run", "--"}, words{"--=", "run"}, words{"run", "\n"}, words{"\xff"},
        words{"run", "--service", ""}, words{"run", std::string(100'000, '-')}, words{"run", "run"}})
    CAF_CHECK_LESS_OR_EQUAL(parse_command_line(arguments, platform().words()).index(),
                            std::variant_size_v<parsed_command> - 1);
}
