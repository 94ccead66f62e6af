#define CAF_SUITE http_contract_bodies

#include <troupe_test/suite.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <google/api/httpbody.pb.h>
#include <google/protobuf/empty.pb.h>

#include <troupe/actors/contracts/service.hpp>
#include <troupe/bridges/http/contract_routes.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "bare_server.hpp"
#include "contract_caller.hpp"
#include "files.troupe.hpp"
#include "seen_calls.hpp"
#include "support.hpp"

namespace http_test {

namespace {

using namespace troupe_test::files;
using google::api::HttpBody;

const std::string bytes{"\0\xff{\r\n\r\n", 7};

HttpBody body_of(const std::string& content_type, const std::string& data) {
  HttpBody result;
  result.set_content_type(content_type);
  result.set_data(data);
  return result;
}

/// What a file is answered with, by its name.
HttpBody file_named(const std::string& name) {
  if (name == "injected")
    return body_of("text/plain\r\nX-Evil: 1", "x");
  if (name == "empty")
    return {};
  if (name == "untyped")
    return body_of("", bytes);
  return body_of("image/png; name=\"" + name + '"', bytes);
}

class files final : public files_service {
public:
  explicit files(seen_calls& book) : seen_(book) {}

  task<HttpBody> echo(const HttpBody& request, call& /*at*/) override { co_return request; }
  task<Stored> upload(const NewFile& request, call& at) override {
    at.answer_with("content-disposition", "inline");
    seen_.add(request, at);
    Stored result;
    result.set_bytes(static_cast<int>(request.content().data().size()));
    co_return result;
  }
  task<Added> add(const NewFile& request, call& /*at*/) override {
    Added result;
    result.mutable_file()->set_name(request.name());
    co_return result;
  }
  task<google::protobuf::Empty> remove(const FileName& /*request*/, call& at) override {
    at.answer_with("x-shelf", "7");
    co_return google::protobuf::Empty{};
  }
  task<HttpBody> download(const FileName& request, call& at) override {
    at.answer_with("x-shelf", "7");
    at.answer_with("content-disposition", "attachment; filename=\"tea.png\"");
    at.answer_with("content-encoding", "br");
    co_return file_named(request.name());
  }
  task<Page> preview(const FileName& request, call& /*at*/) override {
    Page result;
    result.mutable_html()->set_content_type("text/html; charset=utf-8");
    result.mutable_html()->set_data("<p>" + request.name());
    co_return result;
  }

private:
  seen_calls& seen_; // uploads
};

const auto& method_named(const char* name) {
  return *files_service::contract().FindMethodByName(name);
}

template <class Request>
contract_call call_of(const char* method, Request request) {
  return {
    &method_named(method),
    std::make_shared<Request>(std::move(request)),
    {.id = random_uuid(system_random()), .trace = {}, .answer_by = deadline::after(patience, steady_now()), .metadata = {}}};
}

FileName name_of(const std::string& text) {
  FileName result;
  result.set_name(text);
  return result;
}

std::string text_of(const expected<contract_answer>& answer) {
  return answer ? answer->response->ShortDebugString() : to_string(answer.error());
}

/// The contract behind an edge, and a client of it.
struct files_fixture : edge_fixture {
  files_fixture() {
    actor =
      spawn_contract_service(unsupervised(system, "files/contract"),
                             {.make = [this](service_context&) { return std::make_unique<files>(uploads); }, .callees = {}});
    auto made =
      http::contract_routes({{&files_service::contract(), actor}}, {.at_most = patience, .body = 1000, .watcher = watcher});
    CAF_REQUIRE(made);
    ports.routes = std::move(*made);
    listen();
  }
  ~files_fixture() {
    served.reset();
    ask_to_end(actor, caf::exit_reason::user_shutdown);
  }

  contract_actor client_at(const std::string& authority) {
    return caller.client_at("http://" + authority, {&files_service::contract()});
  }
  contract_actor own_client() { return client_at(to_string(served->local())); }
  contract_actor client_of(const bare_server& server) { return client_at("127.0.0.1:" + std::to_string(server.port())); }

