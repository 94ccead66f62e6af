#define CAF_SUITE secrets
#include <troupe_test/actors.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include <troupe/bridges/secrets/secret_source.hpp>

#include "../temporary_folder.hpp"

namespace {

using namespace troupe;
using namespace troupe_test;

struct fixture : actor_fixture {
  contract::temporary_folder folder;
  scripted<read_secret, secret_value> aws{sys, [](const read_secret&) { return secret_value{secret{"from afar"}, "7"}; }};
  secrets::config configured{[](const std::string& name) -> std::optional<std::string> {
    return name == "SET" ? std::optional<std::string>{R"({"user":"ada"})"} : std::nullopt;
  }};
  secret_source_actor source;

  ~fixture() { end(source); }

  void start() { source = secrets::spawn_secret_source(context(), configured); }

  std::string path(const std::string& name) { return (folder.path() / name).string(); }

  void write(const std::string& name, const std::string& text) { std::ofstream{path(name), std::ios::binary} << text; }

  auto read(const std::string& reference, deadline answer_by = {}) {
    if (!source)
      start();
    return ask_for<secret_value>(source, read_secret{*parse_secret_reference(reference), freshness::cached, answer_by});
  }

  std::string text(const std::string& reference) {
    const auto told_us = read(reference);
    CAF_REQUIRE(told_us->value.has_value());
    return told_us->value->text.reveal();
  }

  failure refusal(const std::string& reference) {
    const auto told_us = read(reference);
    CAF_REQUIRE(told_us->error.has_value());
    return *told_us->error;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(secret_source_tests, fixture)

CAF_TEST(a file is read without the line ends behind it and anew for every request) {
  write("password", "swordfish\n");
  CAF_CHECK_EQUAL(text("file:" + path("password")), "swordfish");
  write("password", "halibut\n\n");
  CAF_CHECK_EQUAL(text("file:" + path("password")), "halibut");
  write("password", "cod\r\n");
  CAF_CHECK_EQUAL(text("file:" + path("password")), "cod");
  write("password", " whole ");
  CAF_CHECK_EQUAL(text("file:" + path("password")), " whole ");
}

CAF_TEST(a member of a mounted JSON object is read) {
  write("login", R"({"username":"ada","password":"swordfish"})");
  CAF_CHECK_EQUAL(text("file:" + path("login") + "#password"), "swordfish");
  CAF_CHECK(refusal("file:" + path("login") + "#user").code == errc::not_found);
}

CAF_TEST(a file that is away is reported by its name) {
  const auto why = refusal("file:" + path("password"));
  CAF_CHECK(why.code == errc::not_found);
  CAF_CHECK(why.reason.find(path("password")) != std::string::npos);
}

CAF_TEST(what is no small regular file is refused without waiting for it) {
  CAF_CHECK(refusal("file:" + folder.path().string()).code == errc::invalid);
  CAF_REQUIRE_EQUAL(::mkfifo(path("pipe").c_str(), 0600), 0);
  CAF_CHECK(refusal("file:" + path("pipe")).code == errc::invalid);
  write("large", std::string((64 << 10) + 1, 'a'));
  CAF_CHECK(refusal("file:" + path("large")).code == errc::invalid);
  write("largest", std::string(64 << 10, 'a'));
  CAF_CHECK_EQUAL(text("file:" + path("largest")).size(), 64U << 10);
}

CAF_TEST(a variable of the environment is read) {
  CAF_CHECK_EQUAL(text("env:SET#user"), "ada");
  const auto why = refusal("env:UNSET");
  CAF_CHECK(why.code == errc::not_found);
  CAF_CHECK(why.reason.find("env:UNSET") != std::string::npos);
}

CAF_TEST(the environment of the process is the default) {
  ::setenv("TROUPE_TEST_SECRET", "swordfish", 1);
  configured = {};
  CAF_CHECK_EQUAL(text("env:TROUPE_TEST_SECRET"), "swordfish");
}

CAF_TEST(what AWS keeps is asked for there with its freshness and within the deadline) {
  configured.aws = aws.handle();
  start();
  const auto answered = ask_for<secret_value>(
    source, read_secret{*parse_secret_reference("aws-ssm:/a"), freshness::anew, deadline::after(1s, now())});
  CAF_REQUIRE(answered->value.has_value());
  CAF_CHECK_EQUAL(answered->value->text.reveal(), "from afar");
  CAF_CHECK_EQUAL(answered->value->version, "7");
  CAF_REQUIRE_EQUAL(aws.asked().size(), 1u);
  CAF_CHECK(aws.asked().front().how == freshness::anew);
  aws.hold();
  const auto late = read("aws-ssm:/a", deadline::after(2s, now()));
  pass(1900ms);
  CAF_CHECK(late->pending());
  pass(200ms);
  CAF_REQUIRE(late->error.has_value());
  CAF_CHECK(late->error->code == errc::deadline_exceeded);
  aws.release({});
  settle();
}

CAF_TEST(without a source for it what AWS keeps is unsupported) {
  CAF_CHECK(refusal("aws-secretsmanager:a").code == errc::unsupported);
}

CAF_TEST_FIXTURE_SCOPE_END()
