#include <troupe/deploy/host/topology/settings_lister.hpp>

namespace troupe::host {

std::string names_of(const std::vector<called_service>& services) {
  std::vector<std::string> names;
  for (const auto& one : services)
    names.push_back(one.name);
  return text_form<std::vector<std::string>>::print(names);
}

void setting_lister::section_of(const owned_part<service_part>& part) {
  if (!part || part->key().empty())
    return;
  auto outer = std::exchange(prefix_, prefix_ + std::string{part->key()} + '.');
  part->list(*this);
  prefix_ = std::move(outer);
}

void setting_lister::added(const owned_part<added_settings>& part) {
  if (part)
    part->list(*this);
}

void setting_lister::add(std::string_view key, std::string value, const setting_source& source, std::string allowed,
                         std::string_view reason) {
  auto standard = std::move(defaults_.at(next_++));
  if (source.from == setting_source::kind::standard) // it may depend on other settings
    standard.clear();
  lines_.push_back({prefix_ + std::string{key}, std::move(value), source, std::move(allowed), std::move(standard), reason});
}

} // namespace troupe::host
