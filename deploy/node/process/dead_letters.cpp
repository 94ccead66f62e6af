#include <troupe/deploy/node/process/dead_letters.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <boost/json.hpp>

#include <troupe/actors/dead_letter_index.hpp>
#include <troupe/bridges/amqp/dead_letters.hpp>
#include <troupe/bridges/embedded/dead_letters.hpp>
#include <troupe/bridges/http/client.hpp>
#include <troupe/bridges/http/dead_letter_codec.hpp>
#include <troupe/bridges/kafka/dead_letters.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/deploy/node/process/amqp.hpp>
#include <troupe/deploy/node/process/columns.hpp>
#include <troupe/deploy/node/process/kafka.hpp>
#include <troupe/deploy/node/process/secrets.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::node {

namespace {

namespace json = boost::json;
constexpr auto patience = std::chrono::seconds{35}; // a little more than the administration gives its actors
constexpr std::uint32_t most_in_a_page = 1000;

std::string escaped(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const auto one : text) {
    const auto byte = static_cast<unsigned char>(one);
    if (std::isalnum(byte) != 0 || one == '-' || one == '_' || one == '.') {
      result += one;
    } else {
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 15U];
    }
  }
  return result;
}

// -- of a program that runs ---------------------------------------------------

struct http_request {
  http::method verb;
  std::string target;
  std::string body;
};

http_request as_request(const list_dead_letters& what) {
  return {http::method::get,
          "/dead-letters?source=" + escaped(what.source) + "&after=" + std::to_string(what.after)
            + "&limit=" + std::to_string(what.limit),
          {}};
}

http_request as_request(const show_dead_letter& what) {
  return {http::method::get, "/dead-letters/" + std::to_string(what.number), {}};
}

http_request as_request(const redrive_dead_letters& what) {
  json::object body{{"limit", what.limit}};
  if (!what.source.empty())
    body["source"] = what.source;
  if (what.number)
    body["number"] = *what.number;
  return {http::method::post, "/dead-letters/redrive", json::serialize(body)};
}

// What a problem body says.
failure refusal_of(const std::string& body) {
  boost::system::error_code ignored;
  const auto problem = json::parse(body, ignored);
  const auto text = [&](const char* name) {
    const auto* const member = problem.is_object() ? problem.get_object().if_contains(name) : nullptr;
    return member != nullptr && member->is_string() ? std::string{member->get_string()} : std::string{};
  };
  const auto detail = text("detail");
  return {errc_from_string(text("code")), detail.empty() ? body : detail};
}

expected<std::string> ask_running(const dead_letters_command& command, const whereabouts& where) {
  const auto request = std::visit([](const auto& what) { return as_request(what); }, command.what);
  const bool everywhere = where.admin.address == every_address || where.admin.address == "0.0.0.0";
  const http::endpoint admin{everywhere ? "127.0.0.1" : where.admin.address, where.admin.port};
  const auto token = where.admin_token.value_or(secret{});
  auto answer = http::call(admin, request.verb, request.target, request.body, patience, token);
  if (!answer)
    return failure{answer.error().code, (where.ask_first ? "no program answers on "
                                                         : "the program that has " + where.data + " does not answer on ")
                                          + to_string(admin) + ": " + answer.error().reason};
  if (answer->status != 200)
    return refusal_of(answer->body);
  return std::move(answer->body);
}

// -- of a folder that nobody has ----------------------------------------------

template <class Answer, class Request>
expected<std::string> ask_actor(caf::scoped_actor& self, const dead_letters_actor& keeper, const Request& what) {
  expected<std::string> result = failure{errc::internal, "no answer"};
  ask(self.operator->(), keeper, patience, what)
    .receive([&](const Answer& answer) { result = http::to_json(answer); },
             [&](const caf::error& why) { result = to_failure(why); });
  return result;
}

expected<std::string> ask_keeper(const dead_letters_command& command, caf::actor_system& system,
                                 const dead_letters_actor& keeper) {
  caf::scoped_actor self{system};
  return std::visit(
    [&](const auto& what) {
      using request = std::decay_t<decltype(what)>;
      if constexpr (std::is_same_v<request, list_dead_letters>)
        return ask_actor<dead_letter_page>(self, keeper, what);
      else if constexpr (std::is_same_v<request, show_dead_letter>)
        return ask_actor<numbered_dead_letter>(self, keeper, what);
      else
        return ask_actor<redriven>(self, keeper, what);
    },
    command.what);
}

