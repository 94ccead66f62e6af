// A consumer with a store: what sensors measure is kept. Its messages are JSON, of a struct that is described.

#include <string>

#include <troupe/host.hpp>
#include <troupe/messages/contracts/described.hpp>

using namespace troupe;

struct reading {
  std::string sensor;
  double celsius = 0;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, celsius))

task<verdict> keep(reading one, delivery_context& at, stores<"readings"> readings) {
  if (one.celsius < -273.15)
    co_return verdict::reject; // to the dead letters
  co_await readings.write(at.document_id(), one);
  co_return verdict::done; // the delivery is settled now that the document is durable
}

int main(int argc, char** argv) {
  program archive{"archive"};
  archive.service("archive").consumes("readings", keep);
  return archive.run(argc, argv);
}
