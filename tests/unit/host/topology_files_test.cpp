#define CAF_SUITE topology_files

#include <troupe_test/suite.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <troupe/deploy/host/topology/topology_files.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>

#include "reading.hpp"

using namespace troupe::host;
using namespace troupe::reference;
using lines = std::vector<std::string>;

namespace {

std::string shipped(const std::string& name) {
  const auto text = read_small_file(std::string{TROUPE_TOPOLOGY_FOLDER} + '/' + name);
  CAF_REQUIRE(text);
  return *text;
}

} // namespace

CAF_TEST(the built in topologies are the shipped files byte for byte) {
  const auto built_in = troupe_test::platform().built_in_topologies();
  CAF_REQUIRE_EQUAL(built_in.size(), 2U);
  CAF_CHECK_EQUAL(built_in.at(0).name, "built-in/reference-2019.yaml");
  CAF_CHECK_EQUAL(built_in.at(0).text, shipped("reference-2019.yaml"));
  CAF_CHECK_EQUAL(built_in.at(1).name, "built-in/kafka-demo.yaml");
  CAF_CHECK_EQUAL(built_in.at(1).text, shipped("kafka-demo.yaml"));
}

CAF_TEST(the platform of 2021 names its hosts and greets in its own scripts) {
  const auto got = troupe_test::configured(shipped("reference-2021.yaml"));
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  lines greetings;
  for (const auto& service : got.got->plan.services)
    if (greeter_of(service) != nullptr) {
      CAF_CHECK(greeter_of(service)->hostname == hostname_shown::yes);
      greetings.push_back(greeter_of(service)->name.value() + ": " + greeter_of(service)->greeting);
    }
  CAF_CHECK_EQUAL(greetings,
                  (lines{"Service A: Hello, from Service A!", "Service B: Namasté (नमस्ते), from Service B!",
                         "Service C: Konnichiwa (こんにちは), from Service C!", "Service D: Shalom (שָׁלוֹם), from Service D!",
                         "Service E: Bonjour, from Service E!", "Service F: Hola, from Service F!",
                         "Service G: Ahlan (أهلا), from Service G!", "Service H: Ciao, from Service H!"}));
  CAF_CHECK_EQUAL(got.got->plan.queues.at(0).name, "service-d.greeting");
}

CAF_TEST(the files that are named are loaded and those that cannot be are reported) {
  const auto read = [](const std::string& path) -> troupe::expected<std::string> {
    if (path == "good.yaml")
      return std::string{"text"};
    return troupe::failure{troupe::errc::not_found, "there is no such file"};
  };
  diagnostics found;
  const auto files = load_topologies({"bad.yaml", "good.yaml"}, troupe_test::platform(), read, found);
  CAF_REQUIRE_EQUAL(files.size(), 1U);
  CAF_CHECK_EQUAL(files.at(0).name, "good.yaml");
  CAF_CHECK_EQUAL(found.lines(), lines{"bad.yaml: this cannot be read: there is no such file; expected a topology file"});
}

CAF_TEST(only a small regular file is read) {
  CAF_CHECK(read_small_file("/nowhere/at/all").error().code == troupe::errc::not_found);
  CAF_CHECK(read_small_file("/").error().code == troupe::errc::invalid);
  CAF_CHECK(read_small_file("/dev/zero").error().code == troupe::errc::invalid);
  const auto path = std::filesystem::temp_directory_path() / ("troupe-topology-" + std::to_string(::getpid()));
  std::ofstream{path} << std::string((1U << 20U) + 1, '#');
  CAF_CHECK(read_small_file(path).error().code == troupe::errc::invalid);
  std::filesystem::resize_file(path, 1U << 20U);
  CAF_CHECK_EQUAL(read_small_file(path)->size(), 1U << 20U);
  std::filesystem::remove(path);
}
