#include <troupe/bridges/amqp/session.hpp>

#include <algorithm>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <troupe/bridges/amqp/properties.hpp>
#include <troupe/bridges/amqp/session_state.hpp>

namespace troupe::amqp {

namespace {

// Of the frame around the properties: its own 8 bytes, class, weight, size; and flags and lengths that are not counted with
// the texts.
constexpr std::size_t frame_overhead = 64;

template <class Method>
const Method& as(const amqp_method_t& method) noexcept {
  return *static_cast<const Method*>(method.decoded);
}

reach reach_of(amqp_boolean_t multiple) noexcept {
  return multiple != 0 ? reach::all_up_to : reach::one;
}

// The message whose properties and bytes follow.
incoming beginning_of(const amqp_method_t& method) {
  if (method.id == AMQP_BASIC_DELIVER_METHOD) {
    const auto& deliver = as<amqp_basic_deliver_t>(method);
    return arrival{{}, deliver.delivery_tag, arrival::manner::pushed, deliver.redelivered != 0, 0};
  }
  if (method.id == AMQP_BASIC_GET_OK_METHOD) {
    const auto& got = as<amqp_basic_get_ok_t>(method);
    return arrival{{}, got.delivery_tag, arrival::manner::pulled, got.redelivered != 0, got.message_count};
  }
  const auto& returned = as<amqp_basic_return_t>(method);
  return returned_message{reply_to_failure(returned.reply_code, text_of(returned.reply_text)), {}};
}

} // namespace

session::session(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

expected<session> session::open(const connection& to, const access& where, const address& at, socket_interrupter* line) {
  auto made = open_connection(to, where, at, line);
  if (made.has_error())
    return made.error();
  auto user = to.mechanism == sasl::external ? std::string{} : where.login.username;
  return session{std::make_unique<state>(std::move(*made), line, std::move(user))};
}

expected<session> session::open_any(const connection& to) {
  const auto where = to.where(freshness::cached);
  if (where.has_error())
    return where.error();
  failure last{errc::invalid, "the access names no host"};
  for (const auto& each : where->hosts) {
    auto made = open(to, *where, each, nullptr);
    if (made.has_value())
      return made;
    last = made.error();
  }
  return last;
}

expected<void> session::declare(const queue& wanted) {
  const auto arguments = arguments_of(wanted);
  outgoing_arguments outgoing{arguments};
  const amqp_boolean_t durable = is_durable(wanted) ? 1 : 0;
  amqp_queue_declare(state_->handle.get(), our_channel, bytes_of(wanted.name), 0, durable, 0, 0, outgoing.table());
  return state_->outcome();
}

expected<void> session::expect_queue(const std::string& name) {
  amqp_queue_declare(state_->handle.get(), our_channel, bytes_of(name), 1, 0, 0, 0, amqp_empty_table);
  return state_->outcome();
}

expected<void> session::declare_exchange(const std::string& name, const std::string& type) {
  amqp_exchange_declare(state_->handle.get(), our_channel, bytes_of(name), bytes_of(type), 0, 1, 0, 0, amqp_empty_table);
  return state_->outcome();
}

expected<void> session::expect_exchange(const std::string& name) {
  amqp_exchange_declare(state_->handle.get(), our_channel, bytes_of(name), bytes_of("direct"), 1, 0, 0, 0, amqp_empty_table);
  return state_->outcome();
}

expected<void> session::bind(const std::string& queue, const std::string& exchange, const std::string& routing_key) {
  amqp_queue_bind(state_->handle.get(), our_channel, bytes_of(queue), bytes_of(exchange), bytes_of(routing_key),
                  amqp_empty_table);
  return state_->outcome();
}

expected<void> session::confirm_publishes() {
  amqp_confirm_select(state_->handle.get(), our_channel);
  return state_->outcome();
}

expected<void> session::consume(const std::string& queue, const std::string& tag, std::uint16_t prefetch) {
  amqp_basic_qos(state_->handle.get(), our_channel, 0, prefetch, 0);
  if (auto done = state_->outcome(); done.has_error())
    return done;
  amqp_basic_consume(state_->handle.get(), our_channel, bytes_of(queue), bytes_of(tag), 0, 0, 0, amqp_empty_table);
  return state_->outcome();
}

expected<void> session::reopen_channel() {
  amqp_channel_close_ok_t heard{};
  const auto sent = amqp_send_method(state_->handle.get(), our_channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &heard);
  if (sent != AMQP_STATUS_OK)
    return status_to_failure(sent);
  amqp_channel_open(state_->handle.get(), our_channel);
  return state_->outcome();
}

expected<void> session::publish(const std::string& exchange, const std::string& routing_key, const message& content,
                                const header_list& headers, publication how) {
  const auto most = static_cast<std::size_t>(amqp_get_frame_max(state_->handle.get())) - frame_overhead;
  if (auto fine = check_encodable(content, headers, most); fine.has_error())
    return fine;
  constexpr amqp_boolean_t mandatory = 1;
  const outgoing_properties properties{content, headers, how, state_->user};
  if (!content.properties.empty() && !properties.fit_into(most))
    return failure{errc::rejected, "the properties are longer than the " + std::to_string(most) + " bytes of a frame"};
  return state::outcome(amqp_basic_publish(state_->handle.get(), our_channel, bytes_of(exchange), bytes_of(routing_key),
                                           mandatory, 0, properties.get(), bytes_of(content.payload)));
}

expected<void> session::pull(const std::string& queue) {
  amqp_basic_get_t asked{};
  asked.queue = bytes_of(queue);
  return state::outcome(amqp_send_method(state_->handle.get(), our_channel, AMQP_BASIC_GET_METHOD, &asked));
}

expected<void> session::cancel(const std::string& tag) {
  amqp_basic_cancel_t asked{};
  asked.consumer_tag = bytes_of(tag);
  return state::outcome(amqp_send_method(state_->handle.get(), our_channel, AMQP_BASIC_CANCEL_METHOD, &asked));
}

expected<void> session::ask_depth(const std::string& queue) {
  amqp_queue_declare_t asked{};
  asked.queue = bytes_of(queue);
  asked.passive = 1;
  return state::outcome(amqp_send_method(state_->handle.get(), our_channel, AMQP_QUEUE_DECLARE_METHOD, &asked));
}

expected<void> session::acknowledge(const ack& settled) {
  return state::outcome(
    amqp_basic_ack(state_->handle.get(), our_channel, settled.tag, settled.how == reach::all_up_to ? 1 : 0));
}

expected<void> session::give_back() {
  constexpr std::uint64_t everything = 0;
  return state::outcome(amqp_basic_nack(state_->handle.get(), our_channel, everything, 1, 1));
}

expected<std::optional<session_event>> session::next() {
  for (;;) {
    amqp_maybe_release_buffers(state_->handle.get());
    amqp_frame_t frame{};
    timeval at_once{};
    const auto status = amqp_simple_wait_frame_noblock(state_->handle.get(), &frame, &at_once);
    if (status == AMQP_STATUS_TIMEOUT)
      return std::optional<session_event>{};
    if (status != AMQP_STATUS_OK)
      return status_to_failure(status);
    auto event = state_->take(frame);
    if (event.has_error() || *event)
      return event;
  }
}

// tcp(7), TCP_CORK. Without it each message is a segment of its own, for which the broker wakes.
void session::hold_back() const noexcept {
  constexpr int held = 1;
  ::setsockopt(socket(), IPPROTO_TCP, TCP_CORK, &held, sizeof held);
}

void session::let_go() const noexcept {
  constexpr int free = 0;
  ::setsockopt(socket(), IPPROTO_TCP, TCP_CORK, &free, sizeof free);
}

bool session::writable() const noexcept {
  pollfd one{socket(), POLLOUT, 0};
  return ::poll(&one, 1, 0) > 0;
}

int session::socket() const noexcept {
  return amqp_get_sockfd(state_->handle.get());
}

void session::close() noexcept {
  amqp_channel_close(state_->handle.get(), our_channel, AMQP_REPLY_SUCCESS);
  amqp_connection_close(state_->handle.get(), AMQP_REPLY_SUCCESS);
}

// The broker's frames: a method and, if it carries a message, the properties and the payload in pieces.

expected<std::optional<session_event>> session::state::take(const amqp_frame_t& frame) {
  switch (frame.frame_type) {
    case AMQP_FRAME_METHOD:
      return take_method(frame.payload.method);
    case AMQP_FRAME_HEADER:
      content_ = received_of(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
      content_.content.properties = text_of(frame.payload.properties.raw);
      body_left_ = frame.payload.properties.body_size;
      content_.content.payload.reserve(static_cast<std::size_t>(body_left_));
      return body_left_ == 0 ? complete() : std::nullopt;
    case AMQP_FRAME_BODY: {
      const auto piece = text_of(frame.payload.body_fragment);
      content_.content.payload.append(piece);
      body_left_ -= std::min<std::uint64_t>(body_left_, piece.size());
      return body_left_ == 0 ? complete() : std::nullopt;
    }
    default:
      return std::optional<session_event>{};
  }
}

expected<std::optional<session_event>> session::state::take_method(const amqp_method_t& method) {
  switch (method.id) {
    case AMQP_BASIC_DELIVER_METHOD:
    case AMQP_BASIC_GET_OK_METHOD:
    case AMQP_BASIC_RETURN_METHOD:
      arriving_ = beginning_of(method);
      return std::optional<session_event>{};
    case AMQP_BASIC_GET_EMPTY_METHOD:
      return std::optional<session_event>{nothing_there{}};
    case AMQP_BASIC_ACK_METHOD: {
      const auto& acked = as<amqp_basic_ack_t>(method);
      return std::optional<session_event>{confirm{acked.delivery_tag, reach_of(acked.multiple), true}};
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& nacked = as<amqp_basic_nack_t>(method);
      return std::optional<session_event>{confirm{nacked.delivery_tag, reach_of(nacked.multiple), false}};
    }
    case AMQP_BASIC_CANCEL_METHOD:
      return std::optional<session_event>{consumer_cancelled{}};
    case AMQP_BASIC_CANCEL_OK_METHOD:
      return std::optional<session_event>{consumer_ended{}};
    case AMQP_QUEUE_DECLARE_OK_METHOD:
      return std::optional<session_event>{queue_depth{as<amqp_queue_declare_ok_t>(method).message_count}};
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return std::optional<session_event>{
        publishing_blocked{std::string{text_of(as<amqp_connection_blocked_t>(method).reason)}}};
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return std::optional<session_event>{publishing_unblocked{}};
    default:
      if (const auto closed = closing_of(method))
        return reply_to_failure(closed->code, closed->words);
      return std::optional<session_event>{};
  }
}

std::optional<session_event> session::state::complete() {
  if (auto* const one = std::get_if<arrival>(&arriving_)) {
    static_cast<received&>(*one) = std::move(content_);
    return session_event{std::move(*one)};
  }
  if (auto* const one = std::get_if<returned_message>(&arriving_)) {
    one->content = std::move(content_.content);
    return session_event{std::move(*one)};
  }
  return std::nullopt;
}

namespace {

expected<void> create(session& on, const queue& wanted, declaring how) {
  if (how == declaring::expect)
    return on.expect_queue(wanted.name);
  auto done = on.declare(wanted);
  if (done.has_value() || done.error().code != errc::conflict || wanted.kind != queue_kind::letters)
    return done;
  return on.reopen_channel(); // it exists, and is used as it is
}

} // namespace

expected<void> prepare(session& on, const std::vector<queue>& queues, declaring how) {
  for (const auto& each : queues) {
    auto done = create(on, each, how);
    if (done.has_value())
      continue;
    auto why = done.error();
    if (how == declaring::declare)
      why.reason.append("; Troupe declares ").append(properties_text(each)).append(remedy_of(each, done.error().reason));
    return why;
  }
  return {};
}

} // namespace troupe::amqp
