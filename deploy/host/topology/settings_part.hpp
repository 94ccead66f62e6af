#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/topology_sources.hpp>

namespace troupe::host {

class map_reader;
class setting_lister;
struct set_variable;
struct surroundings;

/// Settings that a program adds to those of the host. Derive from `described_part`, which describes them like any others.
class settings_part : public sourced {
public:
  virtual ~settings_part() = default;

  virtual void read(map_reader& from) = 0;
  virtual void list(setting_lister& into) const = 0;

  position where; ///< of the section, where they have one

protected:
  settings_part() = default;
  settings_part(const settings_part&) = default;
  settings_part& operator=(const settings_part&) = default;
};

/// Settings beside those of the host in the same map of a topology.
class added_settings : public settings_part {
public:
  [[nodiscard]] virtual std::unique_ptr<added_settings> clone() const = 0;
};

/// A service that is called, with the position of its name.
struct called_service {
  std::string name;
  setting_source source;
};

/// A stream or queue that is published to.
struct used_channel {
  std::string name;
  setting_source source;
};

/// What the code of a service uses.
struct service_uses {
  std::vector<called_service> calls;
  std::vector<used_channel> publishes;
  bool stores = false;  ///< documents, beside those of its consumers
  bool answers = false; ///< calls, of other services and of the edge
};

/// An actor of a service that the program knows, not the host.
struct code_actor {
  std::string name; ///< within its service
  std::string role; ///< as `check` prints it, such as "contract, calls stock"
};

/// What the code of a service is, as far as the settings say it: a section of the service in a topology, or what the
/// program has registered.
class service_part : public settings_part {
public:
  [[nodiscard]] virtual std::unique_ptr<service_part> clone() const = 0;

  /// Whether the `defaults` of a topology may have its section: its settings are the same for every service.
  [[nodiscard]] virtual bool has_defaults() const noexcept { return true; }

  /// The key of its section; empty: it has none.
  [[nodiscard]] virtual std::string_view key() const noexcept = 0;
  [[nodiscard]] virtual service_uses uses() const = 0;
  /// In the order in which they start.
  [[nodiscard]] virtual std::vector<code_actor> actors() const = 0;
  /// Fills in the defaults that depend on the service.
  virtual void derive(const std::string& service) = 0;
  /// Sets the setting that a variable of the service means, by what follows the service's prefix. False: it has no such one.
  virtual bool apply_variable(const std::string& /*suffix*/, const set_variable& /*variable*/) { return false; }
  /// What such variables are called, without the prefix.
  [[nodiscard]] virtual std::vector<std::string> variables() const { return {}; }
  /// Reads the secrets that it names. Of a service that runs in this process.
  virtual void read_secrets(const surroundings& /*around*/, diagnostics& /*found*/) {}
  /// Adds to `found` what is wrong in it alone.
  virtual void validate(diagnostics& found) const = 0;
  /// Whether this program has the code; otherwise the service runs elsewhere.
  [[nodiscard]] virtual bool has_code() const noexcept { return true; }
};

/// Owns a part, or none. A copy has a copy of the part.
template <class Part>
class owned_part {
public:
  owned_part() = default;
  owned_part(std::unique_ptr<Part> part) noexcept // NOLINT(google-explicit-constructor): as a pointer
    : part_(std::move(part)) {}
  owned_part(const owned_part& other) : part_(other.part_ ? other.part_->clone() : nullptr) {}
  owned_part(owned_part&&) noexcept = default;
  owned_part& operator=(owned_part other) noexcept {
    part_ = std::move(other.part_);
    return *this;
  }
  ~owned_part() = default;

  explicit operator bool() const noexcept { return part_ != nullptr; }
  Part* get() noexcept { return part_.get(); }
  const Part* get() const noexcept { return part_.get(); }
  Part* operator->() noexcept { return part_.get(); }
  const Part* operator->() const noexcept { return part_.get(); }
  Part& operator*() noexcept { return *part_; }
  const Part& operator*() const noexcept { return *part_; }

private:
  std::unique_ptr<Part> part_;
};

} // namespace troupe::host
