#include <troupe/bridges/kafka/client_access.hpp>

#include <fstream>
#include <iterator>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>

namespace troupe::kafka {

namespace {

constexpr auto look_every = std::chrono::seconds{1};

// A file that cannot be read counts as an empty one: making a client fails with the reason.
std::size_t hash_of(const tls_files& files) {
  std::string all;
  for (const auto* each : {&files.authorities, &files.certificate, &files.key}) {
    std::ifstream in{*each, std::ios::binary};
    all.append(std::istreambuf_iterator<char>{in}, {}).push_back('\0');
  }
  return std::hash<std::string>{}(all);
}

} // namespace

client_access::client_access(connection to, client_watch& watch, make_function make)
  : to_(std::move(to)), watch_(watch), make_(std::move(make)) {}

client_handle client_access::connect(const std::function<bool(const failure&, instant)>& wait) {
  auto how = freshness::cached;
  for (;;) {
    auto where = to_.where(std::exchange(how, freshness::anew));
    if (where.has_error()) {
      watch_.link_fails(where.error());
      if (!wait(where.error(), steady_now() + access_backoff_.next(steady_now())))
        return nullptr;
      continue;
    }
    auto made = make(std::move(*where));
    if (made.has_error()) {
      watch_.cannot_go_on(made.error());
      return nullptr;
    }
    return std::move(*made);
  }
}

client_handle client_access::next() {
  auto where = to_.where(freshness::cached);
  auto made = where.has_value() ? make(std::move(*where)) : where.error();
  if (made.has_error()) {
    watch_.link_fails(made.error());
    return nullptr;
  }
  return std::move(*made);
}

expected<client_handle> client_access::make(access where) {
  if (to_.tls)
    files_ = hash_of(*to_.tls);
  auto made = make_(where);
  if (made.has_value())
    where_ = std::move(where);
  return made;
}

bool client_access::files_changed() {
  const auto now = steady_now();
  if (!to_.tls || now < next_look_)
    return false;
  const auto trouble = watch_.link_trouble();
  if (!trouble || trouble->code != errc::unauthenticated)
    return false;
  next_look_ = now + look_every;
  const auto found = hash_of(*to_.tls);
  return std::exchange(seen_files_, found) == found && found != files_;
}

void client_access::renew_credentials(std::initializer_list<rd_kafka_t*> clients) {
  if (!watch_.credentials_refused())
    return renewal_backoff_.reset();
  const auto now = steady_now();
  if (!where_.login || (no_renewal_before_ && now < *no_renewal_before_))
    return;
  no_renewal_before_ = now + renewal_backoff_.next(now);
  auto where = to_.where(freshness::anew);
  if (where.has_error())
    return watch_.link_fails(where.error());
  if (!where->login
      || (where->login->username == where_.login->username
          && where->login->password.matches(where_.login->password.reveal())))
    return;
  where_.login = std::move(where->login);
  for (auto* const each : clients)
    if (const error_handle failed{
          rd_kafka_sasl_set_credentials(each, where_.login->username.c_str(), where_.login->password.reveal().c_str())})
      return watch_.link_fails(to_failure(failed.get()));
  watch_.say(severity::info, "the credentials were renewed");
}

} // namespace troupe::kafka
