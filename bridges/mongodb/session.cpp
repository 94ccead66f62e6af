#include <troupe/bridges/mongodb/session.hpp>

#include <chrono>
#include <map>
#include <utility>

#include <troupe/bridges/mongodb/bulk.hpp>
#include <troupe/bridges/mongodb/codec.hpp>
#include <troupe/bridges/mongodb/connection_string.hpp>
#include <troupe/bridges/mongodb/errors.hpp>
#include <troupe/bridges/mongodb/library.hpp>

namespace troupe::mongodb {

namespace {

// Failures that a check of the servers shows too; only a write shows others.
bool is_of_link(errc code) noexcept {
  return code == errc::unavailable || code == errc::deadline_exceeded || code == errc::unauthenticated
         || code == errc::untrusted;
}

failure transient(failure why) {
  if (!is_transient(why.code)) // such as a secret that was not found: an operator may correct it
    why.code = errc::unavailable;
  return why;
}

} // namespace

/// A pool with the callbacks of its threads.
class session::connections {
public:
  static expected<connections_ptr> open(const mongoc_uri_t& to, std::shared_ptr<link_watch> link) {
    bson_error_t problem{};
    pool_handle pool{mongoc_client_pool_new_with_error(&to, &problem)};
    if (!pool)
      return to_failure(problem);
    mongoc_client_pool_set_error_api(pool.get(), MONGOC_ERROR_API_VERSION_2);
    auto result = std::make_shared<connections>(std::move(link), std::move(pool));
    const callbacks_handle callbacks{mongoc_apm_callbacks_new()};
    mongoc_apm_set_topology_changed_cb(callbacks.get(), on_topology);
    mongoc_client_pool_set_apm_callbacks(result->pool_.get(), callbacks.get(), result->link_.get());
    return result;
  }

  connections(std::shared_ptr<link_watch> link, pool_handle pool) : link_(std::move(link)), pool_(std::move(pool)) {}

  /// A client for one use.
  class lease {
  public:
    explicit lease(connections& from) : pool_(*from.pool_), client_(mongoc_client_pool_pop(&pool_)) {}
    ~lease() { mongoc_client_pool_push(&pool_, client_); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    mongoc_client_t& operator*() const noexcept { return *client_; }

  private:
    mongoc_client_pool_t& pool_;
    mongoc_client_t* client_;
  };

private:
  // One of several servers may be away, as long as another one accepts writes. That one does again is found by a check: this
  // callback knows nothing of credentials.
  static void on_topology(const mongoc_apm_topology_changed_t* event) noexcept {
    auto& link = *static_cast<link_watch*>(mongoc_apm_topology_changed_get_context(event));
    // The function reads, though its parameter is not const.
    auto* const now = const_cast<mongoc_topology_description_t*>(mongoc_apm_topology_changed_get_new_description(event));
    if (link.connected() && !mongoc_topology_description_has_writable_server(now))
      link.link_fails({errc::unavailable, "no server accepts writes"});
  }

  std::shared_ptr<link_watch> link_; // outlives the pool, whose threads know it
  pool_handle pool_;
};

session::session(config settings, std::shared_ptr<link_watch> link, std::uint64_t seed)
  : config_(std::move(settings)), link_(std::move(link)), renewal_backoff_(policies::reconnect_backoff, seed) {
  begin_library();
}

session::~session() = default;

expected<session::connections_ptr> session::open(const access& where) {
  auto uri = complete(where.uri, config_);
  if (uri.has_error())
    return uri.error();
  return connections::open(**uri, link_);
}

expected<session::connections_ptr> session::get() {
  const std::lock_guard lock{guard_};
  if (current_)
    return current_;
  const auto now = steady_now();
  const auto how = no_renewal_before_ ? freshness::anew : freshness::cached; // a wrong one is read again
  if (no_renewal_before_ && now < *no_renewal_before_)
    return last_trouble_;
  auto where = config_.where(how);
  auto made = where.has_error() ? expected<connections_ptr>{where.error()} : open(*where);
  if (made.has_error()) {
    no_renewal_before_ = now + renewal_backoff_.next(now);
    last_trouble_ = made.error();
    return last_trouble_;
  }
  current_ = *made;
  uri_ = where->uri;
  return made;
}

// Returns whether there are other connections now than the ones that were refused.
bool session::renew(const connections_ptr& refused) {
  const std::lock_guard lock{guard_};
  if (current_ != refused)
    return true; // another thread did
  const auto now = steady_now();
  if (no_renewal_before_ && now < *no_renewal_before_)
    return false;
  no_renewal_before_ = now + renewal_backoff_.next(now);
  const auto where = config_.where(freshness::anew);
  if (where.has_error() || where->uri.matches(uri_.reveal()))
    return false;
  auto made = open(*where);
  if (made.has_error())
    return false;
  current_ = std::move(*made);
  uri_ = where->uri;
  link_->say(severity::info, "the credentials were renewed");
  return true;
}

expected<written> session::write(const std::vector<document>& batch) {
  for (bool again = true;; again = false) {
    const auto over = get();
    if (over.has_error()) {
      link_->link_fails(over.error());
      return transient(over.error());
    }
    auto done = write_over(**over, batch);
    if (done.has_value())
      return done;
    if (done.error().code == errc::unauthenticated && again && renew(*over))
      continue;
    if (is_of_link(done.error().code))
      link_->link_fails(done.error());
    else
      link_->work_fails(done.error());
    return done;
  }
}

expected<written> session::write_over(connections& over, const std::vector<document>& documents) const {
  written result;
  result.each.resize(documents.size());
  struct batch {
    std::vector<std::size_t> positions; ///< of its documents in the write
    std::vector<bson_document> documents;
  };
  std::map<std::pair<std::string_view, std::string_view>, batch> batches;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto made = encode(documents[i], config_.largest_document);
    if (made.has_error()) {
      result.each[i] = {write_outcome::refused, made.error()};
      continue;
    }
    auto& into = batches[{documents[i].database, documents[i].collection}];
    into.positions.push_back(i);
    into.documents.push_back(std::move(*made));
  }
  if (batches.empty())
    return result;
  const connections::lease client{over};
  for (const auto& [name, each] : batches) {
    auto outcomes = insert(*client, std::string{name.first}, std::string{name.second}, each.documents);
    if (outcomes.has_error())
      return transient(outcomes.error());
    for (std::size_t i = 0; i < each.positions.size(); ++i)
      result.each[each.positions[i]] = std::move((*outcomes)[i]);
  }
  link_->work_succeeds();
  return result;
}

void session::check() {
  for (bool again = true;; again = false) {
    const auto over = get();
    if (over.has_error())
      return link_->link_fails(over.error());
    bson_t ping = BSON_INITIALIZER;
    BSON_APPEND_INT32(&ping, "ping", 1);
    bson_error_t problem{};
    const bool fine = mongoc_client_command_simple(&*connections::lease{**over}, "admin", &ping, nullptr, nullptr, &problem);
    bson_destroy(&ping);
    if (fine)
      return link_->link_works();
    const auto why = to_failure(problem);
    if (why.code == errc::unauthenticated && again && renew(*over))
      continue;
    return link_->link_fails(why);
  }
}

void session::close() {
  const auto last = [this] {
    const std::lock_guard lock{guard_};
    return std::exchange(current_, nullptr);
  }();
}

} // namespace troupe::mongodb
