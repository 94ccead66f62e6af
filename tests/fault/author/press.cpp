// A program of services of an author's own: one makes a label of each order, and one keeps the labels.

#include <string>

#include <troupe/host.hpp>

using namespace troupe;

namespace {

struct text {
  std::string words;
};

} // namespace

template <>
struct troupe::codec<text> {
  static std::string name() { return "text"; }
  static expected<encoded_value> encode(const text& value, std::string_view /*media_type*/) {
    return encoded_value{"text/plain", value.words};
  }
  static expected<text> decode(const message& received) { return text{received.payload}; }
};

namespace {

task<text> print(text /*order*/, delivery_context& at) {
  co_return text{at.document_id()};
}

task<> keep(text label, delivery_context& at, stores<"labels"> labels) {
  co_await labels.write(at.document_id(), "{\"order\": \"" + label.words + "\"}");
}

} // namespace

int main(int argc, char** argv) {
  program press{"press"};
  press.service("printing").consumes("orders", print).into("labels");
  press.service("keeping").consumes("labels", keep);
  return press.run(argc, argv);
}
