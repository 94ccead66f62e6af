#include <troupe/bridges/kafka/dead_letters.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <troupe/bridges/kafka/client_watch.hpp>
#include <troupe/bridges/kafka/dead_letter_reader.hpp>
#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/letter_number.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>
#include <troupe/bridges/kafka/transactor.hpp>
#include <troupe/bridges/outbound/redrive_spans.hpp>

namespace troupe::kafka {

namespace {

constexpr std::uint32_t most_letters = 1000;
constexpr auto longest_request = std::chrono::seconds{20};

using letters_by_number = std::map<std::int64_t, dead_letter>;
using letter_positions = std::set<letter_position>;            // of one topic
using marks = std::set<std::pair<std::int32_t, std::int64_t>>; // partitions and offsets of letters that were sent back

std::optional<letter_position> redriven_by(const record_view& record) {
  for (const auto& each : record.headers)
    if (each.name == redriven_header && each.value)
      return parse_redriven(*each.value);
  return std::nullopt;
}

// A topic limits the compressed bytes of a record: a message that was compressed must be compressed again.
property_list redrive_properties(const std::string& topic) {
  return {{"transactional.id", "troupe-redrive-" + topic}, {"partitioner", "murmur2_random"}, {"compression.codec", "gzip"}};
}

failure redrive_failure(const failure& why) {
  return why.code == errc::conflict ? failure{errc::conflict, "another redrive of the same topic has started"} : why;
}

// Each message goes to its original partition, which is its key's under any partitioner, and a mark to the dead letters.
std::vector<transaction_record> records_of(const std::string& topic, std::int32_t partitions, letters_by_number letters) {
  std::vector<transaction_record> result;
  for (auto& [number, letter] : letters) {
    message sent_back;
    sent_back.headers.push_back({std::string{redriven_header}, redriven_text(*letter_position_of(number))});
    auto& back = result.emplace_back(transaction_record{topic, std::move(letter.content), letter.from});
    if (letter.from.source == topic && letter.from.partition >= 0 && letter.from.partition < partitions)
      back.partition = letter.from.partition;
    result.push_back({dead_letter_topic(topic), std::move(sent_back), letter.from});
  }
  return result;
}

class dead_letters_state {
public:
  dead_letters_state(dead_letters_actor::pointer /*self*/, connection to, std::vector<std::string> topics,
                     const spawn_context& context)
    : to_(std::move(to)),
      topics_(std::move(topics)),
      watcher_(context.watcher),
      service_(context.service()),
      watch_(context, to_.state, "dead-letters", {}) {
    to_.statistics = duration::zero();
    std::sort(topics_.begin(), topics_.end());
    topics_.resize(std::min(topics_.size(), most_letter_topics));
  }

  dead_letters_actor::behavior_type make_behavior() {
    return {[this](const list_dead_letters& request) { return answer(list(request)); },
            [this](const show_dead_letter& request) { return answer(show(request)); },
            [this](const redrive_dead_letters& request) { return answer(redrive(request)); }};
  }

private:
  template <class T>
  static caf::result<T> answer(expected<T> outcome) {
    if (outcome.has_error())
      return to_error(outcome.error());
    return std::move(*outcome);
  }

  expected<dead_letter_page> list(const list_dead_letters& request) {
    const auto until = steady_now() + longest_request;
    const auto limit = std::min(request.limit, most_letters);
    auto found = read(request.source, request.after, limit, until);
    if (found.has_error())
      return found.error();
    dead_letter_page page;
    for (auto& [number, letter] : *found)
      page.letters.push_back({number, std::move(letter)});
    page.more = page.letters.size() >= limit;
    return page;
  }

  expected<numbered_dead_letter> show(const show_dead_letter& request) {
    const auto until = steady_now() + longest_request;
    const auto where = letter_position_of(request.number);
    if (!where || where->topic >= topics_.size())
      return no_such(request.number);
    auto found = read_these({*where}, until);
    if (found.has_error())
      return found.error();
    if (found->empty())
      return no_such(request.number);
    return numbered_dead_letter{request.number, std::move(found->begin()->second)};
  }

  expected<redriven> redrive(const redrive_dead_letters& request) {
    const auto until = steady_now() + longest_request;
    std::map<std::size_t, letter_positions> wanted; // by topic
    for (const auto number : request.numbers)
      if (const auto where = letter_position_of(number))
        wanted[where->topic].insert(*where);
    const bool are_named = !request.numbers.empty();
    const auto limit = are_named ? std::numeric_limits<std::uint32_t>::max() : std::min(request.limit, most_letters);
    redriven all;
    for (std::size_t topic = 0; topic < topics_.size(); ++topic) {
      const bool is_chosen = are_named ? wanted.contains(topic) : request.source.empty() || request.source == topics_[topic];
      if (!is_chosen || all.count >= limit)
        continue;
      auto some = redrive_topic(topic, wanted[topic], limit - all.count, until);
      if (some.has_error())
        return all.count > 0 && !are_named ? expected<redriven>{all} : after_redriving(some.error(), all);
      all.count += some->count;
    }
    return all;
  }

