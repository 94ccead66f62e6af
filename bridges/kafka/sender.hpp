#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <troupe/bridges/kafka/client_access.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/waker.hpp>
#include <troupe/bridges/outbound/publish_request.hpp>

namespace troupe::kafka {

using sender_link = waker_link<outbound::sender_link>;

/// A producer of one topic, which runs on a thread of its own: the only code that uses its client. `run` returns when the
/// sender is abandoned, or when its client cannot go on.
class sender final : public client_watch {
public:
  sender(const spawn_context& context, connection to, publisher_config config, std::shared_ptr<sender_link> link);
  ~sender() override;

  void run() noexcept;

private:
  [[nodiscard]] bool may_go_on() const noexcept { return !link_->abandoned() && !fatal(); }
  [[nodiscard]] expected<client_handle> new_client(const access& where);
  [[nodiscard]] bool wait_for_access(const failure& why, instant until);
  void begin();
  void begin_anew();
  void send_all();

  /// A request with an element for each of its messages. The element's address is the opaque of the message, and comes back
  /// in its delivery report. The request owns the bytes until then. It must not move.
  struct request_in_flight {
    struct message_in_flight {
      request_in_flight* of = nullptr;
      std::size_t index = 0;
    };

    explicit request_in_flight(outbound::publish_request_ptr from);

    outbound::publish_request_ptr request;
    std::vector<message_in_flight> messages;
  };

  void accept(outbound::publish_request_ptr request);
  void send(request_in_flight& all);
  [[nodiscard]] rd_kafka_resp_err_t send(const message& content, request_in_flight::message_in_flight& opaque);
  void complete(const outbound::publish_request& request);

  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) noexcept;
  void reported(const rd_kafka_message_t& sent);
  [[nodiscard]] failure refused(rd_kafka_resp_err_t code, failure outcome);

  const publisher_config config_;
  std::shared_ptr<sender_link> link_;
  client_access access_;
  std::map<std::uint64_t, request_in_flight> in_flight_; ///< by number; outlives the client, which holds their addresses
  client_handle client_;
  topic_handle topic_;
  queue_handle events_;
};

} // namespace troupe::kafka
