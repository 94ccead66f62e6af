// A worker on a queue of RabbitMQ: it prints the labels of examples/shop.

#include <troupe/host.hpp>

#include "shop/shop.troupe.hpp"

using namespace troupe;

task<verdict> print(shop::Label label, delivery_context& at, stores<"printed"> printed) {
  if (label.text().size() > 80)
    co_return verdict::reject; // to labels.dlq
  co_await printed.write(at.document_id(), label);
  co_return verdict::done; // acknowledged now
}

int main(int argc, char** argv) {
  program printer{"printer"};
  printer.service("printing").consumes("labels", print);
  return printer.run(argc, argv);
}
