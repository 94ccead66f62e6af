#include <troupe/bridges/kafka/administration.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/errors.hpp>

namespace troupe::kafka {

namespace {

constexpr std::size_t words_limit = 512;

using event_handle = c_ptr<rd_kafka_event_t, rd_kafka_event_destroy>;
using options_handle = c_ptr<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using new_topic_handle = c_ptr<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using binding_handle = c_ptr<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy>;
using resource_handle = c_ptr<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

int milliseconds(duration span) {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(span).count());
}

rd_kafka_ResourceType_t kind_of(permission_wish::resource kind) noexcept {
  return kind == permission_wish::resource::topic ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_GROUP;
}

rd_kafka_AclOperation_t operation_of(permission_wish::operation allowed) noexcept {
  switch (allowed) {
    case permission_wish::operation::read:
      return RD_KAFKA_ACL_OPERATION_READ;
    case permission_wish::operation::write:
      return RD_KAFKA_ACL_OPERATION_WRITE;
    case permission_wish::operation::describe:
      break;
  }
  return RD_KAFKA_ACL_OPERATION_DESCRIBE;
}

std::optional<permission_wish> wish_of(const rd_kafka_AclBinding_t* binding) {
  using operation = permission_wish::operation;
  using resource = permission_wish::resource;
  if (rd_kafka_AclBinding_permission_type(binding) != RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW
      || rd_kafka_AclBinding_resource_pattern_type(binding) != RD_KAFKA_RESOURCE_PATTERN_LITERAL)
    return std::nullopt;
  permission_wish result{rd_kafka_AclBinding_principal(binding), resource::topic, rd_kafka_AclBinding_name(binding)};
  const auto kind = rd_kafka_AclBinding_restype(binding);
  if (kind != RD_KAFKA_RESOURCE_TOPIC && kind != RD_KAFKA_RESOURCE_GROUP)
    return std::nullopt;
  result.kind = kind == RD_KAFKA_RESOURCE_TOPIC ? resource::topic : resource::group;
  for (const auto each : {operation::read, operation::write, operation::describe})
    if (rd_kafka_AclBinding_operation(binding) == operation_of(each)) {
      result.allowed = each;
      return result;
    }
  return std::nullopt;
}

// The client's log and errors would only repeat the answers.
class silence final : public client_listener {
public:
  void error(rd_kafka_resp_err_t code, std::string_view words) noexcept override {
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !latest_) // which follows the brokers' own errors
      latest_ = to_failure(code, words);
  }
  void statistics(std::string_view /*json*/) noexcept override {}
  void log(int /*level*/, std::string_view /*facility*/, std::string_view /*words*/) noexcept override {}

  [[nodiscard]] const std::optional<failure>& latest() const noexcept { return latest_; }

private:
  std::optional<failure> latest_;
};

} // namespace

class administrator::client {
public:
  silence listener;
  duration within{};
  client_handle handle;
  queue_handle answers;

