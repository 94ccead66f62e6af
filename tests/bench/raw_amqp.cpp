#include "raw_amqp.hpp"

#include <algorithm>
#include <utility>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

#include "figure.hpp"

namespace troupe::bench {

namespace {

constexpr amqp_channel_t channel = 1;
constexpr std::uint8_t persistent = 2;

amqp_bytes_t bytes_of(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};
}

std::string_view text_of(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

} // namespace

class raw_amqp::connection {
public:
  explicit connection(std::string url) : state_(amqp_new_connection()) {
    amqp_connection_info where{};
    if (amqp_parse_url(url.data(), &where) != AMQP_STATUS_OK)
      give_up("the URL of the broker cannot be read");
    auto* const socket = amqp_tcp_socket_new(state_);
    if (amqp_socket_open(socket, where.host, where.port) != AMQP_STATUS_OK)
      give_up("the broker cannot be reached");
    constexpr int frame_size = 131072;
    check(amqp_login(state_, where.vhost, 0, frame_size, 0, AMQP_SASL_METHOD_PLAIN, where.user, where.password));
    amqp_channel_open(state_, channel);
    check();
    amqp_confirm_select(state_, channel);
    check();
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { amqp_destroy_connection(state_); }

  [[nodiscard]] amqp_connection_state_t get() const noexcept { return state_; }
  void check() const { check(amqp_get_rpc_reply(state_)); }

  static void check(const amqp_rpc_reply_t& reply) {
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
      give_up("the broker refused something");
  }
  static void check(int status) {
    if (status != AMQP_STATUS_OK)
      give_up(amqp_error_string2(status));
  }

  /// Waits for a confirm; everything up to the number it carries is confirmed, or one more.
  std::uint64_t confirmed() {
    amqp_maybe_release_buffers(state_);
    amqp_frame_t frame{};
    check(amqp_simple_wait_frame(state_, &frame));
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
      give_up("the broker said something else than a confirm");
    const auto& ack = *static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
    if (ack.multiple == 0)
      return ++confirmed_;
    // What was confirmed singly before lies below.
    confirmed_ = std::max(confirmed_, ack.delivery_tag - base_);
    return confirmed_;
  }
  void begin_at(std::uint64_t base) {
    base_ = base;
    confirmed_ = 0;
  }

private:
  amqp_connection_state_t state_;
  std::uint64_t base_ = 0;
  std::uint64_t confirmed_ = 0;
};

raw_amqp::raw_amqp(const std::string& url) : connection_(std::make_unique<connection>(url)) {}
raw_amqp::~raw_amqp() = default;

void raw_amqp::close() {
  connection::check(amqp_channel_close(connection_->get(), channel, AMQP_REPLY_SUCCESS));
  connection::check(amqp_connection_close(connection_->get(), AMQP_REPLY_SUCCESS));
}

void raw_amqp::declare(const std::string& queue) {
  amqp_table_entry_t quorum{};
  quorum.key = amqp_cstring_bytes("x-queue-type");
  quorum.value.kind = AMQP_FIELD_KIND_UTF8;
  quorum.value.value.bytes = amqp_cstring_bytes("quorum");
  amqp_queue_declare(connection_->get(), channel, bytes_of(queue), 0, 1, 0, 0, {1, &quorum});
  connection_->check();
}

void raw_amqp::remove(const std::string& queue) {
  amqp_queue_delete(connection_->get(), channel, bytes_of(queue), 0, 0);
  connection_->check();
}

void raw_amqp::send(const std::string& queue, const std::string& id, const std::string& payload) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
  properties.delivery_mode = persistent;
  properties.message_id = bytes_of(id);
  connection::check(amqp_basic_publish(connection_->get(), channel, amqp_empty_bytes, bytes_of(queue), 1, 0, &properties,
                                       bytes_of(payload)));
}

void raw_amqp::publish_one(const std::string& queue, const std::string& id, const std::string& payload) {
  send(queue, id, payload);
  static_cast<void>(connection_->confirmed());
}

void raw_amqp::publish(const std::string& queue, std::uint64_t count, const std::string& payload, std::uint64_t window) {
  connection_->begin_at(0);
  std::uint64_t confirmed = 0;
  for (std::uint64_t sent = 0; confirmed < count;) {
    for (; sent < count && sent - confirmed < window; ++sent)
      send(queue, "message-" + std::to_string(sent), payload);
    confirmed = connection_->confirmed();
  }
}

void raw_amqp::consume(const std::string& queue, std::uint64_t count, std::uint16_t prefetch, std::uint64_t ack_batch,
                       const handling& handle) {
  amqp_basic_qos(connection_->get(), channel, 0, prefetch, 0);
  connection_->check();
  amqp_basic_consume(connection_->get(), channel, bytes_of(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  connection_->check();
  for (std::uint64_t got = 1; got <= count; ++got) {
    amqp_maybe_release_buffers(connection_->get());
    amqp_envelope_t one{};
    connection::check(amqp_consume_message(connection_->get(), &one, nullptr, 0));
    handle(text_of(one.message.properties.message_id), text_of(one.message.body));
    if (got % ack_batch == 0 || got == count)
      connection::check(amqp_basic_ack(connection_->get(), channel, one.delivery_tag, 1));
    amqp_destroy_envelope(&one);
  }
}

} // namespace troupe::bench
