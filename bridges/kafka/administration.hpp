#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/kafka/config.hpp>

namespace troupe::kafka {

/// A topic as it shall be.
struct topic_wish {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication = 1; ///< copies of each partition
  property_list properties; ///< of the topic, such as `retention.ms`, as https://kafka.apache.org/documentation names them
};

/// What somebody may do.
struct permission_wish {
  enum class resource : std::uint8_t { topic, group };
  enum class operation : std::uint8_t { read, write, describe };

  std::string principal; ///< such as `User:alice`
  resource kind = resource::topic;
  std::string name;
  operation what = operation::read;

  friend bool operator==(const permission_wish&, const permission_wish&) = default;
};

/// What the cluster has of a topic.
struct topic_fact {
  std::string name;
  std::int32_t partitions = 0;
  std::int32_t replication = 0;
  property_list properties; ///< those that were asked for
};

/// One difference between what shall be and what is.
struct difference {
  enum class remedy : std::uint8_t {
    apply, ///< it is made good by creating something
    tell,  ///< it would change or delete what is there: an operator's decision
  };

  remedy what = remedy::tell;
  std::string text; ///< for people: "create the topic foo-topic with 3 partitions and 3 replicas"
};

/// What is to be done about topics, in the order of the wishes. Pure.
std::vector<difference> compare(const std::vector<topic_wish>& wished, const std::vector<topic_fact>& found);
std::vector<difference> compare(const std::vector<permission_wish>& wished, const std::vector<permission_wish>& found);

/// In words: "allow User:alice to read the topic foo-topic".
std::string to_string(const permission_wish& what);

/// Asks the cluster and changes it. Each call blocks its thread, at most for `within`; one thread at a time.
class administrator {
public:
  /// Fails as the access does, or with `invalid` for a configuration that is wrong.
  static expected<administrator> connect(connection to, duration within);

  administrator(administrator&&) noexcept;
  administrator& operator=(administrator&&) noexcept;
  ~administrator();

  /// Those of the wished topics that are there.
  expected<std::vector<topic_fact>> topics(const std::vector<topic_wish>& wished);
  /// What the wished principals are allowed.
  expected<std::vector<permission_wish>> permissions(const std::vector<permission_wish>& wished);

  /// Whether anybody can be allowed anything by us. Changes nothing. Fails with `unsupported` where the cluster has no
  /// authorizer, and with `forbidden` where we may not.
  expected<void> may_allow();

  /// Creates what is not there; what is there already is left as it is.
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
