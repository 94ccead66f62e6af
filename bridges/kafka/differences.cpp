#include <algorithm>

#include <troupe/bridges/kafka/administration.hpp>

namespace troupe::kafka {

namespace {

using remedy_kind = difference::remedy_kind;

std::string counted(std::int32_t count, const std::string& of) {
  return std::to_string(count) + ' ' + of + (count == 1 ? "" : "s");
}

void compare_one(const topic_wish& wished, const topic_fact& found, std::vector<difference>& into) {
  const auto differs = [&](const std::string& name, const std::string& is, const std::string& wanted) {
    into.push_back({remedy_kind::report, "the topic " + wished.name + " has " + name + is + ", not " + wanted});
  };
  if (found.partitions != wished.partitions)
    differs("", counted(found.partitions, "partition"), std::to_string(wished.partitions));
  if (found.replication != wished.replication)
    differs("", counted(found.replication, "replica"), std::to_string(wished.replication));
  for (const auto& each : wished.properties) {
    const auto is = std::find_if(found.properties.begin(), found.properties.end(),
                                 [&](const property& other) { return other.name == each.name; });
    if (is == found.properties.end() || is->value != each.value)
      differs(each.name + " ", is == found.properties.end() ? "unset" : is->value, each.value);
  }
}

} // namespace

std::vector<difference> compare(const std::vector<topic_wish>& wished, const std::vector<topic_fact>& found) {
  std::vector<difference> result;
  for (const auto& each : wished) {
    const auto is =
      std::find_if(found.begin(), found.end(), [&](const topic_fact& other) { return other.name == each.name; });
    if (is != found.end())
      compare_one(each, *is, result);
    else
      result.push_back({remedy_kind::apply, "create the topic " + each.name + " with "
                                              + counted(each.partitions, "partition") + " and "
                                              + counted(each.replication, "replica")});
  }
  return result;
}

std::vector<difference> compare(const std::vector<permission_wish>& wished, const std::vector<permission_wish>& found) {
  std::vector<difference> result;
  for (const auto& each : wished)
    if (std::find(found.begin(), found.end(), each) == found.end())
      result.push_back({remedy_kind::apply, to_string(each)});
  return result;
}

std::string to_string(const permission_wish& wish) {
  using operation = permission_wish::operation;
  const char* const verb = wish.allowed == operation::read    ? "read"
                           : wish.allowed == operation::write ? "write"
                                                              : "describe";
  const char* const kind = wish.kind == permission_wish::resource::topic ? "topic " : "group ";
  return "allow " + wish.principal + " to " + verb + " the " + kind + wish.name;
}

} // namespace troupe::kafka
