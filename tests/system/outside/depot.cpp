// A program of services of an author's own.

#include <troupe/host.hpp>

#include "depot/depot.troupe.hpp"

struct counter : depot::depot_service {
  explicit counter(troupe::service_context& context)
    : parcels(context.publishes<depot::Parcel>("parcels")), key(context.setting<troupe::secret>("desk-key")) {}

  troupe::task<depot::Receipt> take(const depot::Parcel& parcel, troupe::call& at) override {
    const auto* const given = troupe::find_header(at.metadata(), "desk-key");
    if (given == nullptr || !key.matches(*given))
      throw troupe::call_failed{{troupe::errc::forbidden, "only desks take parcels"}};
    co_await parcels.publish(parcel, at);
    depot::Receipt result;
    result.set_number(at.id());
    co_return result;
  }
  troupe::channel_publisher<depot::Parcel> parcels;
  troupe::secret key;
};

troupe::task<> shelve(depot::Parcel parcel, troupe::delivery_context& at, troupe::stores<"shelf"> shelf) {
  co_await shelf.write(at.document_id(), parcel);
}

int main(int argc, char** argv) {
  troupe::program program{"depot"};
  program.service("counter").serves<counter>();
  program.service("shelf").consumes("parcels", shelve);
  return program.run(argc, argv);
}
