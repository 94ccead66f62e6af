#include <troupe/deploy/node/process/secrets.hpp>

#include <troupe/bridges/aws/secret_source.hpp>
#include <troupe/bridges/secrets/secret_source.hpp>

namespace troupe::node {

outside_secrets::outside_secrets(const kafka_plan& what) : config_(std::make_unique<caf::actor_system_config>()) {
  config_->set("caf.scheduler.max-threads", std::size_t{1});
  system_ = std::make_unique<caf::actor_system>(*config_);
  if (asks_aws(what))
    if (auto told = aws::configure(); told.has_value())
      aws_ = aws::spawn_secret_source(unsupervised(*system_, "secrets/aws"), std::move(*told));
  keeper_ = secrets::spawn_secret_source(unsupervised(*system_, "secrets/keeper"), {.aws = aws_});
}

outside_secrets::~outside_secrets() {
  ask_to_end(keeper_, caf::exit_reason::user_shutdown);
  if (aws_)
    ask_to_end(aws_, caf::exit_reason::user_shutdown);
}

} // namespace troupe::node
