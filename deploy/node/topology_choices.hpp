#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <troupe/deploy/node/topology_text.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/policies/supervision.hpp>

namespace troupe::node {

/// What carries a stream or a queue.
enum class transport : std::uint8_t { embedded, kafka, amqp };

/// Whose ways a topic or a queue follows where they differ.
enum class compatibility : std::uint8_t {
  troupe,    ///< as Kafka's Java client places messages, and partitions move one by one; a quorum queue
  reference, ///< as the reference platform's client does both; its classic queue, which is gone with its broker
};

/// What a member of a consumer group is to it after a restart.
enum class membership : std::uint8_t {
  dynamic, ///< a new member each time
  fixed,   ///< the same one, by the name of its host: a restart within the session moves no partition
};

/// Where a message waits for a delayed retry.
enum class retry_place : std::uint8_t {
  assignment, ///< with its consumer; what comes later under its key waits behind it
  topic,      ///< in a Kafka topic of its own, while its key goes on
};

/// How somebody shows who it is by SASL.
enum class sasl_mechanism : std::uint8_t { scram_sha_512, scram_sha_256, plain };

/// How somebody shows who it is to a broker of AMQP.
enum class broker_login : std::uint8_t {
  plain,    ///< by name and password
  external, ///< by its certificate
};

/// Who declares a queue of a broker.
enum class queue_maker : std::uint8_t {
  services, ///< those that use it, as in the reference platform
  operators ///< `troupe topics apply`, or somebody else: services need no right to configure
};

/// How an exchange chooses the queues of a message.
enum class exchange_kind : std::uint8_t { direct, topic, fanout };

/// Whether a connection is encrypted.
enum class encryption : std::uint8_t { tls, none };

/// What keeps documents.
enum class store_kind : std::uint8_t { sqlite, mongodb };

/// Which reference platform's forms a greeter keeps: of its documents and of the order in which it tells an answer.
enum class platform_form : std::uint8_t {
  http, ///< documents with servicename and createdat; a service after those it asked
  grpc, ///< documents with service and created; a service before those it asked
};

/// Among whose services those of the topology may stand.
enum class reference_family : std::uint8_t { none, http, grpc };

/// Whether calls to services go through a proxy.
enum class proxy_choice : std::uint8_t {
  none,
  environment, ///< the one that `grpc_proxy`, `https_proxy` or `http_proxy` names, unless `no_proxy` says otherwise
};

/// Which of the reference platforms' gRPC services is spoken; a server answers to both.
enum class grpc_package : std::uint8_t {
  greeting,   ///< of 2019
  greeting_v3 ///< of 2021: a request carries the caller's greeting
};

/// Where gRPC may be served without TLS.
enum class plaintext : std::uint8_t { loopback, anywhere };

/// Who answers for a service that runs in another process.
enum class peer_kind : std::uint8_t {
  troupe,   ///< repeated under its id, a call has its effects once
  reference ///< a repeated call has its effects twice, and so is never made
};

/// Whether a greeting tells the machine it was made on.
enum class hostname_telling : std::uint8_t { untold, told };

/// Whose greeting a greeter stores.
enum class kept_greeting : std::uint8_t { own, callers };

/// What a consumer stores of a delivery.
enum class stored_form : std::uint8_t {
  greeting, ///< the greeting that the payload is; anything else is a dead letter
  text,     ///< the payload as it is
};

/// What becomes of records that a group has not read when their retention is over.
enum class unread_records : std::uint8_t { keep, drop };

/// From which severity on lines are written.
enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };

template <>
struct choice_words<transport> {
  static constexpr std::array words{std::pair{std::string_view{"embedded"}, transport::embedded},
                                    std::pair{std::string_view{"kafka"}, transport::kafka},
                                    std::pair{std::string_view{"amqp"}, transport::amqp}};
};

template <>
struct choice_words<compatibility> {
  static constexpr std::array words{std::pair{std::string_view{"troupe"}, compatibility::troupe},
                                    std::pair{std::string_view{"reference"}, compatibility::reference}};
};

template <>
struct choice_words<membership> {
  static constexpr std::array words{std::pair{std::string_view{"dynamic"}, membership::dynamic},
                                    std::pair{std::string_view{"static"}, membership::fixed}};
};

template <>
struct choice_words<retry_place> {
  static constexpr std::array words{std::pair{std::string_view{"assignment"}, retry_place::assignment},
                                    std::pair{std::string_view{"topic"}, retry_place::topic}};
};

template <>
struct choice_words<sasl_mechanism> {
  static constexpr std::array words{std::pair{std::string_view{"SCRAM-SHA-512"}, sasl_mechanism::scram_sha_512},
                                    std::pair{std::string_view{"SCRAM-SHA-256"}, sasl_mechanism::scram_sha_256},
                                    std::pair{std::string_view{"PLAIN"}, sasl_mechanism::plain}};
};