  seen_calls uploads;
  contract_actor actor;
  contract_caller caller{system, watcher};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_contract_bodies_tests, files_fixture)

CAF_TEST(a body of any media type reaches the handler and what it answers is sent as it is) {
  const auto echoed = ask(request("POST", "/v1/echo", bytes, "Content-Type: application/x-thing; a=\"b\"\r\n"));
  CAF_CHECK_EQUAL(echoed.status, 200U);
  CAF_CHECK_EQUAL(echoed.body, bytes);
  CAF_CHECK_EQUAL(echoed.header("content-type"), "application/x-thing; a=\"b\"");
  CAF_CHECK_EQUAL(echoed.header("x-content-type-options"), "nosniff");
  // What is JSON is not read either.
  CAF_CHECK_EQUAL(ask(request("POST", "/v1/echo", "{", "Content-Type: application/json\r\n")).body, "{");
  const auto preview = ask(get("/v1/files/tea:preview"));
  CAF_CHECK_EQUAL(preview.body, "<p>tea");
  CAF_CHECK_EQUAL(preview.header("content-type"), "text/html; charset=utf-8");
}

CAF_TEST(a body that is one field stands beside the path and its answer is JSON) {
  const auto stored = ask(request("POST", "/v1/files/tea", "a=b", "Content-Type: application/x-www-form-urlencoded\r\n"));
  CAF_CHECK_EQUAL(stored.status, 200U);
  CAF_CHECK_EQUAL(stored.body, R"({"bytes":3})");
  CAF_CHECK_EQUAL(stored.header("content-type"), "application/json; charset=utf-8");
  CAF_CHECK_EQUAL(stored.header("content-disposition"), "(none)");
  CAF_CHECK_EQUAL(ask(request("POST", "/v1/files/none", "")).body, "{}");
  const auto calls = uploads.all();
  CAF_REQUIRE_EQUAL(calls.size(), 2U);
  CAF_CHECK_EQUAL(calls[0].request,
                  R"(name: "tea" content { content_type: "application/x-www-form-urlencoded" data: "a=b" })");
  CAF_CHECK_EQUAL(calls[1].request, R"(name: "none")");
}

CAF_TEST(a success has the status and the location that its method declares) {
  const auto added = ask(request("POST", "/v1/files", R"({"name":"black tea/1"})"));
  CAF_CHECK_EQUAL(added.status, 201U);
  CAF_CHECK_EQUAL(added.header("location"), "/v1/files/black%20tea%2F1");
  CAF_CHECK_EQUAL(added.body, R"({"file":{"name":"black tea/1"}})");
  auto line = connect();
  line.send(request("DELETE", "/v1/files/tea", "") + get("/v1/files/tea"));
  const auto removed = line.read();
  CAF_CHECK_EQUAL(removed.status, 204U);
  CAF_CHECK_EQUAL(removed.body, "");
  CAF_CHECK_EQUAL(removed.header("content-length"), "(none)"); // RFC 9110, section 8.6
  CAF_CHECK_EQUAL(removed.header("content-type"), "(none)");
  CAF_CHECK_EQUAL(removed.header("grpc-metadata-x-shelf"), "7");
  CAF_CHECK_EQUAL(line.read().status, 200U); // nothing stands between
  CAF_CHECK_EQUAL(ask(request("POST", "/v1/files/tea", "")).header("location"), "(none)");
  // An error has the status of its code, and so has an answer whose location would be another's.
  CAF_CHECK_EQUAL(ask(request("POST", "/v1/files", "{")).status, 400U);
  const auto unnamed = ask(request("POST", "/v1/files", "{}"));
  CAF_CHECK_EQUAL(unnamed.status, 500U);
  CAF_CHECK(unnamed.body.find("its location is not known: the path variable file.name is empty") != std::string::npos);
}

CAF_TEST(a content coding is between client and handler and JSON has none) {
  ask(request("POST", "/v1/files/tea", bytes, "Content-Encoding: gzip\r\n"));
  const auto calls = uploads.all();
  CAF_REQUIRE_EQUAL(calls.size(), 1U);
  CAF_CHECK(calls[0].metadata == (header_list{{"content-encoding", "gzip"}}));
  CAF_CHECK_EQUAL(ask(get("/v1/files/tea")).header("content-encoding"), "br");
  const auto refused = ask(request("POST", "/v1/files", "\x1f\x8b", "Content-Encoding: gzip\r\n"));
  CAF_CHECK_EQUAL(refused.status, 415U);
  CAF_CHECK_EQUAL(refused.header("accept-encoding"), "identity");
  CAF_CHECK_EQUAL(ask(request("POST", "/v1/files", R"({"name":"tea"})", "Content-Encoding: identity\r\n")).status, 201U);
}

CAF_TEST(a body in pieces is one and one that is too long is refused) {
  auto pieces = connect();
  pieces.send("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CAF_CHECK_EQUAL(pieces.read().body, "abcde");
  CAF_CHECK_EQUAL(ask(request("POST", "/v1/echo", std::string(1000, 'x'))).body.size(), 1000U);
  const auto refused = ask(request("POST", "/v1/echo", std::string(1001, 'x')));
  CAF_CHECK_EQUAL(refused.status, 400U);
  CAF_CHECK(refused.body.find("longer than 1000 bytes") != std::string::npos);
}

CAF_TEST(a file is downloaded and HEAD answers its length and media type alone) {
  const auto file = ask(get("/v1/files/tea"));
  CAF_CHECK_EQUAL(file.status, 200U);
  CAF_CHECK_EQUAL(file.body, bytes);
  CAF_CHECK_EQUAL(file.header("content-type"), "image/png; name=\"tea\"");
  CAF_CHECK_EQUAL(file.header("grpc-metadata-x-shelf"), "7");
  CAF_CHECK_EQUAL(file.header("x-shelf"), "(none)");
  CAF_CHECK_EQUAL(file.header("content-disposition"), "attachment; filename=\"tea.png\"");
  auto head = connect();
  head.send("HEAD /v1/files/tea HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/v1/files/empty"));
  const auto length = head.read(false);
  CAF_CHECK_EQUAL(length.status, 200U);
  CAF_CHECK_EQUAL(length.header("content-length"), "7");
  CAF_CHECK_EQUAL(length.header("content-type"), "image/png; name=\"tea\"");
  const auto empty = head.read(); // nothing of the file stands between
  CAF_CHECK_EQUAL(empty.status, 200U);
  CAF_CHECK_EQUAL(empty.body, "");
  CAF_CHECK_EQUAL(empty.header("content-length"), "0");
  CAF_CHECK_EQUAL(empty.header("content-type"), "(none)");
  CAF_CHECK_EQUAL(ask(get("/v1/files/untyped")).header("content-type"), "application/octet-stream");
}

CAF_TEST(another method is refused with those that are there) {
  const auto refused = ask(request("PUT", "/v1/echo", bytes));
  CAF_CHECK_EQUAL(refused.status, 405U);
  CAF_CHECK_EQUAL(refused.header("allow"), "POST");
  const auto unread = ask(request("PUT", "/v1/files/tea", ""));
  CAF_CHECK_EQUAL(unread.status, 405U);
  CAF_CHECK_EQUAL(unread.header("allow"), "DELETE, GET, POST");
}

CAF_TEST(a media type of a handler never begins another header) {
  const auto refused = ask(get("/v1/files/injected"));
  CAF_CHECK_EQUAL(refused.status, 500U);
  CAF_CHECK_EQUAL(refused.header("content-type"), "application/json; charset=utf-8");
  CAF_CHECK(refused.body.find(R"("code":13)") != std::string::npos);
  CAF_CHECK((refused.head + refused.body).find("X-Evil") == std::string::npos);
}

CAF_TEST(a media type that is no text is refused) {
  const auto refused = ask(request("POST", "/v1/echo", "x", "Content-Type: caf\xc3\xa9\r\n"));
  CAF_CHECK_EQUAL(refused.status, 400U);
  CAF_CHECK(refused.body.find("content_type") != std::string::npos);
}

CAF_TEST(a client sends and reads bodies of any media type) {
  const auto tested = own_client();
  const auto echoed = caller.send(tested, call_of("Echo", body_of("application/x-thing", bytes)));
  CAF_CHECK_EQUAL(text_of(echoed), body_of("application/x-thing", bytes).ShortDebugString());
  CAF_CHECK_EQUAL(text_of(caller.send(tested, call_of("Echo", HttpBody{}))), "");
  NewFile file;
  file.set_name("a/b");
  *file.mutable_content() = body_of("text/csv", "1,2");
  CAF_CHECK_EQUAL(text_of(caller.send(tested, call_of("Upload", file))), "bytes: 3");
  NewFile named;
  named.set_name("tea");
  CAF_CHECK_EQUAL(text_of(caller.send(tested, call_of("Add", named))), R"(file { name: "tea" })");
  CAF_CHECK_EQUAL(text_of(caller.send(tested, call_of("Remove", name_of("tea")))), "");
  CAF_CHECK_EQUAL(text_of(caller.send(tested, call_of("Preview", name_of("tea")))),
                  R"(html { content_type: "text/html; charset=utf-8" data: "<p>tea" })");
  CAF_CHECK_EQUAL(text_of(caller.send(tested, call_of("Download", name_of("injected")))),
                  "internal: troupe_test.files.Files.Download was answered, but the content_type of the body is not visible "
                  "ASCII");
  const auto calls = uploads.all();
  CAF_REQUIRE_EQUAL(calls.size(), 1U);
  CAF_CHECK_EQUAL(calls.front().request, file.ShortDebugString());
}

CAF_TEST(a client asks for any media type and takes an answer without one) {
  std::mutex guard;
  std::string seen;
  const bare_server server{[&](bare_connection& one) {
    auto request = one.request();
    const std::scoped_lock lock{guard};
    seen = std::move(request);
    one.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{\"a");
  }};
  CAF_CHECK_EQUAL(text_of(caller.send(client_of(server), call_of("Download", name_of("tea")))), R"(data: "{\"a")");
  const std::scoped_lock lock{guard};
  CAF_CHECK(seen.find("\r\nAccept: */*\r\n") != std::string::npos);
}

CAF_TEST(a call with a media type that no header carries is refused and nothing is sent) {
  const bare_server server{[](bare_connection& one) { static_cast<void>(one.request()); }};
  const auto refused = caller.send(client_of(server), call_of("Echo", body_of("a\r\nX-Evil: 1", "x")));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid);
  CAF_CHECK_EQUAL(server.connections(), 0U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace http_test
