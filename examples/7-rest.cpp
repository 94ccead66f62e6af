// A contract with routes of REST, which its options in weather.proto declare.

#include <map>
#include <string>

#include <troupe/host.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "weather.troupe.hpp"

using namespace troupe;

struct forecasts : weather::forecasts_service {
  task<weather::Forecast> get(const weather::GetForecast& request, call&) override {
    const auto found = known.find(request.place());
    if (found == known.end())
      throw call_failed{contracts::status_failure(contracts::status_code::not_found, "where is " + request.place() + '?')};
    co_return found->second;
  }
  task<weather::Forecast> correct(const weather::Forecast& request, call&) override {
    co_return known[request.place()] = request;
  }
  std::map<std::string, weather::Forecast> known; // of this incarnation: what must last is written to a store
};

int main(int argc, char** argv) {
  program weather{"weather"};
  weather.service("forecasts").serves<forecasts>(); // and /openapi.json says what it serves
  return weather.run(argc, argv);
}
