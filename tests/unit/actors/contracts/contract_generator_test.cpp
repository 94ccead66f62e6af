#define CAF_SUITE contract_generator
#include <troupe_test/suite.hpp>

#include <map>
#include <memory>
#include <string>

#include <generator.hpp>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace {

namespace pb = google::protobuf;

class one_file final : public pb::compiler::SourceTree {
public:
  explicit one_file(std::string text) : text_(std::move(text)) {}
  pb::io::ZeroCopyInputStream* Open(const std::string& name) override {
    return name == "shop/orders.proto" ? new pb::io::ArrayInputStream(text_.data(), static_cast<int>(text_.size()))
                                       : nullptr;
  }

private:
  const std::string text_;
};

class written_files final : public pb::compiler::GeneratorContext {
public:
  pb::io::ZeroCopyOutputStream* Open(const std::string& name) override {
    return new pb::io::StringOutputStream(&files[name]);
  }

  std::map<std::string, std::string> files;
};

struct outcome {
  std::string error; ///< empty: none
  std::map<std::string, std::string> files;
};

outcome generate(const std::string& services) {
  one_file tree{"syntax = \"proto3\";\npackage shop.v1;\nmessage In { message Part {} }\nmessage Out {}\n" + services};
  pb::compiler::Importer importer{&tree, nullptr};
  const auto* const file = importer.Import("shop/orders.proto");
  CAF_REQUIRE(file != nullptr);
  written_files to;
  outcome result;
  const bool done = troupe::contracts::generator{}.Generate(file, "", &to, &result.error);
  CAF_CHECK_EQUAL(done, result.error.empty());
  result.files = std::move(to.files);
  return result;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(a file gets a header with an interface and a client for each of its services) {
  const auto made =
    generate("// Takes orders.\nservice Orders {\n  rpc Place(In) returns (Out);\n  rpc PartOf(In.Part) returns (In);\n}\n"
             "service HTTPAdmin { rpc GetV2Info(In) returns (Out); }\n");
  CAF_CHECK_EQUAL(made.error, "");
  CAF_REQUIRE_EQUAL(made.files.size(), 1U);
  const auto& text = made.files.at("shop/orders.troupe.hpp");
  for (const auto* const part :
       {"#include \"shop/orders.pb.h\"", "namespace shop::v1 {", "/// Takes orders.\nclass orders_service",
        "class orders_client", "task<::shop::v1::Out> place(const ::shop::v1::In& request",
        "part_of(const ::shop::v1::In_Part& request", "class http_admin_service", "get_v2_info("})
    CAF_CHECK(has(text, part));
}

CAF_TEST(an rpc that streams is refused with its position and the way out) {
  const auto made = generate("service Orders {\n"
                             "  rpc Watch(In) returns (stream Out);\n"
                             "  rpc Feed(stream In) returns (Out);\n"
                             "  rpc Talk(stream In) returns (stream Out);\n"
                             "}\n");
  CAF_CHECK(made.files.empty());
  for (const auto* const part : {"shop/orders.proto:6:3: rpc shop.v1.Orders.Watch streams its answer",
                                 "\nshop/orders.proto:7:3: rpc shop.v1.Orders.Feed streams its request",
                                 "\nshop/orders.proto:8:3: rpc shop.v1.Orders.Talk streams both ways",
                                 "in a file that is not compiled as a contract"})
    CAF_CHECK(has(made.error, part));
}

CAF_TEST(two rpcs of one function are refused and a keyword is none) {
  const auto made = generate("service Orders {\n  rpc GetItem(In) returns (Out);\n  rpc get_item(In) returns (Out);\n}\n");
  CAF_CHECK(has(made.error,
                "shop/orders.proto:7:3: rpc shop.v1.Orders.get_item and rpc shop.v1.Orders.GetItem both become the "
                "function get_item"));
  const auto keyword =
    generate("service Orders {\n  rpc Delete(In) returns (Out);\n  rpc AnswerCall(In) returns (Out);\n}\n");
  CAF_CHECK(has(keyword.files.at("shop/orders.troupe.hpp"), " delete_(const"));
  CAF_CHECK(has(keyword.files.at("shop/orders.troupe.hpp"), " answer_call_(const"));
}

CAF_TEST(a file without services has an empty header) {
  const auto made = generate("");
  CAF_CHECK_EQUAL(made.error, "");
  CAF_CHECK(!has(made.files.at("shop/orders.troupe.hpp"), "class"));
}
