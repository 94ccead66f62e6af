#define CAF_SUITE amqp_access
#include <troupe_test/suite.hpp>

#include <troupe/bridges/amqp/access.hpp>

using namespace troupe;
using namespace troupe::amqp;

namespace {

amqp::access read_url(const std::string& text) {
  auto result = parse_url(secret{text});
  CAF_REQUIRE(result.has_value());
  return *result;
}

std::string refusal(const std::string& text) {
  const auto result = parse_url(secret{text});
  CAF_REQUIRE(result.has_error());
  CAF_CHECK_EQUAL(result.error().code, errc::invalid);
  return result.error().reason;
}

} // namespace

CAF_TEST(the URL of the reference platform is read) {
  const auto found = read_url("amqp://guest:guest@rabbitmq:5672");
  CAF_CHECK(found.hosts == (std::vector<address>{{"rabbitmq", 5672}}));
  CAF_CHECK_EQUAL(found.virtual_host, "/");
  CAF_CHECK_EQUAL(found.login.username, "guest");
  CAF_CHECK(found.login.password.matches("guest"));
  CAF_CHECK(found.how == encryption::none);
}

CAF_TEST(what is left out has the defaults of the protocol) {
  const auto plain = read_url("amqp://host");
  CAF_CHECK(plain.hosts == (std::vector<address>{{"host", 5672}}));
  CAF_CHECK(plain.login.password.matches("guest"));
  const auto encrypted = read_url("amqps://host/");
  CAF_CHECK(encrypted.hosts == (std::vector<address>{{"host", 5671}}));
  CAF_CHECK(encrypted.how == encryption::tls);
  CAF_CHECK_EQUAL(encrypted.virtual_host, "/");
  CAF_CHECK_EQUAL(read_url("amqp://host/%2F").virtual_host, "/");
}

CAF_TEST(every part may be percent encoded) {
  const auto found = read_url("amqp://us%65r:p%40%3A%2F%25@h%6Fst:1/a%2Fb");
  CAF_CHECK_EQUAL(found.login.username, "user");
  CAF_CHECK(found.login.password.matches("p@:/%"));
  CAF_CHECK_EQUAL(found.hosts.front().host, "host");
  CAF_CHECK_EQUAL(found.virtual_host, "a/b");
}

CAF_TEST(several hosts and addresses in brackets are read in their order) {
  const auto found = read_url("amqp://u:p@one,two:5673,[::1]:5674,[fe80::1]/v");
  CAF_CHECK(found.hosts == (std::vector<address>{{"one", 5672}, {"two", 5673}, {"::1", 5674}, {"fe80::1", 5672}}));
}

CAF_TEST(what is wrong is named and nothing of it is quoted) {
  const std::vector<std::pair<std::string, std::string>> wrong{
    {"http://u:hidden@h", "begins with"},      {"amqp://u:hid%zen@h", "percent sign"},
    {"amqp://u:hidden@", "host is missing"},   {"amqp://u:hidden@a,,b", "host is missing"},
    {"amqp://u:hidden@h:0", "port"},           {"amqp://u:hidden@h:70000", "port"},
    {"amqp://u:hidden@h:1x", "port"},          {"amqp://u:hidden@[::1", "bracket"},
    {"amqp://u:hidden@[::1]5", "port"},        {"amqp://u:hidden@h/a/b", "virtual host"},
    {"amqp://u:hidden@h/%zz", "virtual host"}, {"amqp://u:hidden@h/v?heartbeat=3", "a query"},
    {"amqp://u:hidden@h%00x/v", "host"},       {"", "begins with"}};
  for (const auto& [text, words] : wrong) {
    const auto reason = refusal(text);
    CAF_CHECK(reason.find(words) != std::string::npos);
    CAF_CHECK(reason.find("hid") == std::string::npos);
  }
}
