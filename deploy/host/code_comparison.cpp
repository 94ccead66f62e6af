#include <troupe/deploy/host/code_comparison.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <google/protobuf/descriptor.h>

#include <troupe/deploy/host/code_part.hpp>
#include <troupe/deploy/host/time_zone.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/messages/contracts/route.hpp>
#include <troupe/messages/settings/description.hpp>

namespace troupe::host {

namespace {

template <class Things>
std::vector<std::string> names_of(const Things& things) {
  std::vector<std::string> result;
  for (const auto& one : things)
    result.push_back(one.name);
  return result;
}

class comparison {
public:
  comparison(const program_code& code, topology& whole, diagnostics& found)
    : code_(code), whole_(whole), found_(found), services_of_code_(names_of(code.services)) {}

  void run() {
    if (code_.services.empty())
      found_.add("code: program " + code_.name, "it has no services", "at least one");
    services();
    channels();
    for (auto& service : whole_.services)
      if (const auto* const code = find_service(code_, service.name))
        consumers(*code, service);
    for (const auto& code : code_.services)
      calls_and_contracts(code, used_by(code));
    for (const auto& code : code_.services)
      settings_of(code, used_by(code));
    rest_routes();
  }

private:
  void services() {
    const bool all_of_code = whole_.services.empty();
    for (auto& service : whole_.services) {
      if (const auto* const code = find_service(code_, service.name))
        give_code(service, *code);
      else
        elsewhere(service);
      if (service.gateway)
        add_mistake(found_, service.source(service.gateway), service.where, code_.name + " has no gateways",
                    "no \"gateway\"");
    }
    const auto in_files = names_of(whole_.services);
    for (const auto& code : code_.services) {
      if (!service_name.allows(code.name))
        mistake_of(code, code.where, in_quotes(code.name) + " cannot be the name of a service", service_name.expected());
      if (find_service(whole_, code.name) != nullptr)
        continue;
      if (!all_of_code)
        mistake_of(code, code.where, "the topology has no service " + in_quotes(code.name), "one below \"services\"",
                   nearest(code.name, in_files));
      auto& added = whole_.services.emplace_back();
      added.name = code.name;
      give_code(added, code);
    }
  }

  void give_code(service_topology& service, const service_code& code) {
    auto part = std::make_unique<code_part>(&code);
    if (const auto* const written = dynamic_cast<const code_part*>(service.part.get()))
      part->take_settings(*written, found_);
    service.part = std::unique_ptr<service_part>{std::move(part)};
  }

  /// A service of another program.
  void elsewhere(service_topology& service) {
    if (service.part)
      found_.add(service.part->where, "the settings of a service of another program are not here",
                 "\"settings\" in the topology of its program");
    service.part = std::unique_ptr<service_part>{std::make_unique<code_part>()};
    if (!service.address)
      found_.add(service.where, code_.name + " has no service " + in_quotes(service.name),
                 listed(services_of_code_) + ", or an \"address\" of a service of another program",
                 nearest(service.name, services_of_code_));
  }

  void channels() {
    of_code_ = whole_.streams.empty() && whole_.queues.empty();
    for (const auto& code : code_.services) {
      for (const auto& one : published_by(code))
        channel(code, one, "publishes to");
      for (const auto& one : code.consumes)
        channel(code, one, "consumes from");
    }
    if (of_code_)
      misspelt();
    for (const auto& one : whole_.streams)
      used(one, "stream");
    for (const auto& one : whole_.queues)
      used(one, "queue");
  }

  template <class Use>
  void channel(const service_code& code, const Use& used, const std::string& verb) {
    const auto& name = used.channel;
    const auto [first, is_new] = types_.emplace(name, std::pair{used.type, code.name});
    if (!is_new && first->second.first != used.type)
      mistake_of(code, used.where,
                 "it " + verb + ' ' + in_quotes(name) + " messages of " + used.type + ", and " + first->second.second
                   + " has " + first->second.first + " there",
                 "one type of messages in a channel");
    if (!channel_name.allows(name))
      mistake_of(code, used.where, in_quotes(name) + " cannot be the name of a channel", channel_name.expected());
    // One that a file lacks is reported as any other that a topology names.
    if (of_code_ && find_stream(whole_, name) == nullptr)
      whole_.streams.emplace_back().name = name;
  }

