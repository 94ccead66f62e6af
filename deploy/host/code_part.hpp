#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/deploy/host/code.hpp>
#include <troupe/deploy/host/topology/settings_part.hpp>

namespace troupe::host {

/// The code of a service, which no section of a topology describes.
class code_part final : public service_part {
public:
  /// Null: the service belongs to another program, and is called.
  explicit code_part(const service_code* code) noexcept : code_(code) {}

  [[nodiscard]] const service_code* code() const noexcept { return code_; }

  void read(map_reader& /*from*/) override {}
  void list(setting_lister& /*into*/) const override {}
  [[nodiscard]] std::unique_ptr<service_part> clone() const override { return std::make_unique<code_part>(*this); }
  [[nodiscard]] std::string_view key() const noexcept override { return {}; }
  [[nodiscard]] service_uses uses() const override;
  [[nodiscard]] std::vector<code_actor> actors() const override;
  void derive(const std::string& /*service*/) override {}
  void validate(diagnostics& /*found*/) const override {}
  [[nodiscard]] bool has_code() const noexcept override { return code_ != nullptr; }

private:
  const service_code* code_;
};

/// The source of what the code of a service says.
setting_source said_by(const service_code& code);

} // namespace troupe::host
