#include <troupe/messages/values/greeting.hpp>

#include <cstddef>

namespace troupe {

namespace {

std::size_t count(const greeting_tree& tree) noexcept {
  auto total = tree.own.size();
  for (const auto& each : tree.downstream)
    total += count(each);
  return total;
}

} // namespace

std::string_view to_string(greeting_order order) noexcept {
  return order == greeting_order::pre_order ? "pre" : "post";
}

std::optional<greeting_order> greeting_order_from_string(std::string_view text) noexcept {
  for (const auto order : {greeting_order::pre_order, greeting_order::post_order})
    if (text == to_string(order))
      return order;
  return std::nullopt;
}

std::vector<greeting> flatten(const greeting_tree& tree, greeting_order order) {
  std::vector<greeting> all;
  all.reserve(count(tree));
  for_each_greeting(tree, order, [&all](const greeting& each) { all.push_back(each); });
  return all;
}

} // namespace troupe
