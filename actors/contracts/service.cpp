#include <troupe/actors/contracts/service.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace troupe {

namespace {

class contract_state {
public:
  contract_state(contract_actor::pointer self, contract_service_config config, const spawn_context& spawned)
    : self_(self),
      config_(std::move(config)),
      watcher_(spawned.watcher),
      service_name_(spawned.service()),
      sender_(self, scope_),
      context_(spawned, {config_.callees, config_.channels, config_.stores, config_.settings, config_.secrets}, sender_),
      service_(config_.make(context_)),
      scope_(self, config_.calls) {}

  contract_actor::behavior_type make_behavior() {
    return {[this](contract_call& asked) { return scope_.run(answer(std::move(asked))); }};
  }

private:
  // Begins when the coroutines before it let it.
  task<contract_answer> answer(contract_call asked) {
    if (asked.context.answer_by.passed(self_->clock().now()))
      throw call_failed{{errc::deadline_exceeded, "the time ran out before the call could begin"}};
    if (asked.context.abandoned.stop_requested())
      throw call_failed{{errc::cancelled, "the caller left before the call could begin"}};
    span work{watcher_, span_name_of(*asked.method), span_kind::internal, asked.context.trace, service_name_};
    if (work.recorded())
      work.rename(asked.method->service()->full_name() + '/' + asked.method->name())
        .with("rpc.system", std::string{"troupe"})
        .with("rpc.service", asked.method->service()->full_name())
        .with("rpc.method", asked.method->name());
    asked.context.trace = work.context();
    try {
      co_return co_await service_->answer_call(std::move(asked));
    } catch (const call_failed& failed) {
      work.fail(failed.why());
      throw;
    } catch (const std::exception&) {
      work.fail({errc::actor_failed, "the handler threw"}); // its words may say anything
      throw;
    }
  }

  static const std::string& span_name_of(const google::protobuf::MethodDescriptor& method) { return method.name(); }

  contract_actor::pointer self_;
  const contract_service_config config_;
  const observer_ptr watcher_;
  const std::string service_name_;
  scope_call_sender<contract_actor::impl> sender_;
  service_context context_;
  std::unique_ptr<contract_service> service_;
  task_scope<contract_actor::impl> scope_; // goes first: its coroutines use all that is above
};

/// Of what is no actor: nothing runs there that could send.
class idle_sender final : public call_sender {
public:
  static idle_sender& instance() {
    static idle_sender only;
    return only;
  }

  void send(const contract_actor& /*callee*/, duration /*at_most*/, contract_call /*call*/,
            std::shared_ptr<coroutines::pending<contract_answer>> /*outcome*/) override {
    refuse();
  }
  void send(const publisher_actor& /*to*/, duration /*at_most*/, publish /*messages*/,
            std::shared_ptr<coroutines::pending<published>> /*outcome*/) override {
    refuse();
  }
  void send(const store_actor& /*to*/, duration /*at_most*/, write_documents /*documents*/,
            std::shared_ptr<coroutines::pending<written>> /*outcome*/) override {
    refuse();
  }

private:
  [[noreturn]] static void refuse() { throw std::logic_error("what is no actor sends nothing"); }
};

template <class Links>
const auto& link_of(const Links& links, std::string_view name, const std::string& use, const std::string& kind) {
  if (const auto found = links.find(name); found != links.end())
    return found->second;
  std::string known;
  for (const auto& [each, link] : links)
    known += (known.empty() ? "" : ", ") + each;
  throw std::invalid_argument(use + " \"" + std::string{name} + "\", which is none of its " + kind + ": "
                              + (known.empty() ? "it has none" : known));
}

} // namespace

service_context::service_context(std::string service, service_links links)
  : service_(std::move(service)), watcher_(silent_observer()), links_(std::move(links)), sender_(&idle_sender::instance()) {}

service_context::service_context(std::string service, declared_uses& into, source_location registered)
  : service_(std::move(service)),
    watcher_(silent_observer()),
    sender_(&idle_sender::instance()),
    collected_(&into),
    registered_(registered) {}

contract_actor service_context::callee(std::string_view name, const google::protobuf::ServiceDescriptor& contract,
                                       const source_location& where) const {
  if (collected_ != nullptr) {
    collected_->calls.push_back({std::string{name}, &contract, where});
    return {};
  }
  const auto found = links_.callees.find(std::string{name} + ' ' + contract.full_name());
  return found == links_.callees.end() ? link_of(links_.callees, name, service_ + " calls", "callees") : found->second;
}

call_counts_ptr service_context::counts_of(std::string_view callee) const {
  return collected_ != nullptr ? nullptr : std::make_shared<call_counts>(watcher_, service_, std::string{callee});
}

channel_link service_context::channel_of(std::string_view name, const std::string& type,
                                         const source_location& where) const {
  if (collected_ != nullptr) {
    collected_->publishes.push_back({std::string{name}, type, where});
    return {};
  }
  return link_of(links_.channels, name, service_ + " publishes to", "channels");
}

store_link service_context::store_of(std::string_view name, const source_location& where) const {
  if (collected_ != nullptr) {
    collected_->stores.push_back({std::string{name}, where});
    return {};
  }
  return link_of(links_.stores, name, service_ + " writes to", "stores");
}

contract_actor spawn_contract_service(const spawn_context& context, contract_service_config config) {
  return spawn_supervised<contract_actor, contract_state>(context, std::move(config), context);
}

task<contract_answer> refuse_method(contract_call asked, const google::protobuf::ServiceDescriptor& served) {
  throw call_failed{{errc::unsupported,
                     served.full_name() + " is served here, and " + asked.method->full_name() + " is none of its methods"}};
  co_return contract_answer{}; // which makes it a coroutine
}

const google::protobuf::ServiceDescriptor& linked_contract(const std::string& full_name) {
  const auto* const found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(full_name);
  if (found == nullptr)
    throw std::logic_error("the contract " + full_name + " is not linked into this program");
  return *found;
}

} // namespace troupe
