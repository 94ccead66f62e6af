#include <chrono>
#include <string>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/member.hpp>

// A member whose settlements are transactions. They are carried out on its own thread, one at a time, and every commit of
// its group goes through them, so that none overtakes another.

namespace troupe::kafka {

namespace {

constexpr auto one_try = std::chrono::seconds{1}; // so that an end is noticed meanwhile
constexpr int seek_ms = 5000;

} // namespace

void member::wait_before_the_next(instant until) {
  while (may_go_on() && !drain_by_ && steady_now() < until) {
    link_->bell.wait(until);
    take_orders();
  }
}

bool member::open_transactions(const access& where) {
  auto there = where;
  auto to = to_;
  to.statistics = duration::zero(); // the consumer's tell of the same brokers
  while (may_go_on() && !drain_by_) {
    there.login = login_;
    auto made = transactor::make(to, there, config_, *this);
    if (made.has_error()) {
      link_->report(thread_failed{made.error()});
      return false;
    }
    transactor_.emplace(std::move(*made));
    expected<void> begun{failure{errc::deadline_exceeded, {}}};
    bool anew = false;
    while (may_go_on() && !drain_by_ && !anew && begun.has_error() && begun.error().code == errc::deadline_exceeded) {
      begun = transactor_->begin(one_try);
      take_orders();
      renew();
      anew = files_have_changed(to_);
    }
    if (begun.has_value())
      return true;
    transactor_.reset();
    if (!may_go_on() || drain_by_)
      break;
    if (anew) {
      if (auto other = new_client(there); other.has_value())
        client_ = std::move(*other);
      else
        link_fails(other.error());
      continue;
    }
    work_fails(begun.error());
    wait_before_the_next(steady_now() + access_backoff_.next(steady_now()));
  }
  return false;
}

void member::renew() {
  if (!transactor_)
    return renew_credentials({client_.get()}, to_, login_);
  rd_kafka_poll(transactor_->client(), 0); // errors and log lines
  renew_credentials({client_.get(), transactor_->client()}, to_, login_);
}

void member::conclude(inbound::batch_outcome& what) {
  settle(work_.concluded(what.batch, std::move(*what.answer), steady_now(), system_now()));
}

// What was undone comes again, from where the brokers say that the group stands.
void member::settle(const std::optional<transaction>& what) {
  if (!what)
    return;
  if (carry_out(*what)) {
    for (const auto& each : what->letters)
      metrics_.dead_lettered(each.why.code);
    return;
  }
  for (const auto& each : what->offsets) {
    work_.given_up(each.partition, steady_now());
    to_regain_.insert(each.partition);
  }
  regain_at_ = steady_now() + regain_backoff_.next(steady_now());
}

bool member::carry_out(const transaction& what) {
  using state = transaction_failure::state;
  const auto failed = transactor_->carry_out(what, *list_of(what.offsets), client_.get());
  if (!failed) {
    regain_backoff_.reset();
    work_succeeds();
    work_.committed({}, steady_now());
    return true;
  }
  work_.committed(failed->why, steady_now());
  if (failed->of)
    work_.condemn(*failed->of, failed->why);
  else if (failed->what == state::refused)
    work_fails(failed->why);
  if (failed->what == state::unknown)
    cannot_go_on({errc::unavailable, "what became of a transaction is not known: " + to_string(failed->why)});
  else
    say(severity::warning, "a transaction was undone, and its deliveries come again: " + to_string(failed->why));
  return false;
}

void member::regain() {
  if (!regain_at_ || steady_now() < *regain_at_ || drain_by_)
    return;
  regain_at_.reset();
  for (const auto each : std::exchange(to_regain_, {}))
    if (may_go_on())
      regain(each);
}

void member::regain(std::int32_t partition) {
  const auto list = list_of(std::vector{partition});
  if (!read_positions(list.get()))
    return; // it is lost, or this member cannot go on
  const auto from = position_of(list->elems[0]);
  const error_handle failed{rd_kafka_seek_partitions(client_.get(), list.get(), seek_ms)};
  if (failed || list->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return cannot_go_on({errc::unavailable, "the group's position in " + config_.topic + " could not be taken up again"});
  work_.gained(partition, from);
  rd_kafka_resume_partitions(client_.get(), list.get()); // a pause was of the earlier assignment
}

} // namespace troupe::kafka
