#include <troupe/bridges/http/engine/client_pool.hpp>

#include <algorithm>
#include <utility>

namespace troupe::http {

client_pool::client_pool(asio::io_context& io, pool_options options)
  : io_(io),
    options_(std::move(options)),
    contexts_(options_.tls),
    names_(io_, options_.target, options_.patience.names, [this] { move_on(); }) {}

client_pool::~client_pool() {
  for (const auto& [key, each] : all_)
    each->close();
  options_.connections->set(0);
}

void client_pool::submit(exchange_order order) {
  auto added = std::make_shared<exchange>(io_, std::move(order));
  waiting_.push_back(added);
  added->watch([this](const exchange_ptr& which, failure why) { give_up(which, std::move(why)); });
  serve_waiting();
}

void client_pool::give_up(const exchange_ptr& call, failure why) {
  if (auto* const serving = call->on) {
    // HTTP/1.1 has no other word for it: the answer that nobody waits for would be in the next one's way.
    serving->close();
    remove(*serving);
  } else {
    std::erase(waiting_, call);
  }
  call->end(std::move(why));
  serve_waiting();
}

void client_pool::serve_waiting() {
  while (!waiting_.empty()) {
    auto* const ready = take_idle();
    if (ready == nullptr)
      break;
    ready->serve(take_waiting());
  }
  while (connecting_ < waiting_.size() && all_.size() < options_.bounds.connections)
    open();
}

void client_pool::open() {
  auto made = std::make_shared<client_connection>(*this, generation());
  all_.emplace(made.get(), made);
  options_.connections->set(static_cast<double>(all_.size()));
  ++connecting_;
  names_.start();
  made->connect();
}

void client_pool::connected(client_connection& which) {
  --connecting_;
  rest_or_serve(which);
}

void client_pool::not_connected(client_connection& which, const failure& why) {
  --connecting_;
  remove(which);
  // It was opened for one of those that wait.
  if (!waiting_.empty())
    take_waiting()->end(why);
  serve_waiting();
}

void client_pool::released(client_connection& which) {
  if (which.usable(generation()))
    return rest_or_serve(which);
  which.close();
  closed(which);
}

void client_pool::rest_or_serve(client_connection& which) {
  if (!waiting_.empty())
    return which.serve(take_waiting());
  idle_.push_back(&which);
  which.rest();
}

void client_pool::closed(client_connection& which) {
  remove(which);
  serve_waiting();
}

void client_pool::put_back(const exchange_ptr& call) {
  call->put_back = true;
  waiting_.push_front(call);
  close_idle(); // they have rested at least as long
  serve_waiting();
}

void client_pool::close_idle() {
  for (auto* const each : std::exchange(idle_, {})) {
    each->close();
    remove(*each);
  }
}

// Those that serve are found to be of an earlier generation when they have.
void client_pool::move_on() {
  ++moves_;
  close_idle();
  serve_waiting();
}

void client_pool::remove(client_connection& which) {
  std::erase(idle_, &which);
  all_.erase(&which);
  options_.connections->set(static_cast<double>(all_.size()));
}

client_connection* client_pool::take_idle() {
  while (!idle_.empty()) {
    auto* const last = idle_.back();
    idle_.pop_back();
    if (last->usable(generation()))
      return last;
    last->close();
    remove(*last);
  }
  return nullptr;
}

exchange_ptr client_pool::take_waiting() {
  auto first = std::move(waiting_.front());
  waiting_.pop_front();
  return first;
}

std::uint64_t client_pool::generation() {
  if (options_.target.via == client_target::scheme::http)
    return moves_;
  static_cast<void>(contexts_.current(steady_now(), options_.patience.tls_files));
  if (const auto& reason = contexts_.trouble().reason; std::exchange(logged_trouble_, reason) != reason && !reason.empty())
    options_.watcher->log(severity::error, {"http", options_.name}, reason);
  return contexts_.generation() + moves_;
}

expected<std::unique_ptr<wire>> client_pool::make_wire() {
  if (options_.target.via == client_target::scheme::http)
    return plain_wire(io_);
  auto context = contexts_.current(steady_now(), options_.patience.tls_files);
  if (!context)
    return context.error();
  return tls_wire(io_, std::move(*context), options_.target.host);
}

} // namespace troupe::http
