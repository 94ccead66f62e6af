#define CAF_SUITE delivery_service
#include <troupe_test/actors.hpp>

#include <stdexcept>

#include <troupe/actors/contracts/deliveries.hpp>

#include "shop.troupe.hpp"

using namespace troupe;
using namespace troupe_test;
using namespace troupe_test::shop;

namespace {

delivery delivered(const std::string& id, const std::string& item, std::optional<std::string> key = {}) {
  PlaceOrder order;
  order.set_item(item);
  delivery result;
  result.from = {"orders", 0, 7};
  result.content.id = id;
  result.content.key = std::move(key);
  result.content.content_type = "application/protobuf";
  result.content.payload = order.SerializeAsString();
  return result;
}

struct frame {
  explicit frame(int& count) : count_(count) { ++count_; }
  ~frame() { --count_; }
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

private:
  int& count_;
};

struct fixture : actor_fixture {
  scripted<write_documents, written> store{sys, [](const write_documents&) { return written{{{}}}; }};
  scripted<publish, published> channel{sys, [](const publish&) { return published{{{errc::none, {}}}}; }};
  std::vector<std::string> begun;
  int frames = 0;

  template <class Handler>
  handler_actor spawn(Handler handler) {
    return spawn_by(handles<PlaceOrder>(std::move(handler)));
  }

  // Its messages go to a channel.
  template <class Handler>
  handler_actor spawn_into(Handler handler, std::string media_type = {}) {
    return spawn_by(handles<PlaceOrder>(std::move(handler)),
                    channel_link{channel.handle(), "reservations", std::move(media_type)});
  }

  handler_actor spawn_by(delivery_task_maker make, std::optional<channel_link> into = {}) {
    delivery_service_config config;
    config.make = std::move(make);
    config.into = std::move(into);
    config.links.channels.emplace("placed", channel_link{channel.handle(), "placed", {}});
    config.links.stores.emplace("orders", store_link{store.handle(), "shop", "orders"});
    return spawn_delivery_service(context("shipping/consumer-handler"), std::move(config));
  }

  // Stores each order, and then goes on.
  handler_actor spawn_storing() {
    return spawn([this](PlaceOrder order, delivery_context& at, stores<"orders"> orders) -> task<verdict> {
      const frame alive{frames};
      begun.push_back(order.item());
      co_await orders.write(at.received().content.id, order);
      co_return verdict::done;
    });
  }

  std::shared_ptr<answer<replies>> deliver(const handler_actor& to, std::vector<delivery> batch) {
    return ask_for<replies>(to, deliveries{std::move(batch)});
  }
};

std::vector<verdict> verdicts(const std::shared_ptr<answer<replies>>& got) {
  std::vector<verdict> result;
  if (got->value)
    for (const auto& each : got->value->each)
      result.push_back(each.verdict);
  return result;
}

Reservation reservation_of(const PlaceOrder& order) {
  Reservation result;
  result.set_item(order.item());
  return result;
}

task<Reservation> reserve(PlaceOrder order, delivery_context&) {
  co_return reservation_of(order);
}

/// Stores how many deliveries it has had.
class numbering {
public:
  explicit numbering(service_context& context) : orders_(context.store("orders")) {}

