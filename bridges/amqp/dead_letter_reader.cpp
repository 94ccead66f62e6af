#include <troupe/bridges/amqp/dead_letter_reader.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <poll.h>

#include <troupe/bridges/amqp/confirm_window.hpp>
#include <troupe/bridges/amqp/letter.hpp>

namespace troupe::amqp {

namespace {

constexpr std::int64_t longest_rest_ms = 100;
constexpr auto longest_return = std::chrono::seconds{10};

} // namespace

dead_letter_reader::dead_letter_reader(session made, std::string queue)
  : session_(std::move(made)), queue_(std::move(queue)) {}

dead_letter_reader::~dead_letter_reader() {
  put_back_counted();
  if (session_.give_back().has_value())
    session_.close();
}

expected<std::unique_ptr<dead_letter_reader>> dead_letter_reader::open(const connection& to, const std::string& queue) {
  auto made = session::open_any(to);
  if (made.has_error())
    return made.error();
  if (auto there = made->expect_queue(dead_letter_queue_name(queue)); there.has_error())
    return there.error().code == errc::not_found ? expected<std::unique_ptr<dead_letter_reader>>{nullptr} : there.error();
  if (auto fine = made->confirm_publishes(); fine.has_error())
    return fine.error();
  return std::unique_ptr<dead_letter_reader>{new dead_letter_reader{std::move(*made), queue}};
}

expected<session_event> dead_letter_reader::wait(instant until) {
  for (;;) {
    auto event = session_.next();
    if (event.has_error())
      return event.error();
    if (*event)
      return std::move(**event);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
    if (left <= 0)
      return failure{errc::deadline_exceeded, "not all of the dead letters of " + queue_ + " could be read in time"};
    pollfd one{session_.socket(), POLLIN, 0};
    ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, longest_rest_ms)));
  }
}

expected<void> dead_letter_reader::look(instant until, const std::function<next(found)>& show) {
  for (auto then = next::go_on; then == next::go_on;) {
    if (auto asked = session_.pull(dead_letter_queue_name(queue_)); asked.has_error())
      return asked;
    auto event = wait(until);
    if (event.has_error())
      return event.error();
    auto* const one = std::get_if<arrival>(&*event);
    if (one == nullptr)
      return {}; // the queue is empty
    if (one->delivery_count > 0)
      counted_.emplace(one->tag, one->content);
    then = show({one->tag, letter_of(std::move(*one), queue_)});
  }
  return {};
}

expected<std::uint32_t> dead_letter_reader::send_back(const std::vector<found>& letters, instant until) {
  std::vector<move> chosen;
  chosen.reserve(letters.size());
  for (const auto& each : letters)
    chosen.push_back({each.tag, &each.letter.content});
  return move_all(chosen, queue_, publication::onward, until);
}

// Few at a time, each followed by a synchronous request: a quorum queue accepts some thirty acknowledgements of pulled
// messages, keeps the others in the channel, and drops them when the channel is closed.
expected<std::uint32_t> dead_letter_reader::move_all(const std::vector<move>& moves, const std::string& to, publication as,
                                                     instant until) {
  std::uint32_t gone = 0;
  for (std::span<const move> left{moves}; !left.empty();) {
    const auto some = left.first(std::min(moved_together, left.size()));
    const auto moved = move_some(some, to, as, until);
    if (moved.has_error())
      return gone > 0 ? expected<std::uint32_t>{gone} : moved;
    gone += *moved;
    if (*moved < some.size())
      break;
    if (const auto heard = session_.expect_queue(dead_letter_queue_name(queue_)); heard.has_error())
      break;
    left = left.subspan(some.size());
  }
  return gone;
}

expected<std::uint32_t> dead_letter_reader::move_some(std::span<const move> moves, const std::string& to, publication as,
                                                      instant until) {
  confirm_window<move> sent;
  const auto before = published_;
  std::uint32_t gone = 0;
  failure why{errc::none, {}};
  for (const auto& each : moves) {
    const auto done = session_.publish({}, to, *each.content, encode_headers(*each.content), as);
    if (done.has_error())
      return done.error();
    sent.sent(each);
    ++published_;
  }
  // Every outcome is awaited: a letter whose message arrived and that is not removed here would exist twice.
  while (sent.size() > 0) {
    auto event = wait(until);
    if (event.has_error()) {
      why = event.error();
      break;
    }
    if (const auto* back = std::get_if<returned_message>(&*event)) {
      const auto same = [back](const move& one) { return one.content->payload == back->content.payload; };
      sent.returned(same, back->why);
    } else if (const auto* answer = std::get_if<confirm>(&*event)) {
      std::optional<failure> refused;
      if (!answer->accepted)
        refused = failure{errc::throttled, "the queue " + to + " refuses the message"};
      if (answer->number <= before)
        continue;
      sent.confirmed(answer->number - before, answer->how, refused, [&](const move& one, const failure& outcome) {
        if (outcome.code != errc::none) {
          why = outcome;
        } else if (session_.acknowledge({one.tag, reach::one}).has_value()) {
          counted_.erase(one.tag);
          ++gone;
        }
      });
    }
  }
  if (gone == 0 && why.code != errc::none)
    return why;
  return gone;
}

void dead_letter_reader::put_back_counted() {
  std::vector<move> all;
  all.reserve(counted_.size());
  const auto kept = std::exchange(counted_, {}); // the messages stay while they are moved
  for (const auto& [tag, content] : kept)
    all.push_back({tag, &content});
  static_cast<void>(move_all(all, dead_letter_queue_name(queue_), publication::again, steady_now() + longest_return));
}

} // namespace troupe::amqp
