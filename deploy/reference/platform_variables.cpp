#include <troupe/deploy/reference/platform.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include <troupe/deploy/host/topology/settings_variables.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>

namespace troupe::reference {

namespace {

using namespace host; // whose settings the variables are

bool has_greeter(const topology& /*whole*/, const service_topology& service) {
  return greeter_of(service) != nullptr;
}

bool is_any(const topology& /*whole*/, const service_topology& /*service*/) {
  return true;
}

bool has_producer(const topology& /*whole*/, const service_topology& service) {
  return service.producers.size() == 1;
}

const consumer_topology* stream_consumer(const topology& whole, const service_topology& service) {
  const auto reads_stream = [&whole](const consumer_topology& one) { return find_stream(whole, one.from) != nullptr; };
  const auto first = std::ranges::find_if(service.consumers, reads_stream);
  return first == service.consumers.end() ? nullptr : &*first;
}

bool has_stream_consumer(const topology& whole, const service_topology& service) {
  return stream_consumer(whole, service) != nullptr;
}

bool has_stream_producer(const topology& whole, const service_topology& service) {
  return has_producer(whole, service) && find_stream(whole, service.producers.front().to) != nullptr;
}

bool publishes_to_queue(const topology& whole, const service_topology& service) {
  const auto* const greeter = greeter_of(service);
  return greeter != nullptr && greeter->publish && find_queue(whole, *greeter->publish) != nullptr;
}

bool reads_queue(const topology& whole, const consumer_topology& consumer) {
  return find_queue(whole, consumer.from) != nullptr;
}

bool has_queue(const topology& whole, const service_topology& service) {
  return publishes_to_queue(whole, service)
         || std::ranges::any_of(service.consumers, [&whole](const auto& one) { return reads_queue(whole, one); });
}

/// A channel that a variable names and no file has is a copy of the one that it replaces.
template <class Channel>
void declare_like(std::vector<Channel>& channels, const std::string& model, const std::string& name) {
  const auto first = std::ranges::find(channels, model, &Channel::name);
  if (first == channels.end() || std::ranges::find(channels, name, &Channel::name) != channels.end())
    return;
  auto copy = *first;
  copy.name = name;
  channels.push_back(std::move(copy));
}

/// Gives the name in `what` to a setting that names one of `channels`.
template <class Channel, class Name>
void rename_channel(std::vector<Channel>& channels, sourced& owner, Name& into, const std::string& before,
                    const set_variable& variable) {
  variable.give(owner, into, variable.text, channel_name);
  if (owner.source(into) == variable.source())
    declare_like(channels, before, variable.text);
}

void set_greeting(topology& /*whole*/, service_topology& service, const set_variable& variable) {
  auto& greeter = *greeter_of(service);
  variable.give(greeter, greeter.greeting, variable.text, short_text);
}

void set_service_name(topology& /*whole*/, service_topology& service, const set_variable& variable) {
  auto& greeter = *greeter_of(service);
  variable.give(greeter, greeter.name, variable.text, short_text);
}

/// Both forms of the reference platforms, `:8080` and `8080`: every address of the machine, as they listen; for gRPC where
/// the service is one of the gRPC platforms. The services of a process share one listener, so that variables which disagree
/// leave no right choice.
void set_port(topology& whole, service_topology& service, const set_variable& variable) {
  const auto port = text_form<std::uint32_t>::read(variable.text.starts_with(':') ? variable.text.substr(1) : variable.text);
  if (!port || *port > 65'535)
    return variable.refuse(in_quotes(variable.text) + " is not a port", "a number from 0 to 65535, such as 8080 or :8080");
  const endpoint wanted{std::string{every_address}, static_cast<std::uint16_t>(*port)};
  auto& node = whole.node;
  const auto listen_there = [&]<class T>(T& listener) {
    if (node.is_given_by(setting_source::kind::environment, listener) && listener != wanted)
      return variable.refuse("the services of a process share one port, and " + node.source(listener).name
                               + " asks for another",
                             "one of the two");
    node.give(listener, T{wanted}, variable.source());
  };
  if (const auto* const greeter = greeter_of(service); greeter != nullptr && greeter->form == document_form::grpc)
    listen_there(node.grpc.listen);
  else
    listen_there(node.edge.listen);
}

void set_queue(topology& whole, service_topology& service, const set_variable& variable) {
  if (publishes_to_queue(whole, service)) {
    auto& greeter = *greeter_of(service);
    rename_channel(whole.queues, greeter, greeter.publish, std::string{*greeter.publish}, variable);
  }
  for (auto& consumer : service.consumers)
    if (reads_queue(whole, consumer))
      rename_channel(whole.queues, consumer, consumer.from, std::string{consumer.from}, variable);
}

void set_produced_topic(topology& whole, service_topology& service, const set_variable& variable) {
  auto& producer = service.producers.front();
  rename_channel(whole.streams, producer, producer.to, std::string{producer.to}, variable);
}

consumer_topology& the_stream_consumer(topology& whole, service_topology& service) {
  return service.consumers[static_cast<std::size_t>(stream_consumer(whole, service) - service.consumers.data())];
}

void set_consumed_topic(topology& whole, service_topology& service, const set_variable& variable) {
  auto& consumer = the_stream_consumer(whole, service);
  rename_channel(whole.streams, consumer, consumer.from, std::string{consumer.from}, variable);
}

void set_group(topology& whole, service_topology& service, const set_variable& variable) {
  auto& consumer = the_stream_consumer(whole, service);
  variable.give(consumer, consumer.group, variable.text, channel_name);
}

void set_message_frequency(topology& /*whole*/, service_topology& service, const set_variable& variable) {
  const auto seconds = text_form<std::uint32_t>::read(variable.text);
  auto& producer = service.producers.front();
  if (seconds && *seconds >= 1 && *seconds <= 86'400)
    producer.give(producer.every, duration{std::chrono::seconds{*seconds}}, variable.source());
  else
    variable.refuse(in_quotes(variable.text) + " is not a number of seconds", "a whole number of seconds from 1 to 86400");
}

constexpr std::array all_variables{
  service_variable{"GREETING", has_greeter, set_greeting},
  service_variable{"SERVICE_NAME", has_greeter, set_service_name},
  service_variable{"PORT", is_any, set_port},
  service_variable{"QUEUE_NAME", has_queue, set_queue},
  service_variable{"TOPIC1", has_stream_producer, set_produced_topic},
  service_variable{"TOPIC2", has_stream_consumer, set_consumed_topic},
  service_variable{"GROUP", has_stream_consumer, set_group},
  service_variable{"MSG_FREQ", has_producer, set_message_frequency},
};

} // namespace

std::span<const host::service_variable> platform::service_variables() const noexcept {
  return all_variables;
}

} // namespace troupe::reference
