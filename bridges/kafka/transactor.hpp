#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe::kafka {

/// A record to be published in a transaction.
struct transaction_record {
  std::string topic;
  message content;
  origin from;                             ///< its delivery
  std::optional<std::int32_t> partition{}; ///< none: the partitioner decides
};

/// Offsets to be committed in a transaction, for the group of a consumer.
struct group_offsets {
  const rd_kafka_topic_partition_list_t* list = nullptr;
  rd_kafka_t* consumer = nullptr;
};

/// Why a transaction was not committed.
struct transaction_failure {
  enum class outcome : std::uint8_t {
    undone,
    refused, ///< undone, because the brokers refused one of its records
    unknown, ///< only the brokers know whether it was committed, and the client cannot go on
  };

  failure why;
  outcome state = outcome::undone;
  std::optional<origin> of; ///< the delivery whose record the brokers will never accept
};

/// A transactional producer. Each call blocks its thread; one thread at a time.
class transactor {
public:
  /// `role` has its transactional id. `listener` must outlive it.
  static expected<transactor> make(const connection& to, const access& where, const property_list& role,
                                   client_listener& listener);

  /// Fences every earlier producer with the same transactional id, and aborts the transaction that it left open. May be
  /// called again after `deadline_exceeded`; after any other failure another transactor is needed.
  expected<void> begin(duration within);

  /// Publishes the records and commits the offsets, if any: all of it, or nothing. An abort may take as long again.
  std::optional<transaction_failure> carry_out(const std::vector<transaction_record>& records, const group_offsets& offsets,
                                               duration within);

  /// Whether the brokers have forgotten its transactional id, as after a time without transactions
  /// (transactional.id.expiration.ms): nothing was committed since, and only another transactor can commit.
  [[nodiscard]] bool forgotten() const noexcept { return forgotten_; }

  /// To be polled for errors and log lines, and to be given credentials.
  [[nodiscard]] rd_kafka_t* client() const noexcept { return client_.get(); }

private:
  struct run;
  struct message_in_flight;
  explicit transactor(client_handle made) : client_(std::move(made)) {}

  std::optional<transaction_failure> attempt(const std::vector<transaction_record>& records, const group_offsets& offsets,
                                             run& present);
  std::optional<transaction_failure> undo(failure why, const run& present);
  [[nodiscard]] failure why_of(const error_handle& failed);
  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) noexcept;

  client_handle client_;
  bool forgotten_ = false;
};

} // namespace troupe::kafka
