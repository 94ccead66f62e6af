#include <troupe/deploy/host/process/commands.hpp>

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
#include <troupe/deploy/host/process/amqp.hpp>
#include <troupe/deploy/host/process/kafka.hpp>
#include <troupe/deploy/host/process/last_words.hpp>
#include <troupe/deploy/host/process/secrets.hpp>
#include <troupe/deploy/host/topology/columns.hpp>
#include <troupe/deploy/host/topology/topology_text.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::host {

namespace {

namespace json = boost::json;
constexpr auto patience = std::chrono::seconds{35}; // a little more than the administration gives its actors
constexpr std::uint32_t most_in_a_page = 1000;

// -- of a program that runs ---------------------------------------------------

struct http_request {
  http::method verb;
  std::string target;
  std::string body;
};

http_request as_request(const list_dead_letters& request) {
  return {http::method::get,
          "/dead-letters?source=" + percent_encoded(request.source) + "&after=" + std::to_string(request.after)
            + "&limit=" + std::to_string(request.limit),
          {}};
}

http_request as_request(const show_dead_letter& request) {
  return {http::method::get, "/dead-letters/" + std::to_string(request.number), {}};
}

http_request as_request(const redrive_dead_letters& request) {
  json::object body{{"limit", request.limit}};
  if (!request.source.empty())
    body["source"] = request.source;
  if (!request.numbers.empty())
    body["numbers"] = json::array(request.numbers.begin(), request.numbers.end());
  return {http::method::post, "/dead-letters/redrive", json::serialize(body)};
}

// The failure in a problem body.
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

expected<std::string> ask_running(const dead_letters_command& command, const program_location& program) {
  const auto request = std::visit([](const auto& wanted) { return as_request(wanted); }, command.request);
  const bool everywhere = program.admin.address == every_address || program.admin.address == "0.0.0.0";
  const http::endpoint admin{everywhere ? "127.0.0.1" : program.admin.address, program.admin.port};
  const auto token = program.admin_token.value_or(secret{});
  auto answer = http::call(admin, request.verb, request.target, request.body, patience, token);
  if (!answer)
    return failure{
      answer.error().code,
      (program.ask_first ? "no program answers on " : "the program that uses " + program.data + " does not answer on ")
        + to_string(admin) + ": " + answer.error().reason};
  if (answer->status != 200)
    return refusal_of(answer->body);
  return std::move(answer->body);
}

// -- of a folder that no program uses -----------------------------------------

template <class Answer, class Request>
expected<std::string> ask_actor(caf::scoped_actor& self, const dead_letters_actor& keeper, const Request& request) {
  expected<std::string> result = failure{errc::internal, "no answer"};
  ask(self.operator->(), keeper, patience, request)
    .receive([&](const Answer& answer) { result = http::to_json(answer); },
             [&](const caf::error& why) { result = to_failure(why); });
  return result;
}

expected<std::string> ask_keeper(const dead_letters_command& command, caf::actor_system& system,
                                 const dead_letters_actor& keeper) {
  caf::scoped_actor self{system};
  return std::visit(
    [&](const auto& request) {
      using kind = std::decay_t<decltype(request)>;
      if constexpr (std::is_same_v<kind, list_dead_letters>)
        return ask_actor<dead_letter_page>(self, keeper, request);
      else if constexpr (std::is_same_v<kind, show_dead_letter>)
        return ask_actor<numbered_dead_letter>(self, keeper, request);
      else
        return ask_actor<redriven>(self, keeper, request);
    },
    command.request);
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

// -- of servers, whether a program runs or not ----------------------------------

// Stands for a folder that is not there, so that a number means the same letter as in a program that runs.
dead_letters_actor::behavior_type no_letters(dead_letters_actor::pointer /*self*/) {
  return {[](const list_dead_letters&) { return dead_letter_page{}; },
          [](const show_dead_letter& request) -> caf::result<numbered_dead_letter> {
            return to_error({errc::not_found, "there is no dead letter " + std::to_string(request.number)});
          },
          [](const redrive_dead_letters&) { return redriven{}; }};
}

// The reason why a keeper does not answer, where its connection has it.
failure better_known(failure why, const std::vector<link_state_ptr>& links) {
  for (const auto& each : links)
    if (auto trouble = each->trouble(); trouble && (why.code == errc::deadline_exceeded || why.code == errc::unavailable))
      return std::move(*trouble);
  return why;
}

expected<std::string> ask_servers(const dead_letters_command& command, const program_location& program,
                                  const sqlite::database_ptr& database) {
  const bool asks = (program.kafka && asks_aws(*program.kafka)) || (program.amqp && asks_aws(*program.amqp));
  const outside_secrets secrets{asks ? keepers::aws_too : keepers::this_machine};
  auto& system = secrets.system();
  const auto named = [&system](const char* name) { return unsupervised(system, std::string{"dead-letters/"} + name); };
  std::vector<link_state_ptr> links;
  // In the order of a program that runs.
  std::vector<dead_letters_actor> all{database ? embedded::spawn_dead_letters(named("folder"), database)
                                               : system.spawn(no_letters)};
  if (program.kafka) {
    const auto to = connection_of(*program.kafka, access_of(*program.kafka, system, secrets.keeper()));
    links.push_back(to.state);
    all.push_back(kafka::spawn_dead_letters(named("kafka"), to, program.kafka_streams));
  }
  if (program.amqp) {
    const auto to = connection_of(*program.amqp, access_of(*program.amqp, system, secrets.keeper()));
    links.push_back(to.state);
    all.push_back(amqp::spawn_dead_letters(named("amqp"), to, program.amqp_queues));
  }
  all.push_back(actors::spawn_dead_letter_index(named("index"), all));
  auto result = ask_keeper(command, system, all.back());
  for (const auto& each : all)
    ask_to_end(each, caf::exit_reason::user_shutdown);
  return result ? std::move(result) : better_known(result.error(), links);
}

expected<std::string> fetch(const dead_letters_command& command, const program_location& program) {
  const bool by_servers = program.kafka || program.amqp;
  if (program.ask_first)
    return ask_running(command, program);
  if (!std::filesystem::exists(std::filesystem::path{program.data} / "troupe.sqlite")) {
    if (by_servers)
      return ask_servers(command, program, nullptr);
    return failure{errc::not_found, "there is no data in " + program.data};
  }
  auto database = sqlite::open({.folder = program.data});
  if (database)
    return by_servers ? ask_servers(command, program, *database) : ask_folder(command, *database);
  if (database.error().code == errc::locked)
    return ask_running(command, program);
  return database.error();
}

// -- for people ---------------------------------------------------------------

// Parts of a message must not control the terminal.
std::string text_of(const json::object& letter, std::string_view name) {
  const auto* value = letter.if_contains(name);
  if (value == nullptr)
    return {};
  return visible(value->is_string() ? std::string{value->get_string()} : json::serialize(*value));
}

/// How long ago it failed last, in its largest whole unit.
std::string age_of(const json::object& letter, timestamp now) {
  const auto failed = parse_timestamp(text_of(letter, "last_failure"));
  if (failed.has_error() || *failed == timestamp{}) // not known of what a broker set aside
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

struct listed_letter {
  std::string source;
  std::int64_t number = 0;
};

/// Those that are there now, one source after the other, the oldest of each first: one that fails again gets a new number,
/// and is not sent back twice.
expected<std::vector<listed_letter>> letters_of(dead_letters_command command, const program_location& program) {
  const auto asked = std::get<redrive_dead_letters>(command.request);
  std::vector<listed_letter> result;
  while (result.size() < asked.limit) {
    const auto left = asked.limit - static_cast<std::uint32_t>(result.size());
    command.request =
      list_dead_letters{asked.source, result.empty() ? 0 : result.back().number, std::min(left, most_in_a_page)};
    const auto page = fetch(command, program);
    if (page.has_error())
      return page.error();
    const auto answer = json::parse(*page).as_object();
    const auto& letters = answer.at("dead_letters").as_array();
    if (letters.empty())
      break;
    for (const auto& letter : letters)
      result.push_back({text_of(letter.as_object(), "source"), std::stoll(text_of(letter.as_object(), "number"))});
  }
  std::ranges::stable_sort(result, {}, &listed_letter::source);
  return result;
}

std::uint32_t count_in(const std::string& answer) {
  return json::parse(answer).at("redriven").to_number<std::uint32_t>();
}

/// Sends back those that are named.
expected<std::string> redrive_named(const dead_letters_command& command, const program_location& program) {
  const auto& numbers = std::get<redrive_dead_letters>(command.request).numbers;
  auto answer = fetch(command, program);
  if (!answer || count_in(*answer) >= numbers.size())
    return answer;
  const auto which = numbers.size() == 1 ? std::to_string(numbers.front()) : "of one or more of these numbers";
  return after_redriving({errc::not_found, "there is no dead letter " + which}, redriven{count_in(*answer)});
}

/// Sends back a part after the other, each of one source: a page, or what the rate allows since the part before began, a
/// second's worth at most. Each is durable at its source before it is removed, so that an interruption loses none.
expected<std::string> redrive_in_parts(dead_letters_command command, const program_location& program) {
  const auto letters = letters_of(command, program);
  if (letters.has_error())
    return letters.error();
  constexpr duration second = std::chrono::seconds{1};
  redriven total;
  std::optional<failure> lasting;
  auto allowed = command.rate == 0 ? most_in_a_page : 1U;
  for (auto next = letters->begin(); next != letters->end();) {
    redrive_dead_letters part;
    const auto source = next->source;
    const auto began = steady_now();
    for (; next != letters->end() && next->source == source && part.numbers.size() < allowed; ++next)
      part.numbers.push_back(next->number);
    command.request = part;
    const auto answer = fetch(command, program);
    if (answer) {
      total.count += count_in(*answer);
    } else if (answer.error().code == errc::not_found) { // its source is gone; others are not
      lasting = answer.error();
      next = std::find_if(next, letters->end(), [&](const listed_letter& each) { return each.source != source; });
    } else {
      return after_redriving(answer.error(), total);
    }
    if (command.rate == 0)
      continue;
    std::this_thread::sleep_until(began + second * part.numbers.size() / command.rate);
    allowed = std::max(1U, static_cast<std::uint32_t>(std::min(steady_now() - began, second) * command.rate / second));
  }
  return lasting ? expected<std::string>{after_redriving(*lasting, total)} : http::to_json(total);
}

expected<std::string> outcome_of(const dead_letters_command& command, const program_location& program) {
  const auto* const redrive = std::get_if<redrive_dead_letters>(&command.request);
  if (redrive != nullptr && !redrive->numbers.empty())
    return redrive_named(command, program);
  // A request sends back at most a page, and a second one would send what has failed again meanwhile.
  if (redrive != nullptr && (command.rate != 0 || redrive->limit > most_in_a_page))
    return redrive_in_parts(command, program);
  return fetch(command, program);
}

} // namespace

exit_code dead_letters(const dead_letters_command& command, const program_location& program, std::ostream& out,
                       std::ostream& err) {
  const auto answer = outcome_of(command, program);
  if (!answer) {
    err << program_name() << ": " << visible(to_string(answer.error())) << '\n';
    return exit_code::failed;
  }
  print(command, *answer, out);
  return exit_code::orderly;
}

} // namespace troupe::host