  /// Where no topology has channels, a misspelt one would be a channel of its own: one that is published to and read by
  /// nobody, beside one like it that is read and published to by nobody.
  void misspelt() {
    std::set<std::string> published;
    std::set<std::string> consumed;
    for (const auto& code : code_.services) {
      for (const auto& one : published_by(code))
        published.insert(one.channel);
      for (const auto& one : code.consumes)
        consumed.insert(one.channel);
    }
    std::vector<std::string> waiting;
    std::ranges::set_difference(consumed, published, std::back_inserter(waiting));
    for (const auto& code : code_.services)
      for (const auto& one : published_by(code))
        if (const auto near = nearest(one.channel, waiting); !consumed.contains(one.channel) && !near.empty())
          mistake_of(code, one.where, "it publishes to " + in_quotes(one.channel) + ", which no service consumes",
                     "a channel that is consumed, or a topology that has " + in_quotes(one.channel), near);
  }

  template <class Channel>
  void used(const Channel& one, const std::string& kind) {
    const bool by_topology = std::ranges::any_of(whole_.services, [&](const service_topology& service) {
      return std::ranges::any_of(service.producers, [&](const auto& each) { return each.to == one.name; })
             || std::ranges::any_of(service.consumers,
                                    [&](const auto& each) { return each.from == one.name || each.into == one.name; });
    });
    if (types_.contains(one.name) || by_topology)
      return;
    std::vector<std::string> known;
    for (const auto& [name, type] : types_)
      known.push_back(name);
    found_.add(one.where, "no service of " + code_.name + " uses the " + kind + ' ' + in_quotes(one.name),
               "a channel of the code", nearest(one.name, known));
  }

  /// A consumer of the code has the settings of the one with its channel in the topology, or the defaults.
  void consumers(const service_code& code, service_topology& service) {
    for (std::size_t i = 0; i != code.consumes.size(); ++i) {
      const auto source = said_by(code, code.consumes[i].where);
      const auto& from = code.consumes[i].channel;
      auto at = std::ranges::find_if(service.consumers, [&](const consumer_topology& one) { return one.from == from; });
      if (at == service.consumers.end()) {
        at = service.consumers.insert(at, consumer_topology{});
        at->where = service.where;
        at->give(at->from, from, source);
      }
      if (at->code)
        mistake_of(code, code.consumes[i].where, "it consumes from " + in_quotes(from) + " twice",
                   "one handler for each channel");
      else if (at->store || at->into)
        add_mistake(found_, at->store ? at->source(at->store) : at->source(at->into), at->where,
                    "the deliveries of " + in_quotes(from) + " are handled by code", R"(neither "store" nor "into")");
      at->code = i;
      results(code, code.consumes[i], *at);
      if (!at->group && find_stream(whole_, from) != nullptr)
        at->give(at->group, std::optional{service.name}, source);
    }
  }

  void results(const service_code& code, const consumed_channel_code& consumed, consumer_topology& to) {
    if (!consumed.gives.empty() && !consumed.into)
      mistake_of(code, consumed.where,
                 "its handler of " + in_quotes(consumed.channel) + " gives messages of " + consumed.gives
                   + ", and nothing says where they go",
                 ".into(CHANNEL) behind \"consumes\"");
    if (!consumed.into)
      return;
    if (*consumed.into == consumed.channel)
      mistake_of(code, consumed.into_where, "it would publish to " + in_quotes(consumed.channel) + ", which it consumes",
                 "another channel");
    to.give(to.into, consumed.into, said_by(code, consumed.into_where));
  }

  void calls_and_contracts(const service_code& code, const code_uses& used) {
    for (const auto& failed : used.failures)
      mistake_of(code, failed.where, failed.reason,
                 "a constructor that can run at any time: it only takes what it uses from its context");
    for (const auto& call : used.calls) {
      const auto* const callee = find_service(code_, call.service);
      if (callee != nullptr
          && std::ranges::find(callee->serves, call.contract, &served_contract_code::contract) == callee->serves.end())
        mistake_of(code, call.where,
                   "it calls " + call.contract->full_name() + " of " + in_quotes(call.service) + ", which does not serve it",
                   "a contract that is registered there by serves");
    }
    for (const auto& timer : code.timers)
      if (!timer.schedule.empty())
        schedule(code, timer);
      else if (!settings::any_wait.allows(timer.every))
        mistake_of(code, timer.where, "a timer cannot run every " + text_form<duration>::print(timer.every),
                   settings::any_wait.expected());
    distinct(code, code.checks, "health check");
    distinct(code, code.steps, "step");
    for (std::size_t i = 0; i != code.serves.size(); ++i)
      for (std::size_t k = 0; k != i; ++k)
        if (code.serves[i].contract == code.serves[k].contract)
          mistake_of(code, code.serves[i].where, "it serves " + code.serves[i].contract->full_name() + " twice",
                     "each contract once");
  }

