#pragma once

// A small program of an author, and what its topologies come to.

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/deploy/host/code_extension.hpp>
#include <troupe/deploy/host/program.hpp>
#include <troupe/deploy/host/topology/settings.hpp>

#include "shop.troupe.hpp"

namespace troupe_test::host_code {

using namespace std::chrono_literals;
using namespace troupe::host;
using namespace troupe_test::shop;
using troupe::delivery_context;
using troupe::service_registration;
using troupe::verdict;

using lines = std::vector<std::string>;

struct stock : stock_service {
  troupe::task<Reserved> reserve(const Reservation& /*request*/, troupe::call& /*at*/) override { co_return Reserved{}; }
};

inline verdict keep(const PlaceOrder& /*order*/, delivery_context& /*at*/, const troupe::stores<"kept">& /*kept*/) {
  return verdict::done;
}

// What a service uses, without anything that it does.

template <class... Uses>
void nothing(troupe::timer_context& /*at*/, const Uses&... /*uses*/) {}

/// A till that calls the stock and publishes, and an archive that stores.
struct code_fixture {
  program_code code{"shop", "1.2"};

  code_fixture() {
    add("stock").serves<stock>();
    add_using<troupe::calls<stock_client, "stock">, troupe::publishes<PlaceOrder, "orders">>("till");
    add("archive").consumes("orders", keep, troupe::interleaving::allowed, here);
  }

  service_registration add(std::string name) {
    return service_registration{code.services.emplace_back(service_code{std::move(name), here})};
  }

  template <class... Uses>
  void add_using(std::string name) {
    add(std::move(name)).every(1s, nothing<Uses...>, here);
  }

  std::optional<configuration> configured(const std::vector<std::string>& texts, const process_options& options = {},
                                          std::map<std::string, std::string> environment = {}) {
    environment["HOME"] = "/home/operator";
    std::vector<topology_file> files;
    for (const auto& text : texts)
      files.push_back({"t.yaml", text});
    const code_extension program{code};
    diagnostics found;
    const auto read = [this](const std::string& path) -> troupe::expected<std::string> {
      if (const auto at = mounted.find(path); at != mounted.end())
        return at->second;
      return troupe::failure{troupe::errc::not_found, "there is no such file"};
    };
    auto result = configure(files, program, options, {std::move(environment), read, {}, {}, {}, secrets}, found);
    mistakes = found.lines();
    return result;
  }

  lines wrong(const std::string& text, const process_options& options = {}) {
    CAF_CHECK(!configured({text}, options));
    return mistakes;
  }

  const troupe::source_location here = troupe::source_location::current();
  const std::string place = "code_fixture.hpp:" + std::to_string(here.line()) + ": service ";
  lines mistakes;
  std::map<std::string, std::string> mounted; ///< files
  secrets_read secrets = secrets_read::all;
};

inline lines actors(const process_plan& plan, const std::string& service) {
  lines result;
  for (const auto& actor : std::ranges::find(plan.services, service, &service_plan::name)->actors)
    result.push_back(actor.name);
  return result;
}

inline constexpr auto services = "services:\n  stock: {}\n  till: {}\n  archive: {}\n";

} // namespace troupe_test::host_code
