#pragma once

#include <memory>

#include <troupe/deploy/host/topology/settings_lister.hpp>
#include <troupe/deploy/host/topology/settings_part.hpp>
#include <troupe/deploy/host/topology/topology_map.hpp>

namespace troupe::host {

/// The base of a part whose settings a function `describe` beside it names. `Base` is `added_settings` or `service_part`.
template <class Derived, class Base>
class described_part : public Base {
public:
  void read(map_reader& from) final { describe(from, static_cast<Derived&>(*this)); }
  void list(setting_lister& into) const final { into.list_part(static_cast<const Derived&>(*this)); }
  [[nodiscard]] std::unique_ptr<Base> clone() const final {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
};

} // namespace troupe::host
