#include <troupe/deploy/host/process/secrets.hpp>

#include <chrono>
#include <utility>

#include <troupe/bridges/aws/secret_source.hpp>
#include <troupe/bridges/secrets/secret_source.hpp>

namespace troupe::host {

namespace {

constexpr auto secret_within = std::chrono::seconds{20};

} // namespace

expected<secret> read_outside(caf::actor_system& system, const secret_source_actor& from, const secret_reference& kept,
                              freshness how) {
  expected<secret> result{failure{}};
  caf::scoped_actor self{system};
  const auto until = deadline::after(secret_within, steady_now());
  ask(self.operator->(), from, secret_within + std::chrono::seconds{1}, read_secret{kept, how, until})
    .receive([&](secret_value& value) { result = std::move(value.text); },
             [&](const caf::error& why) {
               const auto reason = to_failure(why);
               const auto named = reason.reason.starts_with(to_string(kept)); // by its keeper; not where no answer came
               result = failure{reason.code, (named ? "" : to_string(kept) + ": ") + reason.reason};
             });
  return result;
}

outside_secrets::outside_secrets(keepers from) : config_(std::make_unique<caf::actor_system_config>()) {
  config_->set("caf.scheduler.max-threads", std::size_t{1});
  system_ = std::make_unique<caf::actor_system>(*config_);
  if (from == keepers::aws_too)
    if (auto config = aws::configure(); config.has_value())
      aws_ = aws::spawn_secret_source(unsupervised(*system_, "secrets/aws"), std::move(*config));
  keeper_ = secrets::spawn_secret_source(unsupervised(*system_, "secrets/keeper"), {.aws = aws_});
}

outside_secrets::~outside_secrets() {
  ask_to_end(keeper_, caf::exit_reason::user_shutdown);
  if (aws_)
    ask_to_end(aws_, caf::exit_reason::user_shutdown);
}

} // namespace troupe::host
