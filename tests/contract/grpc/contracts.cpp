#define CAF_SUITE grpc_contracts

#include <troupe_test/suite.hpp>

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <optional>

#include <google/rpc/error_details.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <troupe/actors/contracts/service.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "peers.hpp"
#include "shop.troupe.hpp"
#include "streams.pb.h"

namespace troupe::grpc_test {

namespace {

using namespace troupe_test::shop;
using contracts::status_code;

// What the served handlers have seen. Any thread.
class seen_calls {
public:
  struct one {
    std::string id;
    header_list metadata;
    trace_context trace;
    duration within{};
    bool abandoned = false;
  };

  void add(const call& at) {
    const std::scoped_lock lock{guard_};
    calls_.push_back({at.id(), at.metadata(), at.trace(), at.answer_by().remaining(steady_now()), at.is_abandoned()});
  }
  std::vector<one> all() const {
    const std::scoped_lock lock{guard_};
    return calls_;
  }

private:
  mutable std::mutex guard_;
  std::vector<one> calls_;
};

class stock final : public stock_service {
public:
  explicit stock(seen_calls& book) : seen_(book) {}

  task<Reserved> reserve(const Reservation& request, call& at) override {
    seen_.add(at);
    if (request.item() == "unicorn") {
      google::rpc::BadRequest detail;
      detail.add_field_violations()->set_field("item");
      throw call_failed{contracts::status_failure(status_code::aborted, "none was ever seen", {&detail})};
    }
    if (request.item() == "too many words")
      throw call_failed{failure{errc::rejected, std::string(100'000, 'x')}};
    if (request.item() == "too many shelves")
      at.answer_with("x-shelves", std::string(8000, '7'));
    if (request.item() == "too much said")
      throw call_failed{contracts::status_failure(status_code::aborted, "much", {&large_detail()})};
    at.answer_with("x-shelf", "7");
    at.answer_with("x-raw-bin", std::string{"\0\xff", 2});
    at.answer_with("grpc-status", "5"); // gRPC's own
    Reserved result;
    result.set_left(10 - request.count());
    co_return result;
  }

private:
  static const google::rpc::BadRequest& large_detail() {
    static const auto made = [] {
      google::rpc::BadRequest result;
      result.add_field_violations()->set_description(std::string(20'000, 'x'));
      return result;
    }();
    return made;
  }

  seen_calls& seen_;
};

class orders final : public orders_service {
public:
  orders(service_context& context, seen_calls& book) : stock_(context.calls<stock_client>("stock", patience)), seen_(book) {}

  task<Placed> place(const PlaceOrder& request, call& at) override {
    seen_.add(at);
    Reservation reservation;
    reservation.set_item(request.item());
    reservation.set_count(request.count());
    const auto reserved = co_await stock_.reserve(std::move(reservation), at);
    Placed result;
    result.set_id(at.id());
    result.set_left(reserved.left());
    co_return result;
  }
  task<Placed> get_http_info(const PlaceOrder&, call&) override { co_return Placed{}; }
  task<Placed> delete_(const PlaceOrder&, call&) override { throw std::runtime_error("a broken invariant"); }

private:
  stock_client stock_;
  seen_calls& seen_;
};

// Orders in one server, whose stock is called through a gRPC client at another one.
struct shop_fixture : fixture {
  shop_fixture() {
    config.deadline = patience;
    stock_actor =
      spawn_contract_service(unsupervised(system, "stock/contract"),
                             {.make = [this](service_context&) { return std::make_unique<stock>(book); }, .callees = {}});
    auto behind =
      grpc::server::listen({.service = "stock", .listen = {"127.0.0.1", 0}, .tls = {}},
                           {.greeter = {}, .watcher = watcher, .contracts = {{&stock_service::contract(), stock_actor}}});
    CAF_REQUIRE(behind);
    stock_server = std::move(*behind);
    grpc::client_config to;
    to.target = to_string(stock_server->local());
    stock_at = spawn_contract_client(unsupervised(system, "orders/stock", watcher), to, stock_service::contract());
    orders_actor = spawn_orders(stock_at);
  }

  ~shop_fixture() {
    served.reset();
    for (const auto& each : {orders_actor, stock_at})
      ask_to_end(each, caf::exit_reason::user_shutdown);
    stock_server.reset();
    ask_to_end(stock_actor, caf::exit_reason::user_shutdown);
  }

  contract_actor spawn_orders(const contract_actor& callee) {
    return spawn_contract_service(unsupervised(system, "orders/contract"),
                                  {.make = [this](service_context& with) { return std::make_unique<orders>(with, book); },
                                   .callees = {{"stock", callee}}});
  }

  expected<void> listen_with(std::vector<served_contract> contracts) {
    auto made = grpc::server::listen(config, {.greeter = greeter, .watcher = watcher, .contracts = std::move(contracts)});
    if (!made)
      return made.error();
    served = std::move(*made);
    served->set_serving(grpc::readiness::serving);
    return {};
  }

  void listen_to_orders() { CAF_REQUIRE(listen_with({{&orders_service::contract(), orders_actor}})); }

  expected<contract_answer> call(const contract_actor& to, contract_call what) {
    caf::scoped_actor self{system};
    expected<contract_answer> result{failure{errc::internal, "no outcome came"}};
    self->request(to, std::chrono::nanoseconds{2 * patience}, std::move(what))
      .receive([&](contract_answer& answer) { result = std::move(answer); },
               [&](const caf::error& why) { result = to_failure(why); });
    return result;
  }

  static contract_call reservation(std::string item, header_list metadata = {}) {
    auto request = std::make_shared<Reservation>();
    request->set_item(std::move(item));
    request->set_count(4);
    return {stock_service::contract().method(0),
            std::move(request),
            {.id = random_uuid(system_random()),
             .trace = {},
             .answer_by = deadline::after(patience, steady_now()),
             .metadata = std::move(metadata)}};
  }

  seen_calls book;
  contract_actor stock_actor;
  contract_actor stock_at;
  contract_actor orders_actor;
  std::unique_ptr<grpc::server> stock_server;
};

// A client that knows nothing of Troupe.
struct raw_call {
  explicit raw_call(const std::string& target) : stub(::grpc::CreateChannel(target, ::grpc::InsecureChannelCredentials())) {}

  ::grpc::Status operator()(const std::string& method, const google::protobuf::Message& request,
                            google::protobuf::Message& response) {
    ::grpc::ByteBuffer sent;
    bool own = false;
    CAF_REQUIRE(
      (::grpc::GenericSerialize<::grpc::ProtoBufferWriter, google::protobuf::MessageLite>(request, &sent, &own).ok()));
    ::grpc::ByteBuffer got;
    const auto status = (*this)(method, sent, got);
    if (status.ok())
      CAF_REQUIRE(
        (::grpc::GenericDeserialize<::grpc::ProtoBufferReader, google::protobuf::MessageLite>(&got, &response).ok()));
    return status;
  }

  ::grpc::Status operator()(const std::string& method, const ::grpc::ByteBuffer& request, ::grpc::ByteBuffer& response) {
    if (!context || used)
      prepare();
    used = true;
    context->set_deadline(std::chrono::system_clock::now() + within);
    for (const auto& [name, value] : metadata)
      context->AddMetadata(name, value);
    std::promise<::grpc::Status> ended;
    stub.UnaryCall(context.get(), method, {}, &request, &response,
                   [&ended](::grpc::Status status) { ended.set_value(status); });
    return ended.get_future().get();
  }

  /// Makes the context of the next call, so that another thread may cancel that.
  void prepare() {
    context = std::make_unique<::grpc::ClientContext>();
    used = false;
  }

  ::grpc::GenericStub stub;
  std::unique_ptr<::grpc::ClientContext> context;
  bool used = false;
  std::multimap<std::string, std::string> metadata;
  std::chrono::milliseconds within = patience;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_contracts_tests, shop_fixture)

CAF_TEST(a call goes through a served contract and a client to another server) {
  listen_to_orders();
  raw_call orders{to_server().target};
  orders.within = patience / 4;
  PlaceOrder order;
  order.set_item("tea");
  order.set_count(3);
  Placed placed;
  const auto status = orders("/troupe_test.shop.Orders/Place", order, placed);
  CAF_CHECK_EQUAL(status.error_message(), "");
  CAF_CHECK_EQUAL(placed.left(), 7);
  CAF_CHECK_EQUAL(placed.id().size(), 36U);
  // One trace, and the deadline of the caller, which is shorter than that of the client between them. gRPC rounds it up.
  const auto calls = book.all();
  CAF_REQUIRE_EQUAL(calls.size(), 2U);
  CAF_CHECK(calls[0].trace.valid());
  CAF_CHECK(calls[1].trace.trace_id == calls[0].trace.trace_id && calls[1].trace.span_id != calls[0].trace.span_id);
  CAF_CHECK(calls[1].within <= patience / 2);
  CAF_CHECK(calls[1].within > 0s);
  CAF_CHECK_NOT_EQUAL(calls[1].id, calls[0].id);
  // The greeting contracts are served on the same port.
  CAF_CHECK_EQUAL(services_of(ask(connect())), "Service-A,Service-B");
}

CAF_TEST(metadata crosses both ways without what belongs to one hop) {
  const auto got = call(stock_at, reservation("tea", {{"x-tenant", "blue"},
                                                      {"x-tenant", "green"},
                                                      {"x-key-bin", std::string{"\0k", 2}},
                                                      {"te", "trailers"},
                                                      {"grpc-timeout", "1S"}}));
  CAF_REQUIRE(got);
  CAF_CHECK(got->metadata == (header_list{{"x-raw-bin", std::string{"\0\xff", 2}}, {"x-shelf", "7"}}));
  CAF_CHECK_EQUAL(dynamic_cast<const Reserved&>(*got->response).left(), 6);
  const auto calls = book.all();
  CAF_REQUIRE_EQUAL(calls.size(), 1U);
  auto metadata = calls[0].metadata;
  CAF_REQUIRE_EQUAL(metadata.size(), 3U);
  CAF_CHECK_EQUAL(*find_header(metadata, "x-key-bin"), (std::string{"\0k", 2}));
  CAF_CHECK_EQUAL(*find_header(metadata, "x-tenant"), "blue");
}

CAF_TEST(the exact status and its details cross both hops) {
  listen_to_orders();
  raw_call orders{to_server().target};
  PlaceOrder order;
  order.set_item("unicorn");
  Placed placed;
  const auto status = orders("/troupe_test.shop.Orders/Place", order, placed);
  CAF_CHECK_EQUAL(status.error_code(), ::grpc::StatusCode::ABORTED);
  CAF_CHECK_EQUAL(status.error_message(), "none was ever seen");
  google::rpc::Status details;
  CAF_REQUIRE(details.ParseFromString(status.error_details()));
  CAF_CHECK_EQUAL(details.code(), 10);
  google::rpc::BadRequest violation;
  CAF_REQUIRE(details.details_size() == 1 && details.details(0).UnpackTo(&violation));
  CAF_CHECK_EQUAL(violation.field_violations(0).field(), "item");
  // Details that a peer could not read are left out, and the rest of the status stays.
  order.set_item("too much said");
  const auto bounded = orders("/troupe_test.shop.Orders/Place", order, placed);
  CAF_CHECK_EQUAL(bounded.error_code(), ::grpc::StatusCode::ABORTED);
  CAF_CHECK_EQUAL(bounded.error_message(), "much");
  CAF_CHECK_EQUAL(bounded.error_details(), "");
  order.set_item("too many words");
  const auto cut = orders("/troupe_test.shop.Orders/Place", order, placed);
  CAF_CHECK_EQUAL(cut.error_code(), ::grpc::StatusCode::FAILED_PRECONDITION);
  CAF_CHECK_EQUAL(cut.error_message().size(), 2048U);
  CAF_CHECK(cut.error_message().ends_with("x [cut]"));
  order.set_item("too many shelves");
  const auto refused = orders("/troupe_test.shop.Orders/Place", order, placed);
  CAF_CHECK_EQUAL(refused.error_code(), ::grpc::StatusCode::INTERNAL);
  CAF_CHECK(refused.error_message().find("'x-shelves'") != std::string::npos);
}

CAF_TEST(an exception of a handler is UNAVAILABLE to its caller and an unknown method is UNIMPLEMENTED) {
  listen_to_orders();
  raw_call orders{to_server().target};
  Placed placed;
  const auto failed = orders("/troupe_test.shop.Orders/Delete", PlaceOrder{}, placed);
  CAF_CHECK_EQUAL(failed.error_code(), ::grpc::StatusCode::UNAVAILABLE);
  CAF_CHECK_EQUAL(orders("/troupe_test.shop.Orders/Sing", PlaceOrder{}, placed).error_code(),
                  ::grpc::StatusCode::UNIMPLEMENTED);
  CAF_CHECK_EQUAL(orders("/troupe_test.shop.Stock/Reserve", Reservation{}, placed).error_code(),
                  ::grpc::StatusCode::UNIMPLEMENTED);
}

CAF_TEST(bytes that are no request are refused by their type and reach no handler) {
  listen_to_orders();
  raw_call orders{to_server().target};
  const ::grpc::Slice garbage{"\xff\xff\xff\xff"};
  const ::grpc::ByteBuffer request{&garbage, 1};
  ::grpc::ByteBuffer response;
  const auto status = orders("/troupe_test.shop.Orders/Place", request, response);
  CAF_CHECK_EQUAL(status.error_code(), ::grpc::StatusCode::INVALID_ARGUMENT);
  CAF_CHECK_EQUAL(status.error_message(), "the request is no troupe_test.shop.PlaceOrder");
  CAF_CHECK(book.all().empty());
}

CAF_TEST(a call of a callee that is not there reports that it was not sent) {
  grpc::client_config nowhere;
  nowhere.target = to_string(stock_server->local());
  stock_server.reset();
  const auto client = spawn_contract_client(unsupervised(system, "orders/stock"), nowhere, stock_service::contract());
  const auto got = call(client, reservation("tea"));
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == errc::not_sent);
  CAF_CHECK(got.error().status.empty());
  ask_to_end(client, caf::exit_reason::user_shutdown);
}

CAF_TEST(health and reflection know every contract) {
  CAF_REQUIRE(listen_with({{&orders_service::contract(), orders_actor}, {&stock_service::contract(), stock_actor}}));
  bare_client client{to_server().target};
  for (const auto* const name : {"", "greeting.GreetingService", "troupe_test.shop.Orders", "troupe_test.shop.Stock"})
    CAF_CHECK_EQUAL(health(client, name), "SERVING");
  served->set_serving("troupe_test.shop.Stock", grpc::readiness::not_serving);
  CAF_CHECK_EQUAL(health(client, "troupe_test.shop.Stock"), "NOT_SERVING");
  CAF_CHECK_EQUAL(health(client, "troupe_test.shop.Orders"), "SERVING");
  CAF_CHECK_EQUAL(health(client, "troupe_test.shop.Nothing"), "(no answer)");
  const auto listed =
    client.call_bytes("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string{"\x3a\x01*"});
  for (const auto* const name : {"troupe_test.shop.Orders", "troupe_test.shop.Stock", "greeting.v3.GreetingService"})
    CAF_CHECK(listed.find(name) != std::string::npos);
}

CAF_TEST(a contract that is served twice or streams is refused by name) {
  const auto twice = listen_with({{&orders_service::contract(), orders_actor}, {&orders_service::contract(), orders_actor}});
  CAF_REQUIRE(!twice);
  CAF_CHECK(twice.error().code == errc::invalid);
  CAF_CHECK_EQUAL(twice.error().reason, "troupe_test.shop.Orders is served twice");
  const auto& feed = *troupe_test::streams::Item::descriptor()->file()->service(0);
  const auto streams = listen_with({{&feed, orders_actor}});
  CAF_REQUIRE(!streams);
  CAF_CHECK_EQUAL(streams.error().reason, "troupe_test.streams.Feed.Watch streams, and only unary calls are served");
}

CAF_TEST(a caller that leaves has the calls cancelled that were made for it) {
  // The stock holds its call until the test ends; what it sees is that its caller has left.
  std::promise<std::stop_token> got;
  const contract_actor holding = system.spawn([&got](contract_actor::pointer self) -> contract_actor::behavior_type {
    return {[self, &got, held = std::vector<caf::typed_response_promise<contract_answer>>{}](
              contract_call& asked) mutable -> caf::result<contract_answer> {
      got.set_value(asked.context.abandoned);
      return held.emplace_back(self->make_response_promise<contract_answer>());
    }};
  });
  auto behind = grpc::server::listen({.service = "stock", .listen = {"127.0.0.1", 0}, .tls = {}},
                                     {.greeter = {}, .contracts = {{&stock_service::contract(), holding}}});
  CAF_REQUIRE(behind);
  grpc::client_config to;
  to.target = to_string((*behind)->local());
  const auto client = spawn_contract_client(unsupervised(system, "orders/stock"), to, stock_service::contract());
  const auto asks = spawn_orders(client);
  CAF_REQUIRE(listen_with({{&orders_service::contract(), asks}}));
  raw_call orders{to_server().target};
  orders.prepare();
  auto ended = std::async(std::launch::async, [&] {
    Placed placed;
    return orders("/troupe_test.shop.Orders/Place", PlaceOrder{}, placed);
  });
  const auto abandoned = got.get_future().get();
  std::promise<void> left;
  const std::stop_callback noted{abandoned, [&left] { left.set_value(); }};
  orders.context->TryCancel();
  CAF_CHECK_EQUAL(ended.get().error_code(), ::grpc::StatusCode::CANCELLED);
  CAF_CHECK(left.get_future().wait_for(patience) == std::future_status::ready);
  served.reset();
  for (const auto& each : {asks, client, holding})
    ask_to_end(each, caf::exit_reason::user_shutdown);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