  void schedule(const service_code& code, const timer_code& timer) {
    if (const auto read = policies::cron::parse(timer.schedule); read.has_error())
      mistake_of(code, timer.where, in_quotes(timer.schedule) + " is no time of cron: " + read.error().reason, {});
    if (!zone_named(timer.zone))
      mistake_of(code, timer.where, "there is no time zone " + in_quotes(timer.zone),
                 R"("UTC", or one of the time zone database of the system (tzdata), such as "Europe/Berlin")");
  }

  template <class Things>
  void distinct(const service_code& code, const Things& things, const std::string& kind) {
    for (auto one = things.begin(); one != things.end(); ++one) {
      if (!service_name.allows(one->name))
        mistake_of(code, one->where, in_quotes(one->name) + " cannot be the name of a " + kind, service_name.expected());
      if (std::find_if(things.begin(), one, [&](const auto& each) { return each.name == one->name; }) != one)
        mistake_of(code, one->where, "it has the " + kind + ' ' + in_quotes(one->name) + " twice", "a name of its own");
    }
  }

  void settings_of(const service_code& code, const code_uses& used) {
    for (std::size_t i = 0; i != used.settings.size(); ++i) {
      const auto& one = used.settings[i];
      if (!service_name.allows(one.name) || one.name == "url" || one.name == "mongo-conn" || one.name == "rabbitmq-conn")
        mistake_of(code, one.where, in_quotes(one.name) + " cannot be the name of a setting",
                   service_name.expected() + R"(, and not "url", "mongo-conn" or "rabbitmq-conn")");
      if (!one.standard_allowed)
        mistake_of(code, one.where, "the default of " + in_quotes(one.name) + " is " + one.standard, one.allowed);
      for (std::size_t k = 0; k != i; ++k)
        if (used.settings[k].name == one.name)
          mistake_of(code, one.where, "the setting " + in_quotes(one.name) + " has another default or range elsewhere",
                     "the same at each place");
    }
  }

  void rest_routes() {
    std::vector<const google::protobuf::ServiceDescriptor*> all;
    for (const auto& code : code_.services)
      for (const auto& one : code.serves)
        if (std::ranges::find(all, one.contract) == all.end())
          all.push_back(one.contract);
    for (const auto& wrong : contracts::rest_surface_of(all).mistakes)
      found_.add("code: program " + code_.name, wrong);
  }

  /// By its effects and as the results of its handlers.
  [[nodiscard]] std::vector<declared_uses::published_channel> published_by(const service_code& code) const {
    auto result = used_by(code).publishes;
    for (const auto& one : code.consumes)
      if (one.into)
        result.push_back({*one.into, one.gives, one.into_where});
    return result;
  }

  /// What the code of a service uses: every one has a part by the time that this is asked.
  [[nodiscard]] const code_uses& used_by(const service_code& code) const {
    return dynamic_cast<const code_part&>(*find_service(whole_, code.name)->part).used();
  }

  void mistake_of(const service_code& code, const source_location& where, std::string problem, std::string expected,
                  std::string near = {}) {
    add_mistake(found_, said_by(code, where), {}, std::move(problem), std::move(expected), std::move(near));
  }

  const program_code& code_;
  topology& whole_;
  diagnostics& found_;
  const std::vector<std::string> services_of_code_;
  std::map<std::string, std::pair<std::string, std::string>> types_; // of channels: the type, and the service that has it
  bool of_code_ = false;                                             // whether the channels are made of the code
};

} // namespace

void compare(const program_code& code, topology& whole, diagnostics& found) {
  comparison{code, whole, found}.run();
}

} // namespace troupe::host
