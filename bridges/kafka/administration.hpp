#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/kafka/config.hpp>

namespace troupe::kafka {

/// A topic that must exist.
struct topic_wish {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication = 1; ///< copies of each partition
  property_list properties; ///< of the topic, such as `retention.ms`, as https://kafka.apache.org/documentation names them
};

/// An operation that a principal must be allowed.
struct permission_wish {
  enum class resource : std::uint8_t { topic, group };
  enum class operation : std::uint8_t { read, write, describe };

  std::string principal; ///< such as `User:alice`
  resource kind = resource::topic;
  std::string name;
  operation allowed = operation::read;

  friend bool operator==(const permission_wish&, const permission_wish&) = default;
};

/// A topic of the cluster.
struct topic_fact {
  std::string name;
  std::int32_t partitions = 0;
  std::int32_t replication = 0;
  property_list properties; ///< the ones of the wish
};

/// A difference between a wish and the cluster.
struct difference {
  enum class remedy_kind : std::uint8_t {
    apply,  ///< removed by creating a topic or a permission
    report, ///< needs a change or a deletion, which an operator must decide
  };

  remedy_kind remedy = remedy_kind::report;
  std::string text; ///< for people: "create the topic foo-topic with 3 partitions and 3 replicas"
};

/// The differences, in the order of the wishes. Pure.
std::vector<difference> compare(const std::vector<topic_wish>& wished, const std::vector<topic_fact>& found);
std::vector<difference> compare(const std::vector<permission_wish>& wished, const std::vector<permission_wish>& found);

/// As text: "allow User:alice to read the topic foo-topic".
std::string to_string(const permission_wish& wish);

/// Reads topics and permissions of a cluster, and creates them. Each call blocks its thread for at most `within`; one thread
/// at a time.
class administrator {
public:
  /// Fails as the access does, or with `invalid` for a configuration that is wrong.
  static expected<administrator> connect(connection to, duration within);

  administrator(administrator&&) noexcept;
  administrator& operator=(administrator&&) noexcept;
  ~administrator();

  /// The wished topics that exist.
  expected<std::vector<topic_fact>> topics(const std::vector<topic_wish>& wished);
  /// The permissions of the wished principals.
  expected<std::vector<permission_wish>> permissions(const std::vector<permission_wish>& wished);

  /// Whether `allow` can succeed. Changes nothing. Fails with `unsupported` where the cluster has no authorizer, and with
  /// `forbidden` where this login must not change permissions.
  expected<void> may_allow();

  /// Creates missing topics or permissions; existing ones stay unchanged.
  expected<void> create(const std::vector<topic_wish>& topics);
  expected<void> allow(const std::vector<permission_wish>& permissions);
  /// Whether `create` would succeed, as the brokers say. Changes nothing.
  expected<void> try_create(const topic_wish& topic);

private:
  class client;
  explicit administrator(std::unique_ptr<client> made);
  expected<property_list> properties_of(const topic_wish& wish);
  enum class trial : std::uint8_t { no, yes };
  expected<void> create(const std::vector<topic_wish>& topics, trial how);

  std::unique_ptr<client> client_;
};

} // namespace troupe::kafka
