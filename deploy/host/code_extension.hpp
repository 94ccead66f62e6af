#pragma once

#include <iosfwd>
#include <string>

#include <troupe/deploy/host/code.hpp>
#include <troupe/deploy/host/code_part.hpp>
#include <troupe/deploy/host/topology/extension.hpp>
#include <troupe/deploy/host/topology/plan.hpp>

namespace troupe::host {

/// What an author's program adds to the settings: its services as its code has registered them. The code lives longer.
class code_extension final : public extension {
public:
  explicit code_extension(const program_code& code);

  [[nodiscard]] const program_words& words() const noexcept override { return words_; }

  [[nodiscard]] owned_part<service_part> make_part() const override;

  /// Compares the code with the topology. A part of a topology (services; streams and queues) that no file has is made of
  /// the code; one that a file has must have all that the code uses, and the code all that it has.
  void complete(topology& whole, diagnostics& found) const override;

  void resolve_edge(const service_topology* front, process_plan& plan) const override;
  /// A contract that is called over HTTP has routes.
  void check_plan(const process_plan& plan, diagnostics& found) const override;
  void print_routes(const process_plan& plan, std::ostream& out) const override;
  [[nodiscard]] std::string first_path(const process_plan& plan) const override;

private:
  const program_code& code_;
  program_words words_;
};

/// The part of a service of the plan that is its code.
const code_part& part_of(const service_topology& service);

/// The code of a service of the plan; null: it has none here.
const service_code* code_of(const service_topology& service) noexcept;

/// The services of the code whose contracts the process serves.
std::vector<const service_code*> served_here(const process_plan& plan);

} // namespace troupe::host
