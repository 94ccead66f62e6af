#include <troupe/deploy/node/process/topics.hpp>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string_view>
#include <thread>
#include <utility>

#include <troupe/deploy/node/process/amqp.hpp>
#include <troupe/deploy/node/process/kafka.hpp>
#include <troupe/deploy/node/process/secrets.hpp>

namespace troupe::node {

namespace {

constexpr auto patience = std::chrono::seconds{20};
constexpr auto look_again_after = std::chrono::milliseconds{50};

/// What the commands of all bridges tell alike.
class telling {
public:
  telling(const topics_command& asked, std::ostream& out) : asked_(asked), out_(out) {}

  [[nodiscard]] bool rehearses() const noexcept { return asked_.dry_run == topics_command::rehearsal::yes; }
  [[nodiscard]] bool told() const noexcept { return told_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

  template <class Difference>
  void tell(const std::vector<Difference>& all) {
    for (const auto& [by, text] : all)
      say(by == Difference::remedy::tell ? "differs: " : rehearses() ? "would " : "", text);
  }

  /// What was done, or would be, and what cannot be done.
  template <class Difference>
  void tell(const std::vector<Difference>& all, const expected<void>& outcome) {
    if (outcome)
      return tell(all);
    for (const auto& each : all)
      say("cannot ", each.text + ": " + outcome.error().reason);
    // Where there is nobody who forbids, nothing is missing.
    failed_ = failed_ || outcome.error().code != errc::unsupported;
  }

private:
  void say(std::string_view how, const std::string& text) {
    out_ << how << text << std::endl;
    told_ = true;
  }

  const topics_command& asked_;
  std::ostream& out_;
  bool told_ = false;
  bool failed_ = false;
};

/// What is missing of the wishes: those that `compare` would apply.
template <class Wish, class Fact, class Same>
std::vector<Wish> missing(const std::vector<Wish>& wished, const std::vector<Fact>& found, Same same) {
  std::vector<Wish> result;
  for (const auto& each : wished)
    if (std::ranges::none_of(found, [&](const Fact& one) { return same(each, one); }))
      result.push_back(each);
  return result;
}

/// One run of the command against the cluster.
class cluster_application {
public:
  cluster_application(const topics_command& asked, const plan& what, telling& out) : asked_(asked), plan_(what), out_(out) {}

  expected<void> run(const outside_secrets& secrets) {
    const auto where = access_of(*plan_.kafka, secrets.system(), secrets.keeper());
    const auto access = where(freshness::cached);
    if (access.has_error())
      return access.error();
    auto admin = kafka::administrator::connect(connection_of(*plan_.kafka, kafka::always(*access)), patience);
    if (admin.has_error())
      return admin.error();
    if (auto done = topics(*admin); done.has_error())
      return done;
    const auto principal = !asked_.principal.empty() ? asked_.principal
                           : access->login           ? "User:" + access->login->username
                                                     : std::string{};
    return principal.empty() ? expected<void>{} : permissions(*admin, principal);
  }

private:
  // One by one: what cannot be created keeps nothing else from it.
  expected<void> topics(kafka::administrator& admin) {
    const auto wished = topics_of(plan_);
    const auto found = admin.topics(wished);
    if (found.has_error())
      return found.error();
    std::vector<kafka::topic_wish> made;
    for (const auto& each : wished) {
      const std::vector<kafka::topic_wish> one{each};
      const bool is_there = std::ranges::find(*found, each.name, &kafka::topic_fact::name) != found->end();
      const auto outcome = is_there ? expected<void>{} : out_.rehearses() ? admin.try_create(each) : admin.create(one);
      out_.tell(compare(one, *found), outcome);
      if (!is_there && outcome && !out_.rehearses())
        made.push_back(each);
    }
    return until_known(
      made, [&] { return admin.topics(made); }, [](const auto& wish, const auto& fact) { return wish.name == fact.name; });
  }

  expected<void> permissions(kafka::administrator& admin, const std::string& principal) {
    const auto wished = permissions_of(plan_, principal);
    const auto found = admin.permissions(wished);
    if (found.has_error() && found.error().code != errc::unsupported)
      return found.error();
    if (found.has_error()) {
      out_.tell(compare(wished, {}), found.error());
      return {};
    }
    const auto same = [](const auto& wish, const auto& fact) { return wish == fact; };
    const auto lacking = missing(wished, *found, same);
    if (lacking.empty())
      return {};
    auto outcome = admin.may_allow();
    if (outcome && !out_.rehearses())
      outcome = admin.allow(lacking);
    out_.tell(compare(wished, *found), outcome);
    if (!outcome || out_.rehearses())
      return {};
    return until_known(
      wished, [&] { return admin.permissions(wished); }, same);
  }

  // A broker answers before it knows itself what it has passed on to be done. Who runs the services next relies on it.
  template <class Wish, class Look, class Same>
  static expected<void> until_known(const std::vector<Wish>& wished, const Look& look, const Same& same) {
    const auto until = steady_now() + patience;
    for (;;) {
      const auto found = look();
      if (found.has_error())
        return found.error();
      if (missing(wished, *found, same).empty())
        return {};
      if (steady_now() >= until)
        return failure{errc::deadline_exceeded, "the brokers took the changes and do not show them yet"};
      std::this_thread::sleep_for(look_again_after);
    }
  }

  const topics_command& asked_;
  const plan& plan_;
  telling& out_;
};

/// The queues and exchanges of one broker.
expected<void> apply_queues(const plan& what, const amqp_plan& broker, const outside_secrets& secrets, telling& out) {
  const auto wished = queue_wishes(what, broker);
  auto admin =
    amqp::administrator::connect(connection_of(broker, access_of(broker, secrets.system(), secrets.keeper())), patience);
  if (admin.has_error())
    return admin.error();
  const auto found = admin->look(wished);
  if (found.has_error())
    return found.error();
  out.tell(compare(wished, *found));
  return out.rehearses() ? expected<void>{} : admin->create(wished);
}

expected<void> apply_all(const topics_command& asked, const plan& what, telling& out) {
  const outside_secrets secrets{asks_aws(what) ? keepers::aws_too : keepers::this_machine};
  if (what.kafka)
    if (auto done = cluster_application{asked, what, out}.run(secrets); done.has_error())
      return done;
  for (const auto& broker : brokers_of(what))
    if (auto done = apply_queues(what, broker, secrets, out); done.has_error())
      return done;
  return {};
}

} // namespace

exit_code apply_topics(const topics_command& asked, const configuration& what, std::ostream& out, std::ostream& err) {
  if (!what.what.kafka && brokers_of(what.what).empty()) {
    out << "nothing to do: streams and queues are embedded\n";
    return exit_code::orderly;
  }
  telling told{asked, out};
  if (const auto done = apply_all(asked, what.what, told); done.has_error()) {
    err << "troupe: " << to_string(done.error()) << '\n';
    return exit_code::failed;
  }
  if (!told.told())
    out << "nothing to do\n";
  return told.failed() ? exit_code::failed : exit_code::orderly;
}

} // namespace troupe::node
