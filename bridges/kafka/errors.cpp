#include <troupe/bridges/kafka/errors.hpp>

namespace troupe::kafka {

errc to_errc(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return errc::none;

    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR__SSL:
      return errc::unauthenticated;

    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return errc::forbidden;

    // A topic may be created a moment later; a retry finds it then.
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return errc::unavailable;

    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return errc::rejected;

    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return errc::invalid;

    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
    case RD_KAFKA_RESP_ERR__CONFLICT:
      return errc::conflict;

    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
      return errc::unsupported;

    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return errc::overloaded;

    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return errc::throttled;

    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return errc::deadline_exceeded;

    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
      return errc::outcome_unknown;

    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
      return errc::storage_failed;

    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
      return errc::shutting_down;

    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return errc::outcome_unknown;

    // All others are transient: a leader that moves, a broken connection, a rebalance.
    default:
      return errc::unavailable;
  }
}

namespace {

bool contains(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

// What an operator can do, where the text of the error does not say it.
std::string_view remedy_for(rd_kafka_resp_err_t code, std::string_view text) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return contains(text, "security.protocol") ? ": if the brokers require TLS, set node.kafka.encryption to tls" : "";
    case RD_KAFKA_RESP_ERR__SSL:
      return contains(text, "wrong version number")
               ? ": that port does not speak TLS; use another port, or set node.kafka.encryption to none"
               : "";
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return ": another process with the same host name is a member of the group; run one on each host, or set "
             "`membership: dynamic` for the consumer";
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return ": create the topic with `troupe topics apply`";
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return ": raise max.message.bytes of the topic";
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return ": raise segment.bytes of the topic";
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return ": the group's other members use another assignor; set `compatibility: reference` for the stream if they use "
             "range, remove it if they use cooperative-sticky, and share no group with kafka-go";
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
      return ": the cluster has no authorizer, and allows everything to everyone";
    default:
      return {};
  }
}

} // namespace

failure to_failure(rd_kafka_resp_err_t code, std::string_view detail) {
  std::string reason = rd_kafka_err2name(code);
  reason.append(": ").append(rd_kafka_err2str(code));
  if (!detail.empty())
    reason.append(" (").append(detail).append(")");
  reason.append(remedy_for(code, detail));
  return {to_errc(code), std::move(reason)};
}

failure to_failure(const rd_kafka_error_t* error) {
  const auto code = rd_kafka_error_code(error);
  return {to_errc(code), std::string{rd_kafka_error_name(error)} + ": " + rd_kafka_error_string(error)
                           + std::string{remedy_for(code, rd_kafka_error_string(error))}};
}

bool blames_credentials(rd_kafka_resp_err_t code) noexcept {
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
}

} // namespace troupe::kafka
