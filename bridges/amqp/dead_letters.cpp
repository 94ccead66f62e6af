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
    const std::set<std::int64_t> numbers{request.numbers.begin(), request.numbers.end()};
    const auto limit = std::min(numbers.empty() ? request.limit : static_cast<std::uint32_t>(numbers.size()), most_letters);
    redriven all;
    for (const auto& each : queues_) {
      if (all.count == limit || (!request.source.empty() && request.source != each))
        continue;
      auto some = redrive_queue(each, numbers, limit - all.count, until);
      if (some.has_error())
        return all.count > 0 ? expected<redriven>{all} : some.error();
      all.count += *some;
    }
    return all;
  }

  /// Those of the numbers that are in the queue; without any the oldest.
  expected<std::uint32_t> redrive_queue(const std::string& queue, const std::set<std::int64_t>& numbers, std::uint32_t limit,
                                        instant until) {
    auto reader = dead_letter_reader::open(to_, queue);
    if (reader.has_error())
      return reader.error();
    if (!*reader)
      return 0U;
    std::vector<dead_letter_reader::found> chosen;
    const auto choose = [&](dead_letter_reader::found each) {
      if (numbers.empty() || numbers.contains(number_of(each.letter)))
        chosen.push_back(std::move(each));
      return chosen.size() < limit ? next::go_on : next::stop;
    };
    if (auto done = (*reader)->look(until, choose); done.has_error())
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