expected<std::string> ask_folder(const dead_letters_command& command, const sqlite::database_ptr& database) {
  caf::actor_system_config config;
  config.set("caf.scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  const auto keeper = embedded::spawn_dead_letters(unsupervised(system, "dead-letters/keeper"), database);
  auto result = ask_keeper(command, system, keeper);
  ask_to_end(keeper, caf::exit_reason::user_shutdown);
  return result;
}

// -- of servers, whoever runs ---------------------------------------------------

// In place of a folder that is not there, so that a number means the same letter as in a program that runs.
dead_letters_actor::behavior_type no_letters(dead_letters_actor::pointer /*self*/) {
  return {[](const list_dead_letters&) { return dead_letter_page{}; },
          [](const show_dead_letter& what) -> caf::result<numbered_dead_letter> {
            return to_error({errc::not_found, "there is no dead letter " + std::to_string(what.number)});
          },
          [](const redrive_dead_letters&) { return redriven{}; }};
}

// What tells why a keeper does not answer.
failure better_known(failure why, const std::vector<link_state_ptr>& links) {
  for (const auto& each : links)
    if (auto trouble = each->trouble(); trouble && why.code == errc::deadline_exceeded)
      return std::move(*trouble);
  return why;
}

expected<std::string> ask_servers(const dead_letters_command& command, const whereabouts& where,
                                  const sqlite::database_ptr& database) {
  const bool asks = (where.kafka && asks_aws(*where.kafka)) || (where.amqp && asks_aws(*where.amqp));
  const outside_secrets secrets{asks ? keepers::aws_too : keepers::this_machine};
  auto& system = secrets.system();
  const auto named = [&system](const char* name) { return unsupervised(system, std::string{"dead-letters/"} + name); };
  std::vector<link_state_ptr> links;
  // In the order of a program that runs.
  std::vector<dead_letters_actor> all{database ? embedded::spawn_dead_letters(named("folder"), database)
                                               : system.spawn(no_letters)};
  if (where.kafka) {
    const auto to = connection_of(*where.kafka, access_of(*where.kafka, system, secrets.keeper()));
    links.push_back(to.state);
    all.push_back(kafka::spawn_dead_letters(named("kafka"), to, where.kafka_streams));
  }
  if (where.amqp) {
    const auto to = connection_of(*where.amqp, access_of(*where.amqp, system, secrets.keeper()));
    links.push_back(to.state);
    all.push_back(amqp::spawn_dead_letters(named("amqp"), to, where.amqp_queues));
  }
  all.push_back(actors::spawn_dead_letter_index(named("index"), all));
  auto result = ask_keeper(command, system, all.back());
  for (const auto& each : all)
    ask_to_end(each, caf::exit_reason::user_shutdown);
  return result ? std::move(result) : better_known(result.error(), links);
}

expected<std::string> fetch(const dead_letters_command& command, const whereabouts& where) {
  const bool by_servers = where.kafka || where.amqp;
  if (where.ask_first)
    return ask_running(command, where);
  if (!std::filesystem::exists(std::filesystem::path{where.data} / "troupe.sqlite")) {
    if (by_servers)
      return ask_servers(command, where, nullptr);
    return failure{errc::not_found, "there is no data in " + where.data};
  }
  auto database = sqlite::open({.folder = where.data});
  if (database)
    return by_servers ? ask_servers(command, where, *database) : ask_folder(command, *database);
  if (database.error().code == errc::locked)
    return ask_running(command, where);
  return database.error();
}

// -- for people ---------------------------------------------------------------

// What a message brought must neither steer the terminal nor pass for something else.
std::string text_of(const json::object& letter, std::string_view name) {
  const auto* value = letter.if_contains(name);
  if (value == nullptr)
    return {};
  return visible(value->is_string() ? std::string{value->get_string()} : json::serialize(*value));
}

/// How long ago it failed last, in its largest whole unit.
std::string age_of(const json::object& letter, timestamp now) {
  const auto failed = parse_timestamp(text_of(letter, "last_failure"));
  if (failed.has_error() || *failed == timestamp{}) // what a broker set aside does not tell
    return "unknown";
  const auto age = std::chrono::floor<std::chrono::seconds>(std::max(now - *failed, duration::zero()));
  const auto in = [age](auto unit) { return std::to_string(age / unit); };
  if (age < std::chrono::minutes{1})
    return in(std::chrono::seconds{1}) + 's';
  if (age < std::chrono::hours{1})
    return in(std::chrono::minutes{1}) + 'm';
  return age < std::chrono::days{1} ? in(std::chrono::hours{1}) + 'h' : in(std::chrono::days{1}) + 'd';
}

void print_table(const json::array& letters, std::ostream& out) {
  if (letters.empty()) {
    out << "no dead letters\n";
    return;
  }
  const std::vector<std::string> columns{"number", "source", "error", "attempts", "age", "id", "reason"};
  const auto now = system_now();
  std::vector<std::vector<std::string>> rows{columns};
  for (const auto& letter : letters) {
    auto& row = rows.emplace_back();
    for (const auto& column : columns)
      row.push_back(column == "age" ? age_of(letter.as_object(), now) : text_of(letter.as_object(), column));
  }
  print_columns(rows, out);
}

void print_fields(const json::object& letter, std::ostream& out) {
  for (const auto& [name, value] : letter)
    out << visible(name) << ": " << text_of(letter, name) << '\n';
}

void print(const dead_letters_command& command, const std::string& text, std::ostream& out) {
  const auto answer = json::parse(text).as_object();
  const auto* letters = answer.if_contains("dead_letters");
  if (letters == nullptr) {
    if (command.form == output_form::json)
      out << visible_json(text) << '\n';
    else
      print_fields(answer, out);
    return;
  }
  if (command.form == output_form::table) {
    print_table(letters->as_array(), out);
    return;
  }
  for (const auto& letter : letters->as_array())
    out << visible_json(json::serialize(letter)) << '\n';
}

/// The numbers of those that are there now, the oldest first: what fails again gets another one, and is not sent back twice.
expected<std::vector<std::int64_t>> numbers_of(dead_letters_command command, const whereabouts& where) {
  const auto asked = std::get<redrive_dead_letters>(command.what);
  std::vector<std::int64_t> result;
  while (result.size() < asked.limit) {
    const auto left = asked.limit - static_cast<std::uint32_t>(result.size());
    command.what = list_dead_letters{asked.source, result.empty() ? 0 : result.back(), std::min(left, most_in_a_page)};
    const auto page = fetch(command, where);
    if (page.has_error())
      return page.error();
    const auto answer = json::parse(*page).as_object();
    const auto& letters = answer.at("dead_letters").as_array();
    if (letters.empty())
      break;
    for (const auto& letter : letters)
      result.push_back(letter.as_object().at("number").to_number<std::int64_t>());
  }
  return result;
}

/// Sends back one after the other, at the rate where there is one. Each is durable at its source before it is taken away, so
/// that an interruption loses none.
expected<std::string> redrive_singly(dead_letters_command command, const whereabouts& where) {
  const auto numbers = numbers_of(command, where);
  if (numbers.has_error())
    return numbers.error();
  const auto began = steady_now();
  std::uint32_t total = 0;
  for (const auto number : *numbers) {
    command.what = redrive_dead_letters{{}, number, 1};
    const auto answer = fetch(command, where);
    if (answer.has_error() && answer.error().code != errc::not_found) // somebody else sent it back
      return failure{answer.error().code, answer.error().reason + "; " + std::to_string(total) + " went back"};
    total += answer.has_error() ? 0 : 1;
    if (command.rate != 0)
      std::this_thread::sleep_until(began + std::chrono::microseconds{std::uint64_t{1'000'000} * total / command.rate});
  }
  return http::to_json(redriven{total});
}

} // namespace

exit_code dead_letters(const dead_letters_command& what, const whereabouts& where, std::ostream& out, std::ostream& err) {
  const auto* const redrive = std::get_if<redrive_dead_letters>(&what.what);
  // One request sends back no more than a page, and a second one would send what has failed again meanwhile.
  const bool singly = redrive != nullptr && !redrive->number && (what.rate != 0 || redrive->limit > most_in_a_page);
  const auto answer = singly ? redrive_singly(what, where) : fetch(what, where);
  if (!answer) {
    err << "troupe: " << visible(to_string(answer.error())) << '\n';
    return exit_code::failed;
  }
  print(what, *answer, out);
  return exit_code::orderly;
}

} // namespace troupe::node
