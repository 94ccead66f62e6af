#include <troupe/bridges/amqp/letter_box.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <poll.h>

#include <troupe/bridges/amqp/confirm_window.hpp>
#include <troupe/bridges/amqp/letter.hpp>

namespace troupe::amqp {

namespace {

constexpr std::int64_t longest_rest_ms = 100;

} // namespace

letter_box::letter_box(session made, std::string queue, std::unique_ptr<lifeline> line)
  : line_(std::move(line)), session_(std::move(made)), queue_(std::move(queue)) {}

letter_box::~letter_box() {
  if (session_.give_back().has_value())
    session_.close();
}

expected<std::unique_ptr<letter_box>> letter_box::open(const connection& to, const std::string& queue) {
  const auto where = to.where(freshness::cached);
  if (where.has_error())
    return where.error();
  auto line = std::make_unique<lifeline>();
  expected<void> last = failure{errc::invalid, "no host is told"};
  for (const auto& each : where->hosts) {
    auto made = session::open(to, *where, each, *line);
    if (made.has_error()) {
      last = made.error();
      continue;
    }
    if (auto there = made->expect_queue(dead_letter_queue_name(queue)); there.has_error())
      return there.error().code == errc::not_found ? expected<std::unique_ptr<letter_box>>{nullptr} : there.error();
    if (auto fine = made->confirm_publishes(); fine.has_error())
      return fine.error();
    return std::unique_ptr<letter_box>{new letter_box{std::move(*made), queue, std::move(line)}};
  }
  return last.error();
}

expected<session_event> letter_box::wait(instant until) {
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

expected<void> letter_box::look(instant until, const std::function<next(found)>& show) {
  for (auto what = next::go_on; what == next::go_on;) {
    if (auto asked = session_.pull(dead_letter_queue_name(queue_)); asked.has_error())
      return asked;
    auto event = wait(until);
    if (event.has_error())
      return event.error();
    auto* const one = std::get_if<arrival>(&*event);
    if (one == nullptr)
      return {}; // nothing more is there
    what = show({one->tag, letter_of(std::move(one->what), queue_)});
  }
  return {};
}

expected<std::uint32_t> letter_box::send_back(const std::vector<found>& letters, instant until) {
  confirm_window<std::uint64_t> sent; // the tags
  std::uint32_t gone = 0;
  failure why{errc::none, {}};
  for (const auto& each : letters) {
    const auto done = session_.publish({}, queue_, each.letter.content, encode_headers(each.letter.content));
    if (done.has_error())
      return done.error();
    sent.sent(each.tag);
  }
  while (sent.size() > 0 && why.code == errc::none) {
    auto event = wait(until);
    if (event.has_error()) {
      why = event.error();
    } else if (const auto* back = std::get_if<returned_message>(&*event)) {
      why = back->why; // those behind it fare alike
    } else if (const auto* told = std::get_if<confirm>(&*event)) {
      std::optional<failure> refused;
      if (!told->taken)
        refused = failure{errc::throttled, "the queue " + queue_ + " takes nothing"};
      sent.confirmed(told->number, told->how, refused, [&](std::uint64_t tag, const failure& outcome) {
        if (outcome.code != errc::none)
          why = outcome;
        else if (session_.acknowledge({tag, reach::one}).has_value())
          ++gone;
      });
    }
  }
  if (gone == 0 && why.code != errc::none)
    return why;
  return gone;
}

} // namespace troupe::amqp
