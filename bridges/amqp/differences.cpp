#include <string>
#include <string_view>

#include <troupe/bridges/amqp/administration.hpp>

namespace troupe::amqp {

namespace {

using remedy_kind = difference::remedy_kind;
using state = finding::state;

// What was found of the wish of that name; a name that is not among the wishes was not queried.
template <class Wish>
bool is_missing(const std::vector<Wish>& wished, const std::vector<finding>& found, std::string_view name) {
  for (std::size_t i = 0; i < wished.size() && i < found.size(); ++i)
    if (wished[i].name == name)
      return found[i].is == state::missing;
  return false;
}

void compare_one(const std::string& name, const std::string& properties, const finding& found, std::string_view hint,
                 std::vector<difference>& into) {
  if (found.is == state::missing)
    into.push_back({remedy_kind::apply, "create the " + name + " (" + properties + ")"});
  else if (found.is == state::other)
    into.push_back({remedy_kind::report, "the " + name + " exists with other properties: the broker says '" + found.words
                                           + "'; Troupe declares " + properties + std::string{hint}});
}

} // namespace

std::vector<difference> compare(const wish_list& wished, const finding_list& found) {
  std::vector<difference> result;
  for (std::size_t i = 0; i < wished.queues.size() && i < found.queues.size(); ++i) {
    const auto& each = wished.queues[i];
    if (each.kind == queue_kind::letters && found.queues[i].is == state::other)
      continue; // it is used as it is
    compare_one("queue " + each.name, properties_text(each), found.queues[i], remedy_of(each, found.queues[i].words),
                result);
  }
  for (std::size_t i = 0; i < wished.exchanges.size() && i < found.exchanges.size(); ++i)
    compare_one("exchange " + wished.exchanges[i].name, "durable=true, type=" + wished.exchanges[i].type, found.exchanges[i],
                {}, result);
  for (const auto& each : wished.bindings)
    if (is_missing(wished.queues, found.queues, each.queue) || is_missing(wished.exchanges, found.exchanges, each.exchange))
      result.push_back({remedy_kind::apply, "bind the queue " + each.queue + " to the exchange " + each.exchange
                                              + " with the routing key '" + each.routing_key + "'"});
  return result;
}

} // namespace troupe::amqp
