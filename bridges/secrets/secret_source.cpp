#include <troupe/bridges/secrets/secret_source.hpp>

#include <cstdlib>
#include <utility>

#include <troupe/bridges/secrets/secret_file.hpp>

namespace troupe::secrets {

namespace {

class source_state {
public:
  source_state(secret_source_actor::pointer self, config settings) : self_(self), config_(std::move(settings)) {}

  secret_source_actor::behavior_type make_behavior() {
    return {[this](const read_secret& request) { return read(request); }};
  }

private:
  caf::result<secret_value> read(const read_secret& asked) {
    switch (asked.reference.keeper) {
      case secret_keeper::environment:
        return answer(asked.reference, variable(asked.reference.name));
      case secret_keeper::file: // a small local file: a separate thread would cost more than the reading
        return answer(asked.reference, read_secret_file(asked.reference.name));
      case secret_keeper::secrets_manager:
      case secret_keeper::parameter_store:
        return pass_on(asked);
    }
    return to_error({errc::internal, "a keeper of secrets that does not exist"});
  }

  expected<secret> variable(const std::string& name) const {
    if (auto found = config_.variable(name))
      return secret{std::move(*found)};
    return failure{errc::not_found, "the variable is not set"};
  }

  static caf::result<secret_value> answer(const secret_reference& reference, const expected<secret>& whole) {
    auto picked = whole ? select_field(*whole, reference.field) : whole;
    if (!picked)
      return to_error({picked.error().code, to_string(reference) + ": " + picked.error().reason});
    return secret_value{std::move(*picked), {}};
  }

  caf::result<secret_value> pass_on(const read_secret& asked) {
    if (!config_.aws)
      return to_error({errc::unsupported, to_string(asked.reference) + ": this process reads no secrets of AWS"});
    const auto now = self_->clock().now();
    const auto within = asked.answer_by.limited() ? asked.answer_by.remaining(now) : config_.default_deadline;
    auto promise = self_->make_response_promise<secret_value>();
    ask(self_, config_.aws, within, asked)
      .then([promise](secret_value& value) mutable { promise.deliver(std::move(value)); },
            [promise](const caf::error& why) mutable { promise.deliver(to_error(to_failure(why))); });
    return promise;
  }

  secret_source_actor::pointer self_;
  config config_;
};

} // namespace

std::optional<std::string> process_variable(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment.
  const auto* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

secret_source_actor spawn_secret_source(const spawn_context& context, config settings) {
  return spawn_supervised<secret_source_actor, source_state>(context, std::move(settings));
}

} // namespace troupe::secrets
