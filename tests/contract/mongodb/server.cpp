#include "server.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/json.hpp>

namespace troupe::contract {

namespace {

std::string variable(const char* name) {
  const auto* const value = std::getenv(name);
  if (value == nullptr)
    throw std::runtime_error(std::string{name} + " is not set; run this below tests/servers/mongodb --tls --revive");
  return value;
}

mongodb::config config_for(const char* uri, const char* authorities) {
  mongodb::config result;
  result.where = mongodb::always({secret{variable(uri)}});
  result.files.authorities = variable(authorities);
  return result;
}

/// Whether every thread of a process is stopped: one may still run for a moment after the signal.
bool stands(pid_t process) {
  const std::filesystem::directory_iterator threads{"/proc/" + std::to_string(process) + "/task"};
  return std::all_of(begin(threads), end(threads), [](const auto& each) {
    std::ifstream file{each.path() / "stat"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = text.rfind(") "); // proc_pid_stat(5): the state follows the name
    return name_end != text.npos && text[name_end + 2] == 'T';
  });
}

struct owned_bson {
  explicit owned_bson(const std::string& json) {
    bson_error_t problem{};
    if (!bson_init_from_json(&value, json.data(), static_cast<ssize_t>(json.size()), &problem))
      throw std::runtime_error(problem.message);
  }
  ~owned_bson() { bson_destroy(&value); }
  owned_bson(const owned_bson&) = delete;
  owned_bson& operator=(const owned_bson&) = delete;
  bson_t value{};
};

} // namespace

mongodb_server::mongodb_server() {
  mongoc_init();
  const auto text = variable("TROUPE_TEST_MONGODB")
                    + "&tls=true&serverSelectionTimeoutMS=30000&serverSelectionTryOnce=false&tlsCAFile="
                    + variable("TROUPE_TEST_MONGODB_CA");
  uri_.reset(mongoc_uri_new(text.c_str()));
  client_.reset(mongoc_client_new_from_uri(uri_.get()));
  wait_until_usable();
}

mongodb::config mongodb_server::config() const {
  return config_for("TROUPE_TEST_MONGODB", "TROUPE_TEST_MONGODB_CA");
}

mongodb::config mongodb_server::with_wrong_password() const {
  return config_for("TROUPE_TEST_MONGODB_WRONG_PASSWORD", "TROUPE_TEST_MONGODB_CA");
}

mongodb::config mongodb_server::with_wrong_authority() const {
  return config_for("TROUPE_TEST_MONGODB", "TROUPE_TEST_MONGODB_OTHER_CA");
}

std::int64_t mongodb_server::count(const std::string& database, const std::string& collection) {
  const mongodb::collection_handle in{mongoc_client_get_collection(client_.get(), database.c_str(), collection.c_str())};
  const owned_bson all{"{}"};
  bson_error_t problem{};
  const auto found = mongoc_collection_count_documents(in.get(), &all.value, nullptr, nullptr, nullptr, &problem);
  if (found < 0)
    throw std::runtime_error(problem.message);
  return found;
}

std::optional<std::string> mongodb_server::find(const std::string& database, const std::string& collection,
                                                const std::string& id) {
  const mongodb::collection_handle in{mongoc_client_get_collection(client_.get(), database.c_str(), collection.c_str())};
  const owned_bson wanted{boost::json::serialize(boost::json::object{{"_id", id}})};
  std::unique_ptr<mongoc_cursor_t, troupe::c_deleter<mongoc_cursor_destroy>> cursor{
    mongoc_collection_find_with_opts(in.get(), &wanted.value, nullptr, nullptr)};
  const bson_t* found = nullptr;
  if (!mongoc_cursor_next(cursor.get(), &found))
    return std::nullopt;
  const std::unique_ptr<char, troupe::c_deleter<bson_free>> text{bson_as_relaxed_extended_json(found, nullptr)};
  auto value = boost::json::parse(text.get());
  auto& members = value.as_object();
  members.stable_erase(members.find("_id"));
  return boost::json::serialize(value);
}

void mongodb_server::run(const std::string& database, const std::string& command) {
  const owned_bson parsed{command};
  bson_error_t problem{};
  if (!mongoc_client_command_simple(client_.get(), database.c_str(), &parsed.value, nullptr, nullptr, &problem))
    throw std::runtime_error(problem.message);
}

void mongodb_server::drop(const std::string& database) {
  run(database, R"({"dropDatabase":1})");
}

pid_t mongodb_server::hurt(int signal) const {
  std::ifstream file{variable("TROUPE_TEST_MONGODB_PID_FILE")};
  pid_t process = 0;
  file >> process;
  if (process <= 1 || ::kill(process, signal) != 0)
    throw std::runtime_error("the server's process is not there");
  return process;
}

void mongodb_server::kill() {
  hurt(SIGKILL);
}

void mongodb_server::pause() {
  const auto process = hurt(SIGSTOP);
  while (!stands(process))
    std::this_thread::yield();
}

void mongodb_server::resume() {
  hurt(SIGCONT);
}

bool mongodb_server::usable() {
  const owned_bson ping{R"({"ping":1})"};
  return mongoc_client_command_simple(client_.get(), "admin", &ping.value, nullptr, nullptr, nullptr);
}

void mongodb_server::wait_until_usable() {
  // Each ping waits for a server by itself; it fails at once only over a connection that a kill has broken.
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30}; !usable();)
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error("the server does not come back");
}

} // namespace troupe::contract