  /// Sends a request by `send(options, queue)`, and waits for the answer.
  template <class Send>
  expected<event_handle> ask(rd_kafka_admin_op_t operation, Send send, trial how = trial::no) {
    const options_handle options{rd_kafka_AdminOptions_new(handle.get(), operation)};
    std::array<char, words_limit> words{};
    if (how == trial::yes)
      rd_kafka_AdminOptions_set_validate_only(options.get(), 1, words.data(), words.size());
    rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds(within), words.data(), words.size());
    send(options.get(), answers.get());
    event_handle answer{rd_kafka_queue_poll(answers.get(), milliseconds(within) + 1000)};
    if (!answer)
      return failure{errc::deadline_exceeded, "the brokers did not answer"};
    if (const auto code = rd_kafka_event_error(answer.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return explain(to_failure(code, rd_kafka_event_error_string(answer.get())));
    return answer;
  }

  /// The client's latest error, instead of a timeout or of the mere fact that no broker is connected, which say less.
  [[nodiscard]] failure explain(const failure& why) const {
    rd_kafka_poll(handle.get(), 0);
    const bool says_little =
      why.code == errc::deadline_exceeded || why.reason == to_failure(RD_KAFKA_RESP_ERR__TRANSPORT).reason;
    return says_little && listener.latest() ? *listener.latest() : why;
  }
};

administrator::administrator(std::unique_ptr<client> made) : client_(std::move(made)) {}
administrator::administrator(administrator&&) noexcept = default;
administrator& administrator::operator=(administrator&&) noexcept = default;
administrator::~administrator() = default;

expected<administrator> administrator::connect(connection to, duration within) {
  if (const auto mistakes = validate(to); !mistakes.empty())
    return failure{errc::invalid, mistakes.front()};
  const auto where = to.where(freshness::cached);
  if (where.has_error())
    return where.error();
  auto made = std::make_unique<client>();
  made->within = within;
  to.statistics = duration::zero();
  auto conf = make_conf(to, *where, {}, made->listener);
  if (conf.has_error())
    return conf.error();
  auto handle = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (handle.has_error())
    return handle.error();
  made->handle = std::move(*handle);
  made->answers.reset(rd_kafka_queue_new(made->handle.get()));
  return administrator{std::move(made)};
}

expected<std::vector<topic_fact>> administrator::topics(const std::vector<topic_wish>& wished) {
  // All topics: a request for one by name makes some clusters create it.
  const struct rd_kafka_metadata* raw = nullptr;
  const auto code = rd_kafka_metadata(client_->handle.get(), 1, nullptr, &raw, milliseconds(client_->within));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return client_->explain(to_failure(code));
  const metadata_handle all{raw};
  std::vector<topic_fact> result;
  for (int i = 0; i < all->topic_cnt; ++i) {
    const auto& each = all->topics[i];
    const auto wish =
      std::find_if(wished.begin(), wished.end(), [&](const topic_wish& one) { return one.name == each.topic; });
    if (wish == wished.end() || each.err != RD_KAFKA_RESP_ERR_NO_ERROR || each.partition_cnt == 0)
      continue;
    auto properties = properties_of(*wish);
    if (properties.has_error())
      return properties.error();
    result.push_back({each.topic, each.partition_cnt, each.partitions[0].replica_cnt, std::move(*properties)});
  }
  return result;
}

expected<property_list> administrator::properties_of(const topic_wish& wish) {
  property_list result;
  if (wish.properties.empty())
    return result;
  const resource_handle resource{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, wish.name.c_str())};
  auto answer = client_->ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](auto* options, auto* queue) {
    auto* one = resource.get();
    rd_kafka_DescribeConfigs(client_->handle.get(), &one, 1, options, queue);
  });
  if (answer.has_error())
    return answer.error();
  std::size_t count = 0;
  const auto* const* resources =
    rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t entries = 0;
    const auto* const* configs = rd_kafka_ConfigResource_configs(resources[i], &entries);
    for (std::size_t j = 0; j < entries; ++j) {
      const std::string name = rd_kafka_ConfigEntry_name(configs[j]);
      const auto* const value = rd_kafka_ConfigEntry_value(configs[j]);
      const auto wanted = [&](const property& one) { return one.name == name; };
      if (value != nullptr && std::any_of(wish.properties.begin(), wish.properties.end(), wanted))
        result.push_back({name, value});
    }
  }
  return result;
}

expected<std::vector<permission_wish>> administrator::permissions(const std::vector<permission_wish>& wished) {
  std::set<std::string> principals;
  for (const auto& each : wished)
    principals.insert(each.principal);
  std::vector<permission_wish> result;
  for (const auto& principal : principals) {
    std::array<char, words_limit> words{};
    const binding_handle filter{rd_kafka_AclBindingFilter_new(RD_KAFKA_RESOURCE_ANY, nullptr, RD_KAFKA_RESOURCE_PATTERN_ANY,
                                                              principal.c_str(), nullptr, RD_KAFKA_ACL_OPERATION_ANY,
                                                              RD_KAFKA_ACL_PERMISSION_TYPE_ANY, words.data(), words.size())};
    if (!filter)
      return failure{errc::invalid, principal + ": " + words.data()};
    auto answer = client_->ask(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, [&](auto* options, auto* queue) {
      rd_kafka_DescribeAcls(client_->handle.get(), filter.get(), options, queue);
    });
    if (answer.has_error())
      return answer.error();
    std::size_t count = 0;
    const auto* const* bindings =
      rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(answer->get()), &count);
    for (std::size_t i = 0; i < count; ++i)
      if (auto wish = wish_of(bindings[i]))
        result.push_back(std::move(*wish));
  }
  return result;
}

