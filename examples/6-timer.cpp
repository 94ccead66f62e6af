// A program that works by itself: a timer publishes and a consumer stores; with settings, a health check and steps of its
// own.

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <troupe/host.hpp>

#include "shop/shop.troupe.hpp"

using namespace std::chrono_literals;
using namespace troupe;

// Made once for each incarnation of its timer.
struct buyer {
  explicit buyer(service_context& context)
    : count(context.setting("count", 5, settings::between{1, 100}, "a pallet")),
      orders(context.publishes<shop::OrderPlaced>("orders")) {}

  task<> operator()(timer_context& at) {
    shop::OrderPlaced order;
    order.set_item("tea");
    order.set_count(count);
    co_await orders.publish(order, at);
  }
  int count;
  channel_publisher<shop::OrderPlaced> orders;
};

task<> keep(shop::OrderPlaced order, delivery_context&, stores<"wanted"> wanted) {
  co_await wanted.write(order.item(), order);
}

// A file that is open while the program runs.
struct journal {
  explicit journal(service_context& context)
    : service(context.service()), name(context.setting("journal", "/dev/null", settings::short_text)) {}

  void start() {
    file.open(name, std::ios::app);
    if (!(file << service << " begins" << std::endl))
      throw std::runtime_error(name + " cannot be written");
  }
  void stop() { file << service << " has ended" << std::endl; }

  void operator()(timer_context&) const { // its health
    if (!std::filesystem::exists(name))
      throw std::runtime_error(name + " is gone");
  }
  std::string service;
  std::string name;
  std::ofstream file;
};

int main(int argc, char** argv) {
  program shop{"restocking"};
  shop.service("buying").step<journal>("journal").healthy<journal>("journal").every<buyer>(100ms);
  shop.service("planning").step<journal>("journal").cron<buyer>("30 6 * * MON-FRI", "Europe/Berlin");
  shop.service("keeping").consumes("orders", keep);
  return shop.run(argc, argv);
}
