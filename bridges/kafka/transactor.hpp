#pragma once

#include <optional>
#include <string>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/transaction.hpp>

namespace troupe::kafka {

/// Why a transaction was not carried out. Nothing of it will become visible, unless the client cannot go on: then only the
/// brokers know.
struct transaction_failure {
  enum class state : std::uint8_t {
    undone,
    refused, ///< undone, because of one of its messages
    unknown,
  };

  failure why;
  state what = state::undone;
  std::optional<origin> of; ///< whose result the brokers will never take
};

/// The producer of a member's transactions. Each call blocks its thread; one thread at a time.
class transactor {
public:
  /// `listener` must outlive it.
  static expected<transactor> make(const connection& to, const access& where, const subscription& config,
                                   client_listener& listener);

  /// Shuts out whoever had its id before, and ends what that one left open. Try again after `deadline_exceeded`; any other
  /// failure wants a new one.
  expected<void> begin(duration within);

  /// Publishes results and dead letters, and commits the offsets for the group of `consumer`: all of it, or nothing.
  std::optional<transaction_failure> carry_out(const transaction& what, const rd_kafka_topic_partition_list_t& offsets,
                                               rd_kafka_t* consumer);

  /// The brokers know its id no more, as after a time without transactions (transactional.id.expiration.ms): nothing was
  /// carried out since, and nothing will be. Only a new one goes on.
  [[nodiscard]] bool forgotten() const noexcept { return forgotten_; }

  /// For credentials, and for what it says beside its answers.
  [[nodiscard]] rd_kafka_t* client() const noexcept { return client_.get(); }

private:
  struct run;
  struct note;
  transactor(client_handle made, const subscription& config);

  std::optional<transaction_failure> try_out(const transaction& what, const rd_kafka_topic_partition_list_t& offsets,
                                             rd_kafka_t* consumer, run& here);
  expected<void> produce(const std::string& to, const message& what, note& as, instant until);
  void await_reports(const run& here, instant until);
  std::optional<transaction_failure> undo(failure why, const run& here);
  [[nodiscard]] failure why_of(const error_handle& what);
  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) noexcept;

  client_handle client_;
  std::string results_;
  std::string letters_;
  duration within_;
  bool forgotten_ = false;
};

} // namespace troupe::kafka
