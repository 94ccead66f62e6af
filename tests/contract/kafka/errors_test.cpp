#define CAF_SUITE kafka_errors
#include <troupe_test/suite.hpp>

#include <string_view>

#include <troupe/bridges/kafka/errors.hpp>

using namespace troupe;
using namespace troupe::kafka;

CAF_TEST(a failure has the name that brokers give it and its words) {
  const auto found = to_failure(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "foo-topic");
  CAF_CHECK_EQUAL(found.code, errc::forbidden);
  CAF_CHECK_EQUAL(found.reason, "TOPIC_AUTHORIZATION_FAILED: Broker: Topic authorization failed (foo-topic)");
}

CAF_TEST(a failure names its remedy where its text does not) {
  const auto says = [](rd_kafka_resp_err_t code, std::string_view words) {
    return to_failure(code, "topic").reason.find(words) != std::string::npos;
  };
  CAF_CHECK(says(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "troupe topics apply"));
  CAF_CHECK(says(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "troupe topics apply"));
  CAF_CHECK(says(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "max.message.bytes"));
  CAF_CHECK(says(RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, "segment.bytes"));
  CAF_CHECK(says(RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, "compatibility: reference"));
  CAF_CHECK(says(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, "membership: dynamic"));
}

CAF_TEST(a port with or without TLS is reported with the setting that selects it) {
  const auto reason = [](rd_kafka_resp_err_t code, std::string_view words) { return to_failure(code, words).reason; };
  CAF_CHECK(reason(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "might be caused by incorrect security.protocol configuration")
              .ends_with("set node.kafka.encryption to tls"));
  CAF_CHECK(reason(RD_KAFKA_RESP_ERR__SSL, "SSL routines::wrong version number").ends_with("node.kafka.encryption to none"));
  CAF_CHECK(reason(RD_KAFKA_RESP_ERR__SSL, "certificate verify failed").ends_with("(certificate verify failed)"));
}

CAF_TEST(an error that passes or that an operator removes is transient) {
  for (const auto code :
       {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
        RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
        RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__QUEUE_FULL})
    CAF_CHECK(is_transient(to_errc(code)));
}

CAF_TEST(an error that no retry cures is permanent) {
  for (const auto code :
       {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
        RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION})
    CAF_CHECK(!is_transient(to_errc(code)));
}

CAF_TEST(only refused credentials are worth asking for newer ones) {
  CAF_CHECK(blames_credentials(RD_KAFKA_RESP_ERR__AUTHENTICATION));
  CAF_CHECK(blames_credentials(RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED));
  CAF_CHECK(!blames_credentials(RD_KAFKA_RESP_ERR__SSL));
  CAF_CHECK(!blames_credentials(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  CAF_CHECK(!blames_credentials(RD_KAFKA_RESP_ERR__TRANSPORT));
}