  task<> operator()(PlaceOrder, delivery_context& at) {
    const auto body = R"({"number":)" + std::to_string(++number_) + '}';
    co_await orders_.write(at.document_id(), body);
  }

private:
  document_store orders_;
  int number_ = 0;
};

using verdict_list = std::vector<verdict>;
using lines = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(delivery_service_tests, fixture)

CAF_TEST(a delivery is answered only after its document is durable) {
  store.hold();
  const auto tested = spawn_storing();
  const auto got = deliver(tested, {delivered("1", "tea")});
  CAF_CHECK(got->pending());
  CAF_REQUIRE_EQUAL(store.asked().size(), 1U);
  CAF_CHECK(store.asked().front().documents.front() == (document{"shop", "orders", "1", R"({"item":"tea"})"}));
  store.release({{{}}});
  settle();
  CAF_CHECK(verdicts(got) == verdict_list{verdict::done});
  CAF_CHECK_EQUAL(frames, 0);
  end(tested);
}

CAF_TEST(deliveries of a key run one after another and those of other keys between them) {
  store.hold();
  const auto tested = spawn_storing();
  const auto got = deliver(tested, {delivered("1", "a1", "a"), delivered("2", "a2", "a"), delivered("3", "b1", "b"),
                                    delivered("4", "none"), delivered("5", "none too")});
  CAF_CHECK_EQUAL(begun, (lines{"a1", "b1", "none", "none too"}));
  for (int each = 0; each != 5; ++each) {
    store.release({{{}}});
    settle();
  }
  CAF_CHECK_EQUAL(begun.back(), "a2");
  CAF_CHECK(verdicts(got) == verdict_list(5, verdict::done));
  end(tested);
}

CAF_TEST(behind a delivery that is not done later ones of its key stay untouched) {
  store.answer_with([](const write_documents&) -> caf::result<written> { return to_error({errc::unavailable, "away"}); });
  const auto tested = spawn_storing();
  const auto got = deliver(tested, {delivered("1", "a1", "a"), delivered("2", "a2", "a"), delivered("3", "b1", "b")});
  CAF_CHECK(verdicts(got) == (verdict_list{verdict::retry, verdict::untouched, verdict::retry}));
  CAF_CHECK_EQUAL(got->value->each.front().why.reason, "away");
  end(tested);
}

CAF_TEST(a document that the store refuses for ever rejects its delivery) {
  store.answer_with([](const write_documents&) {
    return written{{{write_outcome::refused, {errc::rejected, "the schema has no such field"}}}};
  });
  const auto tested = spawn_storing();
  const auto got = deliver(tested, {delivered("1", "tea")});
  CAF_CHECK(verdicts(got) == verdict_list{verdict::reject});
  CAF_CHECK_EQUAL(got->value->each.front().why.reason, "the schema has no such field");
  end(tested);
}

CAF_TEST(a payload that cannot be decoded is rejected and its handler not called) {
  const auto tested = spawn_storing();
  auto strange = delivered("1", "tea");
  strange.content.payload = "\xff\xff";
  auto text = delivered("2", "tea");
  text.content.content_type = "text/plain";
  const auto got = deliver(tested, {strange, text});
  CAF_CHECK(verdicts(got) == (verdict_list{verdict::reject, verdict::reject}));
  CAF_CHECK(got->value->each.front().why.code == errc::undecodable);
  CAF_CHECK(begun.empty());
  end(tested);
}

CAF_TEST(an exception of a handler is a retry and the actor lives on) {
  const auto tested = spawn([](PlaceOrder order, delivery_context&) -> task<verdict> {
    if (order.item() == "bug")
      throw std::runtime_error("a broken invariant");
    co_return verdict::done;
  });
  const auto got = deliver(tested, {delivered("1", "bug"), delivered("2", "tea")});
  CAF_CHECK(verdicts(got) == (verdict_list{verdict::retry, verdict::done}));
  CAF_CHECK(got->value->each.front().why.code == errc::actor_failed);
  CAF_CHECK(verdicts(deliver(tested, {delivered("3", "tea")})) == verdict_list{verdict::done});
  end(tested);
}

CAF_TEST(a name that is not linked fails the start with the names that there are) {
  std::string reason;
  try {
    spawn([](const PlaceOrder&, delivery_context&, const stores<"odrers">&) {});
  } catch (const std::invalid_argument& thrown) {
    reason = thrown.what();
  }
  CAF_CHECK_EQUAL(reason, "shipping writes to \"odrers\", which is none of its stores: orders");
}

CAF_TEST(a class handles deliveries with a state of its own for each incarnation) {
  const auto first = spawn_by(handles_by<numbering>());
  deliver(first, {delivered("1", "tea"), delivered("2", "tea")});
  const auto second = spawn_by(handles_by<numbering>());
  deliver(second, {delivered("3", "tea")});
  std::vector<std::string> bodies;
  for (const auto& write : store.asked())
    bodies.push_back(write.documents.front().body);
  CAF_CHECK_EQUAL(bodies, (lines{R"({"number":1})", R"({"number":2})", R"({"number":1})"}));
  end(first);
  end(second);
}

CAF_TEST(what functions and classes use is collected before they run) {
  declared_uses found;
  service_context context{"shipping", found, source_location::current()};
  handles_by<numbering>()(context);
  handles<PlaceOrder>(
    [](const PlaceOrder&, delivery_context&, publishes<PlaceOrder, "placed">, calls<stock_client, "stock">) {})(context);
  CAF_REQUIRE_EQUAL(found.stores.size(), 1U);
  CAF_CHECK_EQUAL(found.stores.front().name, "orders");
  CAF_REQUIRE_EQUAL(found.publishes.size(), 1U);
  CAF_CHECK_EQUAL(found.publishes.front().channel, "placed");
  CAF_CHECK_EQUAL(found.publishes.front().type, "troupe_test.shop.PlaceOrder");
  CAF_CHECK_EQUAL(found.publishes.front().where.line(), context.registered().line());
  CAF_REQUIRE_EQUAL(found.calls.size(), 1U);
  CAF_CHECK_EQUAL(found.calls.front().service, "stock");
  CAF_CHECK_EQUAL(found.calls.front().contract->full_name(), "troupe_test.shop.Stock");
}

CAF_TEST(a delivery that comes again publishes under the same id and in the same trace) {
  const auto tested =
    spawn([](PlaceOrder order, delivery_context& at, publishes<PlaceOrder, "placed"> placed) -> task<reply> {
      co_await placed.publish(order, at, order.item());
      co_return reply{};
    });
  auto first = delivered("1", "tea");
  first.content.trace.trace_id.fill(7);
  deliver(tested, {first, delivered("2", "tea")});
  deliver(tested, {first});
  CAF_REQUIRE_EQUAL(channel.asked().size(), 3U);
  const auto message_of = [this](std::size_t index) { return channel.asked()[index].messages.front(); };
  CAF_CHECK_EQUAL(message_of(0).id, message_of(2).id);
  CAF_CHECK_NOT_EQUAL(message_of(0).id, message_of(1).id);
  CAF_CHECK_NOT_EQUAL(message_of(0).id, "1");
  CAF_CHECK(message_of(0).trace == first.content.trace);
  CAF_CHECK(message_of(0).key == "tea");
  CAF_CHECK_EQUAL(message_of(0).content_type, "application/protobuf");
  end(tested);
}

CAF_TEST(a delivery is answered only after the message that its handler gives is durable) {
  channel.hold();
  const auto tested = spawn_into(reserve, "application/json");
  const auto got = deliver(tested, {delivered("1", "tea", "customer")});
  CAF_CHECK(got->pending());
  CAF_REQUIRE_EQUAL(channel.asked().size(), 1U);
  const auto& sent = channel.asked().front().messages.front();
  CAF_CHECK_EQUAL(sent.payload, R"({"item":"tea"})");
  CAF_CHECK_EQUAL(sent.content_type, "application/json");
  CAF_CHECK(sent.key == "customer");
  channel.release(published{{{errc::none, {}}}});
  settle();
  CAF_CHECK(verdicts(got) == verdict_list{verdict::done});
  CAF_CHECK(got->value->each.front().results.empty());
  end(tested);
}

CAF_TEST(a delivery whose message is not published is tried again or rejected) {
  auto why = errc::unavailable;
  channel.answer_with([&why](const publish&) { return published{{{why, "not now"}}}; });
  const auto tested = spawn_into(reserve);
  CAF_CHECK(verdicts(deliver(tested, {delivered("1", "tea")})) == verdict_list{verdict::retry});
  why = errc::rejected;
  CAF_CHECK(verdicts(deliver(tested, {delivered("1", "tea")})) == verdict_list{verdict::reject});
  end(tested);
}

CAF_TEST(one of several messages that is not published fails the delivery) {
  channel.answer_with([](const publish& of) {
    published result{std::vector<failure>(of.messages.size(), failure{errc::none, {}})};
    result.outcomes.back().code = errc::unavailable;
    return result;
  });
  const auto tested = spawn_into([](const PlaceOrder& order, delivery_context&) {
    return std::vector{reservation_of(order), reservation_of(order)};
  });
  CAF_CHECK(verdicts(deliver(tested, {delivered("1", "tea")})) == verdict_list{verdict::retry});
  end(tested);
}

CAF_TEST(a delivery that comes again gives the same messages under ids of their own) {
  channel.answer_with([](const publish& of) {
    return published{std::vector<failure>(of.messages.size(), failure{errc::none, {}})};
  });
  const auto tested = spawn_into([](const PlaceOrder& order, delivery_context&) {
    return std::vector{outgoing{reservation_of(order)}, outgoing{reservation_of(order), std::string{"own key"}}};
  });
  deliver(tested, {delivered("1", "tea")});
  deliver(tested, {delivered("1", "tea")});
  deliver(tested, {delivered("2", "tea")});
  CAF_REQUIRE_EQUAL(channel.asked().size(), 3U);
  const auto ids = [this](std::size_t index) {
    lines result;
    for (const auto& each : channel.asked()[index].messages)
      result.push_back(each.id);
    return result;
  };
  CAF_CHECK_EQUAL(ids(0), ids(1));
  CAF_CHECK_EQUAL(ids(0).size(), 2U);
  CAF_CHECK_NOT_EQUAL(ids(0).front(), ids(0).back());
  CAF_CHECK_NOT_EQUAL(ids(0).front(), ids(2).front());
  CAF_CHECK_NOT_EQUAL(ids(0).front(), "1");
  CAF_CHECK(!channel.asked()[0].messages.front().key);
  CAF_CHECK(channel.asked()[0].messages.back().key == "own key");
  end(tested);
}

CAF_TEST(a handler that gives no message this time settles its delivery) {
  const auto tested = spawn_into([](const PlaceOrder& order, delivery_context&) -> task<std::optional<Reservation>> {
    if (order.item() == "air")
      co_return std::nullopt;
    co_return reservation_of(order);
  });
  CAF_CHECK(verdicts(deliver(tested, {delivered("1", "air")})) == verdict_list{verdict::done});
  CAF_CHECK(channel.asked().empty());
  deliver(tested, {delivered("2", "tea")});
  CAF_CHECK_EQUAL(channel.asked().size(), 1U);
  end(tested);
}

CAF_TEST(messages of a transaction go with the answer and are not published here) {
  const auto tested = spawn_by(handles<PlaceOrder>(reserve), channel_link{{}, "reservations", {}});
  const auto got = deliver(tested, {delivered("1", "tea", "customer")});
  CAF_REQUIRE(verdicts(got) == verdict_list{verdict::done});
  CAF_REQUIRE_EQUAL(got->value->each.front().results.size(), 1U);
  CAF_CHECK(got->value->each.front().results.front().key == "customer");
  CAF_CHECK(channel.asked().empty());
  end(tested);
}

CAF_TEST(plain functions handle deliveries too) {
  const auto of_verdict = spawn([](const PlaceOrder&, delivery_context&) { return verdict::reject; });
  CAF_CHECK(verdicts(deliver(of_verdict, {delivered("1", "tea")})) == verdict_list{verdict::reject});
  const auto of_nothing = spawn([this](const PlaceOrder& order, delivery_context&) { begun.push_back(order.item()); });
  CAF_CHECK(verdicts(deliver(of_nothing, {delivered("1", "tea")})) == verdict_list{verdict::done});
  CAF_CHECK_EQUAL(begun, lines{"tea"});
  end(of_verdict);
  end(of_nothing);
}

CAF_TEST(an empty batch is answered at once) {
  const auto tested = spawn_storing();
  CAF_CHECK(deliver(tested, {})->value.has_value());
  end(tested);
}

CAF_TEST(a long key of deliveries that end at once needs no deep stack) {
  const auto tested = spawn([](const PlaceOrder&, delivery_context&) { return verdict::done; });
  std::vector<delivery> batch;
  for (int each = 0; each != 20'000; ++each)
    batch.push_back(delivered(std::to_string(each), "tea", "one"));
  CAF_CHECK(verdicts(deliver(tested, std::move(batch))) == verdict_list(20'000, verdict::done));
  end(tested);
}

CAF_TEST(the end of the actor destroys its handlers where they wait and fails the batch) {
  store.hold();
  const auto tested = spawn_storing();
  const auto got = deliver(tested, {delivered("1", "tea"), delivered("2", "cake")});
  CAF_CHECK_EQUAL(frames, 2);
  end(tested);
  CAF_CHECK_EQUAL(frames, 0);
  CAF_CHECK(got->error.has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
