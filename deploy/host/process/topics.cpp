#include <troupe/deploy/host/process/commands.hpp>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string_view>
#include <thread>
#include <utility>

#include <troupe/deploy/host/process/amqp.hpp>
#include <troupe/deploy/host/process/kafka.hpp>
#include <troupe/deploy/host/process/last_words.hpp>
#include <troupe/deploy/host/process/secrets.hpp>

namespace troupe::host {

namespace {

constexpr auto patience = std::chrono::seconds{20};
constexpr auto look_again_after = std::chrono::milliseconds{50};

/// Prints differences and what became of them.
class report {
public:
  report(const topics_command& command, std::ostream& out) : command_(command), out_(out) {}

  [[nodiscard]] bool rehearses() const noexcept { return command_.dry_run == topics_command::rehearsal::yes; }
  [[nodiscard]] bool empty() const noexcept { return empty_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

  template <class Difference>
  void print(const std::vector<Difference>& all) {
    for (const auto& [remedy, text] : all)
      print(remedy == Difference::remedy_kind::report ? "differs: " : rehearses() ? "would " : "", text);
  }

  /// What was created, or would be, or cannot be.
  template <class Difference>
  void print(const std::vector<Difference>& all, const expected<void>& outcome) {
    if (outcome)
      return print(all);
    for (const auto& each : all)
      print("cannot ", each.text + ": " + outcome.error().reason);
    // Where there is no authorizer, no permission is missing.
    failed_ = failed_ || outcome.error().code != errc::unsupported;
  }

private:
  void print(std::string_view how, const std::string& text) {
    out_ << how << text << std::endl;
    empty_ = false;
  }

  const topics_command& command_;
  std::ostream& out_;
  bool empty_ = true;
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
  cluster_application(const topics_command& command, const process_plan& plan, report& out)
    : command_(command), plan_(plan), out_(out) {}

  expected<void> run(const outside_secrets& secrets) {
    const auto where = access_of(plan_.node.kafka, secrets.system(), secrets.keeper());
    const auto access = where(freshness::cached);
    if (access.has_error())
      return access.error();
    auto admin = kafka::administrator::connect(connection_of(plan_.node.kafka, kafka::always(*access)), patience);
    if (admin.has_error())
      return admin.error();
    if (auto done = topics(*admin); done.has_error())
      return done;
    const auto principal = !command_.principal.empty() ? command_.principal
                           : access->login             ? "User:" + access->login->username
                                                       : std::string{};
    return principal.empty() ? expected<void>{} : permissions(*admin, principal);
  }

private:
  // One by one: the others are created when one cannot be.
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
      out_.print(compare(one, *found), outcome);
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
      out_.print(compare(wished, {}), found.error());
      return {};
    }
    const auto same = [](const auto& wish, const auto& fact) { return wish == fact; };
    const auto lacking = missing(wished, *found, same);
    if (lacking.empty())
      return {};
    auto outcome = admin.may_allow();
    if (outcome && !out_.rehearses())
      outcome = admin.allow(lacking);
    out_.print(compare(wished, *found), outcome);
    if (!outcome || out_.rehearses())
      return {};
    return until_known(
      wished, [&] { return admin.permissions(wished); }, same);
  }

  // A broker answers before it knows of the change itself, and services that start next rely on it.
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

  const topics_command& command_;
  const process_plan& plan_;
  report& out_;
};

/// The queues and exchanges of one broker.
expected<void> apply_queues(const process_plan& plan, const amqp_plan& broker, const outside_secrets& secrets, report& out) {
  const auto wished = queue_wishes(plan, broker);
  auto admin =
    amqp::administrator::connect(connection_of(broker, access_of(broker, secrets.system(), secrets.keeper())), patience);
  if (admin.has_error())
    return admin.error();
  const auto found = admin->look(wished);
  if (found.has_error())
    return found.error();
  out.print(compare(wished, *found));
  return out.rehearses() ? expected<void>{} : admin->create(wished);
}

expected<void> apply_all(const topics_command& command, const process_plan& plan, report& out) {
  const outside_secrets secrets{asks_aws(plan) ? keepers::aws_too : keepers::this_machine};
  if (plan.uses_kafka)
    if (auto done = cluster_application{command, plan, out}.run(secrets); done.has_error())
      return done;
  for (const auto& broker : brokers_of(plan))
    if (auto done = apply_queues(plan, broker, secrets, out); done.has_error())
      return done;
  return {};
}

} // namespace

exit_code apply_topics(const topics_command& command, const configuration& config, std::ostream& out, std::ostream& err) {
  if (!config.plan.uses_kafka && brokers_of(config.plan).empty()) {
    out << "nothing to do: streams and queues are embedded\n";
    return exit_code::orderly;
  }
  report printed{command, out};
  if (const auto done = apply_all(command, config.plan, printed); done.has_error()) {
    err << program_name() << ": " << to_string(done.error()) << '\n';
    return exit_code::failed;
  }
  if (printed.empty())
    out << "nothing to do\n";
  return printed.failed() ? exit_code::failed : exit_code::orderly;
}

} // namespace troupe::host
