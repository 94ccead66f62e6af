// A codec of one's own: messages are lines of text as "attic;31.5", which no other part of the program knows.

#include <charconv>
#include <optional>
#include <string>

#include <troupe/host.hpp>

using namespace troupe;

struct reading {
  std::string sensor;
  int celsius = 0;
};

template <>
struct troupe::codec<reading> {
  static std::string name() { return "reading"; }

  static expected<encoded_value> encode(const reading& value, std::string_view /*media_type*/) {
    return encoded_value{"text/csv", value.sensor + ';' + std::to_string(value.celsius)};
  }

  static expected<reading> decode(const message& received) {
    const auto& text = received.payload;
    const auto cut = text.find(';');
    reading result{text.substr(0, cut)};
    const auto* const end = text.data() + text.size();
    if (cut == std::string::npos || std::from_chars(text.data() + cut + 1, end, result.celsius).ptr != end)
      return failure{errc::undecodable, "a reading is a sensor, a semicolon and whole degrees"};
    return result;
  }
};

std::optional<reading> sort(const reading& one, delivery_context& /*at*/) {
  return one.celsius > 25 ? std::optional{one} : std::nullopt;
}

task<> keep(reading one, delivery_context& at, stores<"warm"> kept) {
  co_await kept.write(at.document_id(), "{\"" + one.sensor + "\": " + std::to_string(one.celsius) + '}');
}

int main(int argc, char** argv) {
  program sensors{"sensors"};
  sensors.service("sorting").consumes("readings", sort).into("warm");
  sensors.service("keeping").consumes("warm", keep);
  return sensors.run(argc, argv);
}
