#include <troupe/actors/contracts/effects.hpp>

namespace troupe {

void publishing::await_resume() {
  if (unwritten_.code != errc::none)
    throw call_failed{unwritten_};
  auto outcome = base::await_resume();
  if (outcome.has_error())
    throw call_failed{std::move(outcome).error()};
  if (outcome->outcomes.size() != messages_)
    throw call_failed{{errc::outcome_unknown, "the publisher did not say what became of each message"}};
  for (auto& each : outcome->outcomes)
    if (each.code != errc::none)
      throw call_failed{std::move(each)};
}

void writing::await_resume() {
  auto outcome = base::await_resume();
  if (outcome.has_error())
    throw call_failed{std::move(outcome).error()};
  if (outcome->each.empty())
    throw call_failed{{errc::outcome_unknown, "the store did not say what became of the document"}};
  auto& document = outcome->each.front();
  if (document.outcome == write_outcome::refused)
    throw call_failed{document.why.code == errc::none ? failure{errc::rejected, "the store refused the document"}
                                                      : std::move(document.why)};
}

writing document_store::write(std::string id, std::string body) const {
  write_documents request;
  request.behalf_of(trace_);
  request.documents.push_back({to_.database, to_.collection, std::move(id), std::move(body)});
  return writing{{sender_, to_.actor, at_most_, std::move(request)}};
}

} // namespace troupe
