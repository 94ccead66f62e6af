#define CAF_SUITE mongodb_connection_string
#include <troupe_test/suite.hpp>

#include <troupe/bridges/mongodb/connection_string.hpp>

namespace {

using namespace troupe;
using namespace std::chrono_literals;

std::string wrong(const std::string& uri) {
  return mongodb::wrong_uri(secret{uri});
}

mongodb::uri_handle complete(const std::string& uri, const mongodb::config& with = {}) {
  auto made = mongodb::complete(secret{uri}, with);
  CAF_REQUIRE(made.has_value());
  return std::move(*made);
}

std::int32_t number(const mongodb::uri_handle& uri, const char* option) {
  return mongoc_uri_get_option_as_int32(uri.get(), option, -1);
}

} // namespace

CAF_TEST(both schemes of the reference platforms and several hosts are understood) {
  for (const auto* const right : {"mongodb://mongodb:27017/admin", "mongodb+srv://user:word@cluster.example.org/admin",
                                  "mongodb://u:p%40ss@a:1,b:2/db?replicaSet=rs0&tls=true"})
    CAF_CHECK_EQUAL(wrong(right), "");
}

CAF_TEST(what cannot be understood is refused without its secrets) {
  for (const auto* const bad :
       {"", "localhost", "http://localhost", "mongodb://", "mongodb://user:p@ssw0rd:x@host",
        "mongodb://user:ssw0rd@host:port", "mongodb://user:ssw0rd@host/?w=ssw0rd&x", "mongodb+srv://user:ssw0rd@a,b"}) {
    const auto words = wrong(bad);
    CAF_CHECK(!words.empty());
    CAF_CHECK(words.find("ssw0rd") == std::string::npos);
  }
}

CAF_TEST(writes that nobody acknowledges are refused) {
  CAF_CHECK(wrong("mongodb://localhost/?w=0").find("w=0") != std::string::npos);
}

CAF_TEST(what the string does not say is ours) {
  const auto made = complete("mongodb://localhost");
  CAF_CHECK_EQUAL(number(made, MONGOC_URI_CONNECTTIMEOUTMS), 10'000);
  CAF_CHECK_EQUAL(number(made, MONGOC_URI_SOCKETTIMEOUTMS), 5'000);
  CAF_CHECK_EQUAL(number(made, MONGOC_URI_SERVERSELECTIONTIMEOUTMS), 5'000);
  CAF_CHECK(mongoc_uri_get_option_as_bool(made.get(), MONGOC_URI_RETRYWRITES, false));
  CAF_CHECK(!mongoc_uri_get_tls(made.get()));
  const auto* const concern = mongoc_uri_get_write_concern(made.get());
  CAF_CHECK(mongoc_write_concern_get_wmajority(concern));
  CAF_CHECK_EQUAL(mongoc_write_concern_get_wtimeout(concern), 4'000);
}

CAF_TEST(what the string says holds) {
  mongodb::config settings;
  settings.files.authorities = "/ours.pem";
  const auto made = complete("mongodb://localhost/?connectTimeoutMS=1&socketTimeoutMS=2&serverSelectionTimeoutMS=3&w=2"
                             "&retryWrites=false&tls=false&tlsCAFile=/theirs.pem&appName=theirs",
                             settings);
  CAF_CHECK_EQUAL(number(made, MONGOC_URI_CONNECTTIMEOUTMS), 1);
  CAF_CHECK_EQUAL(number(made, MONGOC_URI_SOCKETTIMEOUTMS), 2);
  CAF_CHECK_EQUAL(number(made, MONGOC_URI_SERVERSELECTIONTIMEOUTMS), 3);
  CAF_CHECK(!mongoc_uri_get_option_as_bool(made.get(), MONGOC_URI_RETRYWRITES, true));
  CAF_CHECK_EQUAL(mongoc_write_concern_get_w(mongoc_uri_get_write_concern(made.get())), 2);
  CAF_CHECK_EQUAL(std::string{mongoc_uri_get_option_as_utf8(made.get(), MONGOC_URI_TLSCAFILE, "")}, "/theirs.pem");
  CAF_CHECK_EQUAL(std::string{mongoc_uri_get_appname(made.get())}, "theirs");
}

CAF_TEST(files mean TLS) {
  mongodb::config settings;
  settings.files = {"/authorities.pem", "/identity.pem"};
  const auto made = complete("mongodb://localhost", settings);
  CAF_CHECK(mongoc_uri_get_tls(made.get()));
  CAF_CHECK_EQUAL(std::string{mongoc_uri_get_option_as_utf8(made.get(), MONGOC_URI_TLSCAFILE, "")}, "/authorities.pem");
  CAF_CHECK_EQUAL(std::string{mongoc_uri_get_option_as_utf8(made.get(), MONGOC_URI_TLSCERTIFICATEKEYFILE, "")},
                  "/identity.pem");
}

CAF_TEST(people see no password) {
  CAF_CHECK_EQUAL(mongodb::masked(secret{"mongodb://user:word@a:1,b:2/db?w=1"}), "mongodb://user:***@a:1,b:2");
  CAF_CHECK_EQUAL(mongodb::masked(secret{"mongodb+srv://user:word@cluster.example.org"}),
                  "mongodb+srv://user:***@cluster.example.org");
  CAF_CHECK_EQUAL(mongodb::masked(secret{"nonsense:word"}), "***");
}
