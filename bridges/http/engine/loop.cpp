#include <troupe/bridges/http/engine/loop.hpp>

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <troupe/bridges/http/engine/threads.hpp>
#include <troupe/bridges/http/render.hpp>

namespace troupe::http {

namespace {

std::size_t share_of(std::size_t all, unsigned threads) noexcept {
  return std::max<std::size_t>(1, all / threads);
}

} // namespace

// -- inbox

void loop_inbox::put(ticket whose, response&& answer) noexcept {
  const std::scoped_lock lock{guard_};
  if (owner_ == nullptr)
    return;
  ready_.emplace_back(whose, std::move(answer));
  // One wake-up for all that come before the I/O thread looks.
  if (ready_.size() == 1)
    asio::post(owner_->io(), [self = shared_from_this()] { self->deliver(); });
}

void loop_inbox::close() noexcept {
  const std::scoped_lock lock{guard_};
  owner_ = nullptr;
  ready_.clear();
}

void loop_inbox::deliver() {
  loop* owner = nullptr;
  {
    const std::scoped_lock lock{guard_};
    owner = owner_;
    delivering_.swap(ready_);
  }
  for (auto& [whose, answer] : delivering_)
    owner->deliver(whose, std::move(answer));
  delivering_.clear();
}

// -- loop

loop::loop(shared_state& shared)
  : shared_(shared),
    work_(io_.get_executor()),
    sweep_timer_(io_),
    // Half of the slots, and a part of the bytes, are one thread's.
    pipelines_(io_, share_of(shared.options.bounds.in_flight / 2, shared.options.threads)),
    untaken_(share_of(shared.options.bounds.untaken_bytes, shared.options.threads)),
    inbox_(std::make_shared<loop_inbox>(*this)) {
  for (const auto& route : shared_.dispatch.routes())
    if (const auto* const source = std::get_if<event_source>(&route.answer))
      hubs_.emplace(source, std::make_unique<event_hub>(io_, *source, shared_));
}

loop::~loop() {
  inbox_->close();
}

void loop::start() {
  thread_ = start_thread([this] { run(); });
}

// Memory may be short where nothing else catches it: what is open is served on.
void loop::run() noexcept {
  while (true) {
    try {
      io_.run();
      return;
    } catch (...) {
      shared_.options.watcher->log(severity::error, {"http", shared_.options.name},
                                   "an I/O thread goes on after " + words_of_exception());
    }
  }
}

void loop::join() {
  if (thread_.joinable())
    thread_.join();
}

void loop::adopt(tcp_socket socket) {
  if (finished_)
    return;
  const auto slot = free_slot();
  const auto role = admit();
  slots_[slot] = std::make_unique<connection>(*this, std::move(socket), slot, role);
  if (role == audience::operators)
    reserved_.push_back(slot);
  asio::co_spawn(io_, slots_[slot]->serve(), [this, slot](const std::exception_ptr& error) {
    if (error) // of finishing itself
      slots_[slot]->abort();
    remove(slot);
  });
}

// Whom a connection that has come may serve.
audience loop::admit() {
  shared_.metrics.connections(shared_.connections.fetch_add(1) + 1);
  if (shared_.ordinary.fetch_add(1) < shared_.options.bounds.connections)
    return audience::clients;
  shared_.ordinary.fetch_sub(1);
  make_room();
  return audience::operators;
}

// A probe is served at once: the oldest reserved connection is needed least.
void loop::make_room() {
  if (reserved_.size() < share_of(shared_.options.bounds.reserved, shared_.options.threads))
    return;
  shared_.metrics.refused(refusal::connection_bound);
  const auto oldest = reserved_.front();
  reserved_.pop_front();
  slots_[oldest]->abort();
}

std::uint32_t loop::free_slot() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    free_slots_.reserve(slots_.size()); // so that giving it back needs no memory
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void loop::remove(std::uint32_t slot) {
  // The coroutine that ends here may still be on the stack of one of its connection's members.
  asio::post(io_, [this, slot] {
    if (slots_[slot]->role() == audience::clients)
      shared_.ordinary.fetch_sub(1);
    else
      std::erase(reserved_, slot);
    slots_[slot].reset();
    free_slots_.push_back(slot);
    const auto count = shared_.connections.fetch_sub(1) - 1;
    shared_.metrics.connections(count);
    if (count == 0) {
      { const std::scoped_lock lock{shared_.guard}; }
      shared_.emptied.notify_all();
    }
  });
}

void loop::retire() {
  for (const auto& each : slots_)
    if (each)
      each->signal();
}

void loop::finish() {
  finished_ = true;
  for (const auto& each : slots_)
    if (each)
      each->abort();
  sweep_timer_.cancel();
  work_.reset();
}

void loop::shed() {
  constexpr std::size_t part = 16;
  std::vector<connection*> open;
  for (const auto& each : slots_)
    if (each)
      open.push_back(each.get());
  std::ranges::sort(open, {}, &connection::due); // of idle ones: since when
  auto left = open.size() / part + 1;
  for (auto* const each : open)
    if (left != 0 && each->give_way())
      --left;
}

void loop::deliver(ticket whose, response&& answer) {
  auto* const waiting = whose.slot < slots_.size() ? slots_[whose.slot].get() : nullptr;
  if (waiting == nullptr || !waiting->take_answer(whose.serial, std::move(answer)))
    shared_.metrics.answered_late();
}

pending_answer loop::expect_answer(std::uint32_t slot, std::uint64_t& serial, std::stop_token abandoned) {
  serial = ++last_serial_;
  return {inbox_, {slot, serial}, std::move(abandoned)};
}

const std::string& loop::date_line() {
  const auto now = std::chrono::floor<std::chrono::seconds>(shared_.options.clock());
  if (now != date_of_line_ || date_line_.empty()) {
    date_of_line_ = now;
    date_line_ = "Date: " + http_date(now) + "\r\n";
  }
  return date_line_;
}

void loop::wake_by(instant at) {
  if (at < next_sweep_)
    arm(at);
}

void loop::arm(instant at) {
  if (finished_) // every connection has been aborted: none waits for its time
    return;
  next_sweep_ = at;
  sweep_timer_.expires_at(at);
  sweep_timer_.async_wait([this](error_code error) {
    if (!error)
      sweep();
  });
}

// Looks at every connection, but only when some connection's time may have come: a busy one moves its own time on without
// touching the timer.
void loop::sweep() {
  constexpr auto least_pause = std::chrono::milliseconds{5};
  const auto now = steady_now();
  next_sweep_ = instant::max();
  auto soonest = instant::max();
  for (const auto& each : slots_) {
    if (!each)
      continue;
    if (each->due() <= now)
      each->expire();
    soonest = std::min(soonest, each->due());
  }
  if (soonest != instant::max())
    arm(std::max(soonest, now + least_pause));
}

} // namespace troupe::http
