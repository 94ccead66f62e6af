#include "options.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

namespace troupe::bench {

struct options::parser {
  template <class T>
  void add(const std::string& name, T& value, const std::string& about) {
    app.add_option(name, value, about)->required(!name.starts_with('-'));
  }

  CLI::App app;
};

options::options(const std::string& about) : parser_(std::make_unique<parser>()) {
  parser_->app.description(about);
}

options::~options() = default;

void options::add(const std::string& name, std::string& value, const std::string& about) {
  parser_->add(name, value, about);
}

void options::add(const std::string& name, std::filesystem::path& value, const std::string& about) {
  parser_->add(name, value, about);
}

void options::add(const std::string& name, int& value, const std::string& about) {
  parser_->add(name, value, about);
}

void options::add(const std::string& name, double& value, const std::string& about) {
  parser_->add(name, value, about);
}

void options::add(const std::string& name, unsigned& value, const std::string& about) {
  parser_->add(name, value, about);
}

void options::add(const std::string& name, std::uint64_t& value, const std::string& about) {
  parser_->add(name, value, about);
}

void options::add(const std::string& name, std::vector<std::string>& value, const std::string& about) {
  parser_->add(name, value, about);
}

void options::add(const std::string& flag, bool& value, const std::string& about) {
  parser_->app.add_flag(flag, value, about);
}

void options::parse(int argc, char** argv) {
  try {
    parser_->app.parse(argc, argv);
  } catch (const CLI::ParseError& ended) {
    std::exit(parser_->app.exit(ended)); // NOLINT(concurrency-mt-unsafe): before any other thread
  }
}

} // namespace troupe::bench
