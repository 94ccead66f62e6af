#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/deploy/host/code.hpp>
#include <troupe/deploy/host/topology/settings_part.hpp>
#include <troupe/deploy/host/topology/topology_map.hpp>

namespace troupe::host {

/// The code of a service. Its section in a topology has the settings that the code declares.
class code_part final : public service_part {
public:
  /// As a file has it, before its code is known.
  code_part() : code_part(nullptr) {}

  /// Null: the service belongs to another program, and is called.
  explicit code_part(const service_code* code) : code_(code), used_(std::make_shared<const code_uses>()) {
    if (code != nullptr)
      used_ = std::make_shared<const code_uses>(collect_uses(*code));
  }

  [[nodiscard]] const service_code* code() const noexcept { return code_; }
  [[nodiscard]] const code_uses& used() const noexcept { return *used_; }

  /// Takes over the settings that a file has for the service. Adds to `found` what the code does not declare, or does not
  /// allow.
  void take_settings(const code_part& written, diagnostics& found);

  /// The texts of those that have not their defaults.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> given_settings() const;

  /// The secrets that were read.
  [[nodiscard]] const std::map<std::string, secret, std::less<>>& secrets() const noexcept { return secrets_; }

  void read(map_reader& from) override { from.each(written_); }
  void list(setting_lister& into) const override;
  [[nodiscard]] std::unique_ptr<service_part> clone() const override { return std::make_unique<code_part>(*this); }
  [[nodiscard]] bool has_defaults() const noexcept override { return false; }
  [[nodiscard]] std::string_view key() const noexcept override { return "settings"; }
  [[nodiscard]] service_uses uses() const override;
  [[nodiscard]] std::vector<code_actor> actors() const override;
  void derive(const std::string& /*service*/) override {}
  bool apply_variable(const std::string& suffix, const set_variable& variable) override;
  [[nodiscard]] std::vector<std::string> variables() const override;
  void read_secrets(const surroundings& around, diagnostics& found) override;
  void validate(diagnostics& /*found*/) const override {}
  [[nodiscard]] bool has_code() const noexcept override { return code_ != nullptr; }

private:
  /// A value that is not the default.
  struct given_value {
    std::string text;
    std::string shown;
    setting_source source;
  };

  [[nodiscard]] const declared_setting* find_setting(std::string_view name) const noexcept;

  const service_code* code_;
  std::vector<written_setting> written_;
  std::map<std::string, given_value, std::less<>> given_; // by name
  std::map<std::string, secret, std::less<>> secrets_;    // by name
  std::shared_ptr<const code_uses> used_;                 // by the code
};

/// "every 1s" or "cron 0 2 * * * UTC".
std::string times_of(const timer_code& timer);

/// The source of what the code of a service says at `where`: "main.cpp:7: service orders".
setting_source said_by(const service_code& code, const source_location& where);

} // namespace troupe::host
