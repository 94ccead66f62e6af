#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <troupe/bridges/grpc/config.hpp>
#include <troupe/deploy/host/topology/described_part.hpp>
#include <troupe/deploy/host/topology/extension.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::reference {

/// The reference platforms among whose services the services of a topology can run.
enum class reference_family : std::uint8_t { none, http, grpc };

constexpr auto words_of(reference_family) {
  return settings::words<reference_family>(
    {{"none", reference_family::none}, {"http", reference_family::http}, {"grpc", reference_family::grpc}});
}

/// The settings that only the program `troupe` has, below `node`.
struct platform_settings : host::described_part<platform_settings, host::added_settings> {
  /// The family of reference platforms that this process follows, so that each of its services can run among theirs.
  reference_family family = reference_family::none;
};

template <class Visitor, settings::self_of<platform_settings> Self>
void describe(Visitor& v, Self& platform) {
  v.value("reference", platform.family, settings::anything{}, "one switch for all that must agree");
}

/// The same below `node.grpc`.
struct platform_grpc_settings : host::described_part<platform_grpc_settings, host::added_settings> {
  grpc::package package = grpc::package::greeting;
};

template <class Visitor, settings::self_of<platform_grpc_settings> Self>
void describe(Visitor& v, Self& grpc) {
  v.value("package", grpc.package, settings::anything{}, "`greeting.v3` sends host names and the caller's greeting along");
}

/// What the program `troupe` adds to the host: greeters, the Kafka demonstration, and the variables of both.
class platform final : public host::extension {
public:
  [[nodiscard]] const host::program_words& words() const noexcept override;
  [[nodiscard]] std::vector<host::topology_file> built_in_topologies() const override;
  [[nodiscard]] host::owned_part<host::service_part> make_part() const override;
  [[nodiscard]] std::vector<std::string> stored_forms() const override;
  void prepare(host::node_topology& node) const override;
  void apply_environment(host::node_topology& node, const variables& environment, host::diagnostics& found) const override;
  void apply_option(host::node_topology& node, const std::string& name, const std::string& text,
                    host::diagnostics& found) const override;
  /// Where `node.reference` names a family of reference platforms, gives every setting that is at its default the value with
  /// which a service of the topology can replace one of theirs: the form of queues, documents and messages, the gRPC
  /// package, which greeting is stored, and that a call to their services is repeated only where it was not sent. An address
  /// that a file gives for gRPC is called over HTTP at the port of the HTTP family. Where it names none, and a greeting
  /// names its host, the gRPC package is the one that sends host names, unless a service is not of ours.
  void apply_defaults(host::topology& whole) const override;
  [[nodiscard]] std::span<const host::service_variable> service_variables() const noexcept override;
  [[nodiscard]] std::vector<std::string> reserved_actors() const override;
  void resolve_edge(const host::service_topology* front, host::process_plan& plan) const override;
  void print_routes(const host::process_plan& plan, std::ostream& out) const override;
  [[nodiscard]] std::string first_path(const host::process_plan& plan) const override;
};

/// What the program itself has in its own settings.
const platform_settings& platform_of(const host::node_topology& node);
const platform_grpc_settings& platform_grpc_of(const host::node_topology& node);

/// The one form in which a service writes all its documents: that of its greeter, where it has one.
document_form form_of(const host::node_topology& node, const host::service_topology& service);

/// Whether a gateway runs in the process.
bool has_gateway(const host::process_plan& plan) noexcept;

} // namespace troupe::reference
