#define CAF_SUITE aws_config
#include <troupe_test/suite.hpp>

#include <troupe/bridges/aws/config.hpp>

#include "around.hpp"

namespace {

using namespace troupe;
using namespace troupe::aws;

struct fixture {
  aws_test::made_up around;

  config read() {
    auto configured = configure(around.surroundings());
    if (!configured)
      CAF_FAIL(to_string(configured.error()));
    CAF_CHECK(validate(*configured).empty());
    return std::move(*configured);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(config_tests, fixture)

CAF_TEST(the region comes from the environment or the profile or the reference platform) {
  CAF_CHECK_EQUAL(read().region, "us-east-1");
  around.variables["AWS_CONFIG_FILE"] = "/config";
  around.files["/config"] = "[default]\nregion = eu-north-1\n";
  CAF_CHECK_EQUAL(read().region, "eu-north-1");
  around.variables["AWS_DEFAULT_REGION"] = "eu-west-3";
  CAF_CHECK_EQUAL(read().region, "eu-west-3");
  around.variables["AWS_REGION"] = "eu-west-1";
  CAF_CHECK_EQUAL(read().region, "eu-west-1");
}

CAF_TEST(each service has the endpoint of its region unless another is configured) {
  around.variables["AWS_REGION"] = "eu-west-1";
  CAF_CHECK_EQUAL(read().at.secrets_manager, "https://secretsmanager.eu-west-1.amazonaws.com");
  CAF_CHECK_EQUAL(read().at.parameter_store, "https://ssm.eu-west-1.amazonaws.com");
  CAF_CHECK_EQUAL(read().at.sts, "https://sts.eu-west-1.amazonaws.com");
  around.variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:4566/";
  around.variables["AWS_ENDPOINT_URL_SSM"] = "https://ssm.example:8443";
  CAF_CHECK_EQUAL(read().at.secrets_manager, "http://127.0.0.1:4566");
  CAF_CHECK_EQUAL(read().at.parameter_store, "https://ssm.example:8443");
  CAF_CHECK_EQUAL(read().at.sts, "http://127.0.0.1:4566");
  around.variables["AWS_REGION"] = "cn-north-1";
  CAF_CHECK_EQUAL(endpoints_of(read().region).sts, "https://sts.cn-north-1.amazonaws.com.cn");
}

CAF_TEST(whom to trust may be configured) {
  CAF_CHECK_EQUAL(read().authorities, "");
  around.variables["AWS_CA_BUNDLE"] = "/etc/ca.pem";
  CAF_CHECK_EQUAL(read().authorities, "/etc/ca.pem");
}

CAF_TEST(what cannot be used is reported) {
  const auto mistakes = [this](auto change) {
    auto configured = read();
    change(configured);
    return validate(configured).size();
  };
  CAF_CHECK_EQUAL(mistakes([](config& c) { c.region = "EU:1"; }), 1u);
  CAF_CHECK_EQUAL(mistakes([](config& c) { c.at.sts = "sts.example"; }), 1u);
  CAF_CHECK_EQUAL(mistakes([](config& c) { c.at.sts = "https://a/path"; }), 1u);
  CAF_CHECK_EQUAL(mistakes([](config& c) { c.attempt = duration::zero(); }), 1u);
  CAF_CHECK_EQUAL(mistakes([](config& c) { c.again.max = c.again.min / 2; }), 1u);
  CAF_CHECK_EQUAL(mistakes([](config& c) { c.keep = -c.keep; }), 1u);
  CAF_CHECK_EQUAL(mistakes([](config& c) { c.most_waiting = 0; }), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
