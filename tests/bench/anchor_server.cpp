// What the whole chain is measured against: a bare Boost.Beast server on one I/O thread that answers every request with the
// same bytes, and does the platform's writes before it answers, or none.

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "anchor_effects.hpp"
#include "beast_server.hpp"
#include "figure.hpp"
#include "options.hpp"

namespace troupe::bench {

namespace {

namespace net = boost::asio;

// A greeting as the platform of 2019 stores it, with an id of its own.
written_greeting new_greeting(boost::uuids::random_generator_mt19937& random, const char* service) {
  auto id = to_string(random());
  auto body = R"({"id":")" + id + R"(","servicename":")" + service
              + R"(","message":"Konnichiwa, from a service!","createdat":{"$date":"2019-04-16T02:23:16.546749266Z"}})";
  return {std::move(id), std::move(body)};
}

class server {
public:
  server(std::string body, const std::optional<std::filesystem::path>& file)
    : body_(std::move(body)), serving_([this](const beast_server::request&) { return answer(); }) {
    if (file)
      effects_.emplace(*file, [this](std::vector<anchor_effects::committed> done) {
        net::post(serving_.io(), [done = std::move(done)] {
          for (const auto& each : done)
            each();
        });
      });
  }

  [[nodiscard]] std::uint16_t port() const { return serving_.port(); }
  void run() { serving_.run(); }

private:
  net::awaitable<std::string> answer() {
    if (effects_) {
      request_effects what{
        {new_greeting(random_, "Service-C"), new_greeting(random_, "Service-G"), new_greeting(random_, "Service-H")},
        new_greeting(random_, "Service-D")};
      co_await called_back([&](auto durable) { effects_->submit(std::move(what), std::move(durable)); });
    }
    co_return body_;
  }

  boost::uuids::random_generator_mt19937 random_;
  const std::string body_;
  beast_server serving_;
  std::optional<anchor_effects> effects_; // ends first: it calls serving_
};

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    give_up("there is no answer to give in " + file.string());
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  std::filesystem::path body;
  std::filesystem::path effects;
  troupe::bench::options options{"Answers every request with the same bytes; prints its port first"};
  options.add("body", body, "a file: what it answers");
  options.add("--effects", effects, "a new SQLite file, to do the platform's writes in");
  options.parse(argc, argv);
  try {
    troupe::bench::server running{troupe::bench::contents_of(body), effects.empty() ? std::nullopt : std::optional{effects}};
    std::cout << running.port() << std::endl;
    running.run();
  } catch (const std::exception& problem) {
    troupe::bench::give_up(problem.what());
  }
}
