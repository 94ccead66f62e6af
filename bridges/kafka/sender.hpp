#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <troupe/bridges/kafka/client_watch.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/waker.hpp>
#include <troupe/bridges/outbound/publish_request.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::kafka {

using sender_link = waker_link<outbound::sender_link>;

/// A producer of one topic, on a thread of its own from `run` on: the only place where its client is touched. It ends when
/// it is abandoned or its client cannot go on.
class sender final : public client_watch {
public:
  sender(const spawn_context& context, connection to, publisher_config config, std::shared_ptr<sender_link> link);
  ~sender() override;

  void run() noexcept;

private:
  [[nodiscard]] bool may_go_on() const noexcept { return !link_->abandoned() && !fatal(); }
  [[nodiscard]] bool connect();
  [[nodiscard]] expected<client_handle> new_client(const access& where);
  void begin();
  void begin_anew();
  void wait_for_access(const failure& why);
  void send_all();
  /// A request, with a place for each of its messages, whose address goes with it as its opaque and comes back in its
  /// delivery report. The request keeps the bytes until then. It must not move.
  struct request_in_flight {
    struct place {
      request_in_flight* of = nullptr;
      std::size_t index = 0;
    };

    explicit request_in_flight(outbound::publish_request_ptr what);

    outbound::publish_request_ptr request;
    std::vector<place> places;
  };

  void accept(outbound::publish_request_ptr request);
  void send(request_in_flight& what);
  [[nodiscard]] rd_kafka_resp_err_t send(const message& content, request_in_flight::place& as);
  void complete(const outbound::publish_request& request);

  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) noexcept;
  void reported(const rd_kafka_message_t& what);
  [[nodiscard]] failure refused(rd_kafka_resp_err_t code, failure outcome);

  const connection to_;
  const publisher_config config_;
  std::shared_ptr<sender_link> link_;
  std::map<std::uint64_t, request_in_flight> in_flight_; ///< by number; outlives the client, which holds addresses of places
  client_handle client_;
  topic_handle topic_;
  queue_handle events_;
  std::optional<credentials> login_;
  policies::backoff access_backoff_{policies::reconnect_backoff};
};

} // namespace troupe::kafka
