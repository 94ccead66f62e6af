#pragma once

#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/settings_part.hpp>
#include <troupe/deploy/host/topology/topology.hpp>

namespace troupe::host {

struct process_plan;
struct service_variable;

/// A topology file with its text.
struct topology_file {
  std::string name;
  std::string text;
};

/// An option of `run` and `check` that only this program has.
struct own_option {
  std::string name; ///< without its dashes
  std::string value;
  std::string description;
};

/// What the texts of the command line say of the program.
struct program_words {
  std::string name = "troupe"; ///< of the executable; also of the folder of its data
  std::string version;
  std::string about;
  std::string examples; ///< of `--help`, a line for each
  std::string without;  ///< what `run` does without a topology: a sentence
  std::string run_examples;
  std::string callable; ///< what another service can call, such as a "contract"
  std::vector<own_option> options{};
  std::string makes_projects{}; ///< what `new` does, with examples; empty: the program has no such command
};

/// What a program adds to the settings that every program has. The functions are the steps of `configure`, in its order;
/// each has nothing to add unless a program says otherwise.
class extension {
public:
  using variables = std::map<std::string, std::string>;

  virtual ~extension() = default;

  [[nodiscard]] virtual const program_words& words() const noexcept = 0;

  /// What runs where no file is given.
  [[nodiscard]] virtual std::vector<topology_file> built_in_topologies() const { return {}; }

  /// The section of a service that is its code, with its defaults; none: topologies have no such section.
  [[nodiscard]] virtual owned_part<service_part> make_part() const { return {}; }
  /// The forms in which consumers store deliveries. The first is the default.
  [[nodiscard]] virtual std::vector<std::string> stored_forms() const;
  /// Adds settings of the program to those of the process.
  virtual void prepare(node_topology& node) const;

  /// Completes what the files say with what the program knows, and compares the two.
  virtual void complete(topology& whole, diagnostics& found) const;

  /// Variables of the process, an option of `program_words::options`, and then what these imply for the other settings.
  virtual void apply_environment(node_topology& node, const variables& environment, diagnostics& found) const;
  virtual void apply_option(node_topology& node, const std::string& name, const std::string& text, diagnostics& found) const;
  virtual void apply_defaults(topology& whole) const;
  /// Variables that mean a service.
  [[nodiscard]] virtual std::span<const service_variable> service_variables() const noexcept;

  /// Names that no actor of a topology may have.
  [[nodiscard]] virtual std::vector<std::string> reserved_actors() const { return {}; }

  /// Says in the plan for which services the edge and gRPC answer. `front` is the service of the first gateway; null: none.
  virtual void resolve_edge(const service_topology* front, process_plan& plan) const = 0;
  /// Adds to `found` what the program cannot do as the plan has it.
  virtual void check_plan(const process_plan& /*plan*/, diagnostics& /*found*/) const {}
  /// Prints the edge's routes to those services, a line for each.
  virtual void print_routes(const process_plan& plan, std::ostream& out) const = 0;
  /// What a terminal shows as the first path to try.
  [[nodiscard]] virtual std::string first_path(const process_plan& /*plan*/) const { return "/readyz"; }
};

} // namespace troupe::host
