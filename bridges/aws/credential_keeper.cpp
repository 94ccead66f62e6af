#include <troupe/bridges/aws/credential_keeper.hpp>

#include <utility>

namespace troupe::aws {

namespace {

// Files of tokens end with a line break more often than not.
std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return text;
}

} // namespace

credential_keeper::credential_keeper(const config& settings, exchange ask, observer_ptr watcher, speaker who)
  : config_(settings),
    ask_(std::move(ask)),
    watcher_(std::move(watcher)),
    who_(who),
    renewals_(watcher_->make_counter("troupe_aws_credentials_total", "AWS credentials that were found or renewed.",
                                     {{"service", who.service}})) {}

expected<credentials> credential_keeper::get(instant until) {
  if (kept_ && last(config_.renew_before))
    return *kept_;
  auto found = look(until);
  if (found) {
    renewals_.add();
    kept_ = std::move(*found);
    return *kept_;
  }
  if (kept_ && last({})) {
    watcher_->log(severity::warning, who_, "AWS credentials could not be renewed yet: " + to_string(found.error()));
    return *kept_;
  }
  return found;
}

expected<credentials> credential_keeper::look(instant until) {
  auto chosen = choose_provider(config_.around);
  if (!chosen)
    return chosen.error();
  if (chosen->found_in != found_in_) {
    found_in_ = chosen->found_in;
    watcher_->log(severity::info, who_, "AWS credentials are taken from " + found_in_);
  }
  auto found = std::visit([&](const auto& how) { return from(how, until); }, chosen->how);
  if (!found)
    return failure{found.error().code, "AWS credentials from " + found_in_ + ": " + found.error().reason};
  return found;
}

expected<credentials> credential_keeper::from(const known_keys& known, instant /*until*/) const {
  return known.keys;
}

expected<credentials> credential_keeper::from(const web_identity& who, instant until) const {
  auto token = config_.around.file(who.token_file);
  if (!token)
    return failure{errc::unauthenticated, token.error().reason};
  const auto response = ask_(encode_assume_role(who, trimmed(std::move(*token)), config_.at.sts), until);
  return response ? decode_assume_role(*response) : response.error();
}

expected<credentials> credential_keeper::from(const container_endpoint& endpoint, instant until) const {
  auto token = endpoint.token.reveal();
  if (!endpoint.token_file.empty()) {
    auto read = config_.around.file(endpoint.token_file);
    if (!read)
      return failure{errc::unauthenticated, read.error().reason};
    token = trimmed(std::move(*read));
  }
  const auto question = encode_container_question(endpoint, token);
  if (!question)
    return question.error();
  const auto response = ask_(*question, until);
  return response ? decode_container_answer(*response) : response.error();
}

bool credential_keeper::last(std::chrono::nanoseconds at_least) const {
  return !kept_->expires || *kept_->expires - config_.now() > at_least;
}

} // namespace troupe::aws
