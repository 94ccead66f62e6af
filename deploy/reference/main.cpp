#include <troupe/deploy/host/process/commands.hpp>
#include <troupe/deploy/reference/platform.hpp>
#include <troupe/deploy/reference/process/greeter_wiring.hpp>
#include <troupe/deploy/reference/project/make_project.hpp>

int main(int argc, char** argv) {
  const troupe::reference::platform platform;
  return static_cast<int>(troupe::host::carry_out(
    {argv + 1, argv + argc}, {platform, troupe::reference::wire_greeters, troupe::reference::make_project}));
}
