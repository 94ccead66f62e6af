#define CAF_SUITE contracts_transcoding_status

#include <troupe_test/suite.hpp>

#include <string>

#include <google/rpc/status.pb.h>
#include <library.pb.h>

#include <troupe/messages/contracts/transcoding_status.hpp>

using namespace troupe::contracts;

CAF_TEST(each code has the HTTP status of the table in code_proto) {
  constexpr unsigned statuses[] = {200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401};
  for (int code = 0; code < 17; ++code)
    CAF_CHECK_EQUAL(http_status_of(code), statuses[code]);
  CAF_CHECK_EQUAL(http_status_of(17), 500u);
  CAF_CHECK_EQUAL(http_status_of(-1), 500u);
}

CAF_TEST(an error is google_rpc_Status as JSON) {
  google::rpc::Status status;
  status.set_code(5);
  status.set_message("no \"book\"");
  CAF_CHECK_EQUAL(to_json(status), R"({"code":5,"message":"no \"book\"","details":[]})");
  library::v1::DeleteBookRequest request;
  request.set_id("7");
  status.add_details()->PackFrom(request);
  CAF_CHECK_EQUAL(to_json(status), R"({"code":5,"message":"no \"book\"","details":[)"
                                   R"({"@type":"type.googleapis.com/library.v1.DeleteBookRequest","id":"7"}]})");
}

CAF_TEST(an error is read as it was written) {
  google::rpc::Status status;
  status.set_code(5);
  status.set_message("no \"book\"");
  library::v1::DeleteBookRequest request;
  request.set_id("7");
  status.add_details()->PackFrom(request);
  auto& unknown = *status.add_details();
  unknown.set_type_url("type.googleapis.com/nobody.knows");
  unknown.set_value(std::string{"\0\xff", 2});
  const auto read = status_of_json(to_json(status));
  CAF_REQUIRE(read);
  CAF_CHECK_EQUAL(read->SerializeAsString(), status.SerializeAsString());
}

CAF_TEST(of a status of somebody else what can be read is) {
  const auto short_one = status_of_json(R"({"code":14,"error":"x","details":[7,{"@type":"nobody.knows","a":1},null]})");
  CAF_REQUIRE(short_one);
  CAF_CHECK_EQUAL(short_one->ShortDebugString(), "code: 14");
  for (const std::string other : {"", "{", "[]", "7", R"({"code":0})", R"({"code":17})", R"({"code":-1})",
                                  R"({"code":"overloaded"})", R"({"code":5.5})", R"({"message":"x"})", R"({"code":5} x)"})
    CAF_CHECK(!status_of_json(other));
  CAF_CHECK(!status_of_json(std::string(100'000, '[')));
}

CAF_TEST(an empty detail of an unknown type stays) {
  google::rpc::Status status;
  status.set_code(5);
  status.add_details()->set_type_url("type.googleapis.com/nobody.knows");
  const auto read = status_of_json(to_json(status));
  CAF_REQUIRE(read);
  CAF_REQUIRE_EQUAL(read->details_size(), 1);
  CAF_CHECK_EQUAL(read->details(0).type_url(), "type.googleapis.com/nobody.knows");
  CAF_CHECK_EQUAL(read->details(0).value(), "");
}

CAF_TEST(a detail of an unknown type is its bytes) {
  google::rpc::Status status;
  auto& detail = *status.add_details();
  detail.set_type_url("type.googleapis.com/nobody.knows");
  detail.set_value("\x01");
  CAF_CHECK_EQUAL(to_json(status),
                  R"({"code":0,"message":"","details":[{"@type":"type.googleapis.com/nobody.knows","value":"AQ=="}]})");
}
