// Documents written one by one, as single deliveries bring them, through the db_writer's group commit to MongoDB, against
// raw libmongoc that inserts the same documents in unordered bulks of the db_writer's own size.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <latch>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actors/db_writer.hpp>
#include <troupe/bridges/mongodb/store.hpp>
#include <troupe/messages/values/json.hpp>

#include "figure.hpp"
#include "measured_system.hpp"
#include "options.hpp"
#include "raw_mongodb.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

struct load {
  std::string uri;
  std::uint64_t documents = 20'000;
  std::uint64_t under_way = 1000; // writes of one document each
};

constexpr auto database = "troupe-bench";

greeting nth_greeting(std::uint64_t number) {
  return {"greeting-" + std::to_string(number), "Service-A", "Hello, from Service-A!", timestamp{1'555'381'396s}, {}};
}

double rate_since(std::chrono::steady_clock::time_point begun, const load& what) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(what.documents) / took.count();
}

// Inserts so many documents in one unordered bulk.
void insert(const raw_mongodb& on, std::uint64_t first, std::uint64_t count) {
  mongoc_collection_t* const into = mongoc_client_get_collection(on.get(), database, "raw");
  bson_t options = BSON_INITIALIZER;
  BSON_APPEND_BOOL(&options, "ordered", false);
  mongoc_bulk_operation_t* const bulk = mongoc_collection_create_bulk_operation_with_opts(into, &options);
  bson_error_t problem{};
  for (auto number = first; number < first + count; ++number) {
    const auto said = nth_greeting(number);
    const auto created = std::chrono::floor<std::chrono::milliseconds>(said.created).time_since_epoch().count();
    bson_t each = BSON_INITIALIZER;
    BSON_APPEND_UTF8(&each, "_id", said.id.c_str());
    BSON_APPEND_UTF8(&each, "id", said.id.c_str());
    BSON_APPEND_UTF8(&each, "servicename", said.service.c_str());
    BSON_APPEND_UTF8(&each, "message", said.message.c_str());
    BSON_APPEND_DATE_TIME(&each, "createdat", created);
    if (!mongoc_bulk_operation_insert_with_opts(bulk, &each, nullptr, &problem))
      give_up(problem.message);
    bson_destroy(&each);
  }
  if (mongoc_bulk_operation_execute(bulk, nullptr, &problem) == 0)
    give_up(problem.message);
  mongoc_bulk_operation_destroy(bulk);
  bson_destroy(&options);
  mongoc_collection_destroy(into);
}

double measure_raw(const load& what) {
  raw_mongodb client{what.uri};
  client.drop(database);
  insert(client, what.documents, 1); // connects, and makes the collection
  const auto batch = actors::db_writer_config{}.batch;
  const auto begun = std::chrono::steady_clock::now();
  for (std::uint64_t number = 0; number < what.documents; number += batch)
    insert(client, number, std::min<std::uint64_t>(batch, what.documents - number));
  return rate_since(begun, what);
}

using load_actor = caf::typed_actor<caf::result<void>(caf::tick_atom)>;

// Keeps so many writes under way until everything is durable.
class load_state {
public:
  load_state(load_actor::pointer self, store_actor to, const load& what, std::latch& done)
    : self_(self), to_(std::move(to)), what_(what), done_(done) {}

  load_actor::behavior_type make_behavior() {
    return {[this](caf::tick_atom) {
      while (under_way_ < what_.under_way && sent_ < what_.documents)
        write();
    }};
  }

private:
  void write() {
    ++under_way_;
    ask(self_, to_, 60s, write_documents{{to_document(nth_greeting(sent_++), database, "ours", document_form::http)}})
      .then([this](const written& done) { written_one(done); }, [](const caf::error& why) { give_up(to_string(why)); });
  }

  void written_one(const written& done) {
    if (done.each.size() != 1 || done.each.front().outcome != write_outcome::stored)
      give_up("a document was not stored");
    --under_way_;
    if (sent_ < what_.documents)
      write();
    else if (under_way_ == 0) {
      done_.count_down();
      self_->quit();
    }
  }

  load_actor::pointer self_;
  store_actor to_;
  const load what_;
  std::latch& done_;
  std::uint64_t sent_ = 0;
  std::uint64_t under_way_ = 0;
};

void prepare(caf::actor_system& system, const store_actor& store) { // connects, and makes the collection
  caf::scoped_actor self{system};
  self->request(store, 30s, write_documents{{to_document(nth_greeting(~0U), database, "ours", document_form::http)}})
    .receive([](const written&) {}, [](const caf::error& why) { give_up(to_string(why)); });
}

double measure_ours(const load& what) {
  raw_mongodb{what.uri}.drop(database);
  caf::actor_system_config settings;
  prepared(settings);
  caf::actor_system system{settings};
  mongodb::config target;
  target.where = mongodb::always({secret{what.uri}});
  const auto store = mongodb::spawn_store(unsupervised(system, "bench/store"), target);
  const auto writer =
    actors::spawn_db_writer(unsupervised(system, "bench/writer"), {.to = store, .under_way = target.connections});
  prepare(system, writer);
  std::latch done{1};
  const auto begun = std::chrono::steady_clock::now();
  send_anonymously(system.spawn<caf::stateful_actor<load_state, load_actor::impl>>(writer, what, std::ref(done)),
                   caf::tick_atom_v);
  done.wait();
  const auto rate = rate_since(begun, what);
  ask_to_end(writer, caf::exit_reason::user_shutdown);
  ask_to_end(store, caf::exit_reason::user_shutdown);
  return rate;
}

void measure(const load& what, unsigned rounds) {
  std::vector<double> raw;
  std::vector<double> ours;
  for (unsigned round = 0; round < rounds; ++round) {
    raw.push_back(measure_raw(what));
    ours.push_back(measure_ours(what));
  }
  raw_mongodb{what.uri}.drop(database);
  report({"MongoDB, single documents to durable", "documents/s", raw, ours, "ratio >= 0.8"});
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  const auto* const uri = std::getenv("TROUPE_TEST_MONGODB");
  if (uri == nullptr)
    troupe::bench::give_up("TROUPE_TEST_MONGODB is not set; run this below tests/servers/mongodb");
  troupe::bench::load what{.uri = uri};
  unsigned rounds = 7;
  troupe::bench::options options{"Documents through the db_writer to MongoDB against raw libmongoc"};
  options.add("--rounds", rounds);
  options.add("--documents", what.documents);
  options.add("--under-way", what.under_way, "writes of one document each");
  options.parse(argc, argv);
  troupe::register_message_types();
  mongoc_init();
  troupe::bench::measure(what, rounds);
}
