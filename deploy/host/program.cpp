#include <troupe/deploy/host/program.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/host/code_extension.hpp>
#include <troupe/deploy/host/code_wiring.hpp>
#include <troupe/deploy/host/process/commands.hpp>

namespace troupe {

namespace host {

const service_code* find_service(const program_code& program, std::string_view name) noexcept {
  const auto found = std::ranges::find(program.services, name, &service_code::name);
  return found == program.services.end() ? nullptr : &*found;
}

} // namespace host

service_registration results_registration::into(std::string channel, source_location where) {
  auto& consumer = code_->consumes[index_];
  consumer.into = std::move(channel);
  consumer.into_where = where;
  return service_registration{*code_};
}

service_registration& service_registration::step(std::string name, std::function<void()> start, std::function<void()> stop,
                                                 source_location where) {
  code_->steps.push_back({std::move(name),
                          [start = std::move(start), stop = std::move(stop)](service_context& /*context*/) {
                            return host::start_and_stop{start, stop};
                          },
                          where});
  return *this;
}

program::program(std::string name, std::string version) : code_{std::move(name), std::move(version)} {}

service_registration program::service(std::string_view name, source_location where) {
  const auto found = std::ranges::find(code_.services, name, &host::service_code::name);
  return service_registration{
    found == code_.services.end() ? code_.services.emplace_back(host::service_code{std::string{name}, where}) : *found};
}

int program::run(int argc, char** argv) {
  const host::code_extension settings{code_};
  const auto wire = [this](const host::process_plan& plan, const host::assembly_parts& parts) {
    return host::wire_code(code_, plan, parts);
  };
  return static_cast<int>(host::carry_out({argv + 1, argv + argc}, {settings, wire}));
}

} // namespace troupe
