#include <algorithm>
#include <string>
#include <string_view>

#include <troupe/bridges/amqp/administration.hpp>
#include <troupe/bridges/amqp/preparing.hpp>

namespace troupe::amqp {

namespace {

using remedy = difference::remedy;
using state = finding::state;

/// What was found of the wish of that name; nothing was asked of one that is not wished for.
template <class Wish>
bool is_missing(const std::vector<Wish>& wished, const std::vector<finding>& found, std::string_view name) {
  for (std::size_t i = 0; i < wished.size() && i < found.size(); ++i)
    if (wished[i].name == name)
      return found[i].what == state::missing;
  return false;
}

void compare_one(const finding& found, const std::string& create, const std::string& differs,
                 std::vector<difference>& into) {
  if (found.what == state::missing)
    into.push_back({remedy::apply, create});
  else if (found.what == state::other)
    into.push_back({remedy::tell, differs});
}

} // namespace

std::vector<difference> compare(const wish_list& wished, const finding_list& found) {
  std::vector<difference> result;
  for (std::size_t i = 0; i < wished.queues.size() && i < found.queues.size(); ++i) {
    const auto& each = wished.queues[i];
    const auto properties = properties_text(each);
    if (each.kind == queue_kind::letters && found.queues[i].what == state::other)
      continue; // it is used as it is
    compare_one(found.queues[i], "create the queue " + each.name + " (" + properties + ")",
                "the queue " + each.name + " is there with other properties: the broker says '" + found.queues[i].words
                  + "', and we declare " + properties + std::string{remedy_of(each, found.queues[i].words)},
                result);
  }
  for (std::size_t i = 0; i < wished.exchanges.size() && i < found.exchanges.size(); ++i) {
    const auto& each = wished.exchanges[i];
    const auto properties = "durable=true, type=" + each.type;
    compare_one(found.exchanges[i], "create the exchange " + each.name + " (" + properties + ")",
                "the exchange " + each.name + " is there with other properties: the broker says '" + found.exchanges[i].words
                  + "', and we declare " + properties,
                result);
  }
  for (const auto& each : wished.bindings)
    if (is_missing(wished.queues, found.queues, each.queue) || is_missing(wished.exchanges, found.exchanges, each.exchange))
      result.push_back({remedy::apply, "bind the queue " + each.queue + " to the exchange " + each.exchange
                                         + " with the routing key '" + each.routing_key + "'"});
  return result;
}

} // namespace troupe::amqp
