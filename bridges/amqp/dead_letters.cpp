#include <troupe/bridges/amqp/dead_letters.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <troupe/bridges/amqp/dead_letter_reader.hpp>
#include <troupe/bridges/amqp/letter.hpp>
#include <troupe/bridges/outbound/redrive_spans.hpp>

namespace troupe::amqp {

namespace {

constexpr std::uint32_t most_letters = 1000;
// The queue has the order in which letters were set aside; their numbers have that of the failures, which were earlier.
constexpr std::uint32_t read_behind = 500;
constexpr auto longest_request = std::chrono::seconds{20};
constexpr auto time_to_send = std::chrono::seconds{5}; // of it, what a redrive has found

instant end_of_request() noexcept {
  return steady_now() + longest_request;
}

class dead_letters_state {
public:
  dead_letters_state(dead_letters_actor::pointer /*self*/, connection to, std::vector<std::string> queues,
                     const spawn_context& context)
    : to_(std::move(to)), queues_(std::move(queues)), watcher_(context.watcher), service_(context.service()) {}

  dead_letters_actor::behavior_type make_behavior() {
    return {[this](const list_dead_letters& request) { return answer(list(request)); },
            [this](const show_dead_letter& request) { return answer(show(request)); },
            [this](const redrive_dead_letters& request) { return answer(redrive(request)); }};
  }

private:
  using next = dead_letter_reader::next;

  template <class T>
  static caf::result<T> answer(expected<T> outcome) {
    if (outcome.has_error())
      return to_error(outcome.error());
    return std::move(*outcome);
  }

  expected<dead_letter_page> list(const list_dead_letters& request) {
    const auto until = end_of_request();
    const auto limit = std::min(request.limit, most_letters);
    dead_letter_page page;
    std::multimap<std::int64_t, dead_letter> found;
    std::uint32_t behind = 0; // letters in a row whose position is behind the page
    const auto take = [&](dead_letter_reader::found each) {
      const auto number = number_of(each.letter);
      const bool is_timed = each.letter.last_failure != timestamp{};
      const bool is_behind = is_timed && found.size() == limit && (found.empty() || number >= found.rbegin()->first);
      behind = is_behind ? behind + 1 : 0;
      if (number > request.after)
        found.emplace(number, std::move(each.letter));
      if (found.size() > limit) {
        found.erase(std::prev(found.end()));
        page.more = true;
      }
      return behind < read_behind ? next::go_on : next::stop;
    };
    for (const auto& each : queues_) {
      behind = 0;
      if (request.source.empty() || request.source == each)
        if (auto done = look(each, until, take); done.has_error())
          return done.error();
    }
    for (auto& [number, letter] : found)
      page.letters.push_back({number, std::move(letter)});
    return page;
  }

  expected<numbered_dead_letter> show(const show_dead_letter& request) {
    const auto until = end_of_request();
    std::optional<dead_letter> found;
    const auto take = [&](dead_letter_reader::found each) {
      if (number_of(each.letter) != request.number)
        return next::go_on;
      found = std::move(each.letter);
      return next::stop;
    };
    for (const auto& each : queues_)
      if (!found)
        if (auto done = look(each, until, take); done.has_error())
          return done.error();
    if (!found)
      return no_such(request.number);
    return numbered_dead_letter{request.number, std::move(*found)};
  }

  expected<redriven> redrive(const redrive_dead_letters& request) {
    const auto until = end_of_request();
    const bool are_named = !request.numbers.empty();
    std::multiset<std::int64_t> wanted{request.numbers.begin(), request.numbers.end()};
    redriven all;
    for (const auto& each : queues_) {
      const auto left = std::min(request.limit, most_letters) - std::min(all.count, most_letters);
      if (are_named ? wanted.empty() : left == 0 || (!request.source.empty() && request.source != each))
        continue;
      auto some = are_named ? redrive_named(each, wanted, until) : redrive_oldest(each, left, until);
      if (some.has_error())
        return all.count > 0 && !are_named ? expected<redriven>{all} : after_redriving(some.error(), all);
      all.count += *some;
    }
    return all;
  }

  expected<std::uint32_t> redrive_oldest(const std::string& queue, std::uint32_t limit, instant until) {
    std::uint32_t chosen = 0;
    return redrive_queue(queue, until, [&](const dead_letter&) {
      ++chosen;
      return choice{true, chosen < limit ? next::go_on : next::stop};
    });
  }

  /// Takes those that it finds out of `wanted`. Two letters may have one number.
  expected<std::uint32_t> redrive_named(const std::string& queue, std::multiset<std::int64_t>& wanted, instant until) {
    return redrive_queue(queue, until, [&](const dead_letter& letter) {
      const auto found = wanted.find(number_of(letter));
      const bool is_wanted = found != wanted.end();
      if (is_wanted)
        wanted.erase(found);
      return choice{is_wanted, wanted.empty() ? next::stop : next::go_on};
    });
  }

  struct choice {
    bool is_wanted;
    next then;
  };

  // What was chosen until the time to look is over goes back.
  expected<std::uint32_t> redrive_queue(const std::string& queue, instant until,
                                        const std::function<choice(const dead_letter&)>& choose) {
    auto reader = dead_letter_reader::open(to_, queue);
    if (reader.has_error())
      return reader.error();
    if (!*reader)
      return 0U;
    std::vector<dead_letter_reader::found> chosen;
    const auto take = [&](dead_letter_reader::found each) {
      const auto [is_wanted, then] = choose(each.letter);
      if (is_wanted)
        chosen.push_back(std::move(each));
      return then;
    };
    if (auto done = (*reader)->look(until - time_to_send, take); done.has_error())
      if (chosen.empty() || done.error().code != errc::deadline_exceeded)
        return done.error();
    outbound::redrive_spans spans{watcher_, "rabbitmq", service_};
    for (const auto& each : chosen)
      spans.begin(queue, each.letter.content.id, each.letter.content.trace);
    auto sent = (*reader)->send_back(chosen, until);
    if (sent.has_error())
      spans.fail(sent.error());
    return sent;
  }

  expected<void> look(const std::string& queue, instant until, const std::function<next(dead_letter_reader::found)>& show) {
    auto reader = dead_letter_reader::open(to_, queue);
    if (reader.has_error())
      return reader.error();
    if (!*reader)
      return {};
    return (*reader)->look(until, show);
  }

  static failure no_such(std::int64_t number) {
    return {errc::not_found, "there is no dead letter " + std::to_string(number)};
  }

  connection to_;
  std::vector<std::string> queues_;
  const observer_ptr watcher_;
  const std::string service_;
};

} // namespace

dead_letters_actor spawn_dead_letters(const spawn_context& context, connection to, std::vector<std::string> queues) {
  return context.system.spawn<supervised_actor<dead_letters_actor, dead_letters_state>, caf::detached>(
    context.path, context.vitals, std::move(to), std::move(queues), context);
}

} // namespace troupe::amqp
