#include <troupe/bridges/kafka/statistics.hpp>

#include "property.hpp"

using namespace troupe_fuzz;

/// What is read is within its bounds, and the same words mean the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  const auto read = troupe::kafka::parse_statistics(text);
  if (!read) {
    require(read.error().code == troupe::errc::undecodable);
    return 0;
  }
  require(read->brokers_up <= read->brokers && read->latency_p50 >= 0 && read->latency_p99 >= 0);
  require(troupe::kafka::parse_statistics(text) == read);
  return 0;
}