  // Those that are wanted, or the oldest. Other redrives are fenced before anything is read.
  expected<redriven> redrive_topic(std::size_t topic, const letter_positions& wanted, std::uint32_t limit, instant until) {
    const auto where = to_.where(freshness::cached);
    if (where.has_error())
      return where.error();
    auto sender = transactor::make(to_, *where, redrive_properties(topics_[topic]), watch_);
    if (sender.has_error())
      return sender.error();
    if (const auto begun = sender->begin(until - steady_now()); begun.has_error())
      return redrive_failure(begun.error());
    auto found = wanted.empty() ? read(topics_[topic], 0, limit, until) : read_these(wanted, until);
    if (found.has_error())
      return found.error();
    if (found->empty())
      return redriven{};
    const auto partitions = partitions_of(sender->client(), topics_[topic], until);
    if (partitions.has_error())
      return partitions.error();
    if (*partitions == 0)
      return to_failure(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, topics_[topic]);
    const auto count = static_cast<std::uint32_t>(found->size());
    outbound::redrive_spans spans{watcher_, "kafka", service_};
    for (const auto& [position, letter] : *found)
      spans.begin(topics_[topic], letter.content.id, letter.content.trace);
    if (const auto failed =
          sender->carry_out(records_of(topics_[topic], *partitions, std::move(*found)), {}, until - steady_now())) {
      spans.fail(failed->why);
      return redrive_failure(failed->why);
    }
    return redriven{count};
  }

  expected<dead_letter_reader> reader() {
    const auto where = to_.where(freshness::cached);
    if (where.has_error())
      return where.error();
    return dead_letter_reader::connect(to_, *where, watch_);
  }

  expected<letters_by_number> read(const std::string& source, std::int64_t after, std::uint32_t limit, instant until) {
    auto from = reader();
    if (from.has_error())
      return from.error();
    letters_by_number result;
    for (std::size_t topic = 0; topic < topics_.size(); ++topic)
      if (source.empty() || source == topics_[topic])
        if (auto done = read_topic(*from, topic, after, limit, until, result); done.has_error())
          return done.error();
    while (result.size() > limit)
      result.erase(std::prev(result.end()));
    return result;
  }

  expected<void> read_topic(dead_letter_reader& from, std::size_t topic, std::int64_t after, std::uint32_t limit,
                            instant until, letters_by_number& into) {
    const auto name = dead_letter_topic(topics_[topic]);
    const auto partitions = from.partitions(name, until);
    if (partitions.has_error())
      return partitions.error();
    const auto gone = read_marks(from, name, *partitions, until);
    if (gone.has_error())
      return gone.error();
    for (std::int32_t partition = 0; partition < std::min(*partitions, most_letter_partitions); ++partition) {
      std::uint32_t taken = 0;
      const auto take = [&](const record_view& record) {
        const auto number = number_of({topic, partition, record.offset});
        if (number && *number > after && !gone->contains({partition, record.offset}))
          if (auto letter = dead_letter_from_headers(decode(name, record)); letter.has_value()) {
            into.emplace(*number, std::move(*letter));
            ++taken;
          }
        return taken < limit ? dead_letter_reader::next::go_on : dead_letter_reader::next::stop;
      };
      if (auto done = from.read(name, partition, 0, until, take); done.has_error())
        return done;
    }
    return {};
  }

  static expected<marks> read_marks(dead_letter_reader& from, const std::string& name, std::int32_t partitions,
                                    instant until) {
    marks result;
    const auto note = [&result](const record_view& record) {
      if (const auto where = redriven_by(record))
        result.emplace(where->partition, where->offset);
      return dead_letter_reader::next::go_on;
    };
    for (std::int32_t partition = 0; partition < partitions; ++partition)
      if (auto done = from.read(name, partition, 0, until, note); done.has_error())
        return done.error();
    return result;
  }

  /// Those of one topic's letters that are there.
  expected<letters_by_number> read_these(const letter_positions& wanted, instant until) {
    auto from = reader();
    if (from.has_error())
      return from.error();
    const auto name = dead_letter_topic(topics_[wanted.begin()->topic]);
    const auto partitions = from->partitions(name, until);
    if (partitions.has_error())
      return partitions.error();
    const auto gone = read_marks(*from, name, *partitions, until);
    if (gone.has_error())
      return gone.error();
    letters_by_number result;
    for (auto first = wanted.begin(); first != wanted.end() && first->partition < *partitions;) {
      const auto end = wanted.upper_bound({first->topic, first->partition, std::numeric_limits<std::int64_t>::max()});
      const auto last = std::prev(end)->offset;
      const auto take = [&](const record_view& record) {
        const letter_position at{first->topic, first->partition, record.offset};
        if (wanted.contains(at) && !gone->contains({at.partition, at.offset}))
          if (auto letter = dead_letter_from_headers(decode(name, record)); letter.has_value())
            result.emplace(*number_of(at), std::move(*letter));
        return record.offset < last ? dead_letter_reader::next::go_on : dead_letter_reader::next::stop;
      };
      if (auto done = from->read(name, first->partition, first->offset, until, take); done.has_error())
        return done.error();
      first = end;
    }
    return result;
  }

  static failure no_such(std::int64_t number) {
    return {errc::not_found, "there is no dead letter " + std::to_string(number)};
  }

  connection to_;
  std::vector<std::string> topics_;
  const observer_ptr watcher_;
  const std::string service_;
  client_watch watch_;
};

} // namespace

dead_letters_actor spawn_dead_letters(const spawn_context& context, connection to, std::vector<std::string> topics) {
  return context.system.spawn<supervised_actor<dead_letters_actor, dead_letters_state>, caf::detached>(
    context.path, context.vitals, std::move(to), std::move(topics), context);
}

} // namespace troupe::kafka
