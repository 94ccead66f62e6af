#include <troupe/deploy/node/process/topics.hpp>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <utility>

#include <troupe/deploy/node/process/kafka.hpp>
#include <troupe/deploy/node/process/secrets.hpp>

namespace troupe::node {

namespace {

constexpr auto patience = std::chrono::seconds{20};

using remedy = kafka::difference::remedy;

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
class application {
public:
  application(const topics_command& asked, const plan& what, std::ostream& out) : asked_(asked), plan_(what), out_(out) {}

  expected<void> run() {
    const outside_secrets secrets{*plan_.kafka};
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
    if (!principal.empty())
      if (auto done = permissions(*admin, principal); done.has_error())
        return done;
    if (told_ == 0)
      out_ << "nothing to do\n";
    return {};
  }

private:
  [[nodiscard]] bool rehearses() const noexcept { return asked_.dry_run == topics_command::rehearsal::yes; }

  void tell(const std::vector<kafka::difference>& all) {
    for (const auto& each : all) {
      const char* const how = each.what == remedy::tell ? "differs: " : rehearses() ? "would " : "";
      out_ << how << each.text << '\n';
      ++told_;
    }
    out_.flush();
  }

  expected<void> topics(kafka::administrator& admin) {
    const auto wished = topics_of(plan_);
    const auto found = admin.topics(wished);
    if (found.has_error())
      return found.error();
    tell(compare(wished, *found));
    if (rehearses())
      return {};
    return admin.create(missing(wished, *found, [](const auto& wish, const auto& fact) { return wish.name == fact.name; }));
  }

  expected<void> permissions(kafka::administrator& admin, const std::string& principal) {
    const auto wished = permissions_of(plan_, principal);
    const auto found = admin.permissions(wished);
    if (found.has_error())
      return found.error();
    tell(compare(wished, *found));
    if (rehearses())
      return {};
    return admin.allow(missing(wished, *found, [](const auto& wish, const auto& fact) { return wish == fact; }));
  }

  const topics_command& asked_;
  const plan& plan_;
  std::ostream& out_;
  std::size_t told_ = 0;
};

} // namespace

exit_code apply_topics(const topics_command& asked, const configuration& what, std::ostream& out, std::ostream& err) {
  if (!what.what.kafka) {
    out << "nothing to do: the streams are embedded\n";
    return exit_code::orderly;
  }
  if (const auto done = application{asked, what.what, out}.run(); done.has_error()) {
    err << "troupe: " << to_string(done.error()) << '\n';
    return exit_code::failed;
  }
  return exit_code::orderly;
}

} // namespace troupe::node