// The deletion of a permission that does not exist fails as a creation would. A request for permissions does not show that
// there is no authorizer.
expected<void> administrator::may_allow() {
  constexpr const char* absent = "troupe-asks-whether-there-is-an-authorizer";
  std::array<char, words_limit> words{};
  binding_handle filter{rd_kafka_AclBindingFilter_new(
    RD_KAFKA_RESOURCE_GROUP, absent, RD_KAFKA_RESOURCE_PATTERN_LITERAL, (std::string{"User:"} + absent).c_str(), nullptr,
    RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, words.data(), words.size())};
  if (!filter)
    return failure{errc::internal, words.data()};
  auto* const asked = filter.get();
  auto answer = client_->ask(RD_KAFKA_ADMIN_OP_DELETEACLS, [&](auto* options, auto* queue) {
    auto* one = asked;
    rd_kafka_DeleteAcls(client_->handle.get(), &one, 1, options, queue);
  });
  if (answer.has_error())
    return answer.error();
  std::size_t count = 0;
  const auto* const* results = rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto* why = rd_kafka_DeleteAcls_result_response_error(results[i]); why != nullptr)
      return to_failure(why);
  return {};
}

expected<void> administrator::create(const std::vector<topic_wish>& topics) {
  return create(topics, trial::no);
}

expected<void> administrator::try_create(const topic_wish& topic) {
  return create({topic}, trial::yes);
}

expected<void> administrator::create(const std::vector<topic_wish>& topics, trial how) {
  std::vector<new_topic_handle> owned;
  std::vector<rd_kafka_NewTopic_t*> asked;
  for (const auto& each : topics) {
    std::array<char, words_limit> words{};
    auto* const made =
      rd_kafka_NewTopic_new(each.name.c_str(), each.partitions, each.replication, words.data(), words.size());
    if (made == nullptr)
      return failure{errc::invalid, "the topic " + each.name + ": " + words.data()};
    owned.emplace_back(made);
    asked.push_back(made);
    for (const auto& one : each.properties)
      rd_kafka_NewTopic_set_config(made, one.name.c_str(), one.value.c_str());
  }
  if (asked.empty())
    return {};
  auto answer = client_->ask(
    RD_KAFKA_ADMIN_OP_CREATETOPICS,
    [&](auto* options, auto* queue) {
      rd_kafka_CreateTopics(client_->handle.get(), asked.data(), asked.size(), options, queue);
    },
    how);
  if (answer.has_error())
    return answer.error();
  std::size_t count = 0;
  const auto* const* results =
    rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      continue; // created by another process in the meantime
    const auto* const words = rd_kafka_topic_result_error_string(results[i]);
    return to_failure(code, std::string{rd_kafka_topic_result_name(results[i])} + (words ? std::string{", "} + words : ""));
  }
  return {};
}

expected<void> administrator::allow(const std::vector<permission_wish>& permissions) {
  std::vector<binding_handle> owned;
  std::vector<rd_kafka_AclBinding_t*> asked;
  for (const auto& each : permissions) {
    std::array<char, words_limit> words{};
    auto* const made = rd_kafka_AclBinding_new(kind_of(each.kind), each.name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
                                               each.principal.c_str(), "*", operation_of(each.allowed),
                                               RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, words.data(), words.size());
    if (made == nullptr)
      return failure{errc::invalid, to_string(each) + ": " + words.data()};
    owned.emplace_back(made);
    asked.push_back(made);
  }
  if (asked.empty())
    return {};
  auto answer = client_->ask(RD_KAFKA_ADMIN_OP_CREATEACLS, [&](auto* options, auto* queue) {
    rd_kafka_CreateAcls(client_->handle.get(), asked.data(), asked.size(), options, queue);
  });
  if (answer.has_error())
    return answer.error();
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto* why = rd_kafka_acl_result_error(results[i]); why != nullptr)
      return to_failure(why);
  return {};
}

} // namespace troupe::kafka