template <>
struct choice_words<broker_login> {
  static constexpr std::array words{std::pair{std::string_view{"PLAIN"}, broker_login::plain},
                                    std::pair{std::string_view{"EXTERNAL"}, broker_login::external}};
};

template <>
struct choice_words<queue_maker> {
  static constexpr std::array words{std::pair{std::string_view{"services"}, queue_maker::services},
                                    std::pair{std::string_view{"operators"}, queue_maker::operators}};
};

template <>
struct choice_words<exchange_kind> {
  static constexpr std::array words{std::pair{std::string_view{"direct"}, exchange_kind::direct},
                                    std::pair{std::string_view{"topic"}, exchange_kind::topic},
                                    std::pair{std::string_view{"fanout"}, exchange_kind::fanout}};
};

template <>
struct choice_words<encryption> {
  static constexpr std::array words{std::pair{std::string_view{"tls"}, encryption::tls},
                                    std::pair{std::string_view{"none"}, encryption::none}};
};

template <>
struct choice_words<store_kind> {
  static constexpr std::array words{std::pair{std::string_view{"sqlite"}, store_kind::sqlite},
                                    std::pair{std::string_view{"mongodb"}, store_kind::mongodb}};
};

template <>
struct choice_words<platform_form> {
  static constexpr std::array words{std::pair{std::string_view{"http"}, platform_form::http},
                                    std::pair{std::string_view{"grpc"}, platform_form::grpc}};
};

template <>
struct choice_words<reference_family> {
  static constexpr std::array words{std::pair{std::string_view{"none"}, reference_family::none},
                                    std::pair{std::string_view{"http"}, reference_family::http},
                                    std::pair{std::string_view{"grpc"}, reference_family::grpc}};
};

template <>
struct choice_words<proxy_choice> {
  static constexpr std::array words{std::pair{std::string_view{"none"}, proxy_choice::none},
                                    std::pair{std::string_view{"environment"}, proxy_choice::environment}};
};

template <>
struct choice_words<grpc_package> {
  static constexpr std::array words{std::pair{std::string_view{"greeting"}, grpc_package::greeting},
                                    std::pair{std::string_view{"greeting.v3"}, grpc_package::greeting_v3}};
};

template <>
struct choice_words<plaintext> {
  static constexpr std::array words{std::pair{std::string_view{"loopback"}, plaintext::loopback},
                                    std::pair{std::string_view{"anywhere"}, plaintext::anywhere}};
};

template <>
struct choice_words<peer_kind> {
  static constexpr std::array words{std::pair{std::string_view{"troupe"}, peer_kind::troupe},
                                    std::pair{std::string_view{"reference"}, peer_kind::reference}};
};

template <>
struct choice_words<hostname_telling> {
  static constexpr std::array words{std::pair{std::string_view{"false"}, hostname_telling::untold},
                                    std::pair{std::string_view{"true"}, hostname_telling::told}};
};

template <>
struct choice_words<kept_greeting> {
  static constexpr std::array words{std::pair{std::string_view{"own"}, kept_greeting::own},
                                    std::pair{std::string_view{"callers"}, kept_greeting::callers}};
};

template <>
struct choice_words<stored_form> {
  static constexpr std::array words{std::pair{std::string_view{"greeting"}, stored_form::greeting},
                                    std::pair{std::string_view{"text"}, stored_form::text}};
};

template <>
struct choice_words<unread_records> {
  static constexpr std::array words{std::pair{std::string_view{"keep"}, unread_records::keep},
                                    std::pair{std::string_view{"drop"}, unread_records::drop}};
};

/// The first word of a level is how it is told; the others are the reference platforms' words for it.
template <>
struct choice_words<log_level> {
  static constexpr std::array words{
    std::pair{std::string_view{"trace"}, log_level::trace},  std::pair{std::string_view{"debug"}, log_level::debug},
    std::pair{std::string_view{"info"}, log_level::info},    std::pair{std::string_view{"warning"}, log_level::warning},
    std::pair{std::string_view{"warn"}, log_level::warning}, std::pair{std::string_view{"error"}, log_level::error},
    std::pair{std::string_view{"off"}, log_level::off},      std::pair{std::string_view{"fatal"}, log_level::off},
    std::pair{std::string_view{"panic"}, log_level::off}};
};

template <>
struct choice_words<policies::restart_strategy> {
  static constexpr std::array words{std::pair{std::string_view{"one-for-one"}, policies::restart_strategy::one_for_one},
                                    std::pair{std::string_view{"one-for-all"}, policies::restart_strategy::one_for_all},
                                    std::pair{std::string_view{"rest-for-one"}, policies::restart_strategy::rest_for_one}};
};

} // namespace troupe::node
