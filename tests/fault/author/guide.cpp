// A program of an author's own: a guide that answers with the forecasts of another process.

#include <troupe/host.hpp>

#include "travel.troupe.hpp"

using namespace troupe;

struct guide : travel::forecasts_service {
  explicit guide(service_context& context) : forecasts(context.calls<travel::forecasts_client>("forecasts")) {}

  task<travel::Forecast> get(const travel::Place& request, call& at) override {
    auto found = co_await forecasts.get(request, at);
    co_return found;
  }
  task<travel::Forecast> correct(const travel::Forecast& request, call& at) override {
    auto corrected = co_await forecasts.correct(request, at);
    co_return corrected;
  }
  travel::forecasts_client forecasts;
};

int main(int argc, char** argv) {
  program travel{"travel"};
  travel.service("guide").serves<guide>();
  return travel.run(argc, argv);
}
