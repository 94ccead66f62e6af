#include <troupe/bridges/grpc/engine/status.hpp>

#include <string>
#include <string_view>
#include <utility>

#include <troupe/messages/contracts/status.hpp>

namespace troupe::grpc {

namespace {

// Half of what a peer reads by default (8 KiB for all metadata of an answer), as base64.
constexpr std::size_t longest_details = 3072;
constexpr std::size_t longest_words = 2048; // as they are sent; beside the details and other metadata

// In the order of the codes' numbers.
constexpr std::array<std::string_view, status_code_count> names{
  "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
  "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
  "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
  "DataLoss", "Unauthenticated"};

// What is sent of a text: bytes that are not printable ASCII take three (gRPC over HTTP/2, "Status-Message").
std::size_t sent_size(char byte) noexcept {
  return byte >= ' ' && byte <= '~' && byte != '%' ? 1 : 3;
}

// A peer refuses an answer whose metadata it cannot read, and its caller would learn nothing of the status.
std::string bounded(std::string words) {
  constexpr std::string_view cut = " [cut]";
  std::size_t sent = 0;
  std::size_t fits = 0; // to the beginning of a character, with room for the mark
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(words[at]) & 0xC0U) != 0x80U;
    if (begins && sent + cut.size() <= longest_words)
      fits = at;
    sent += sent_size(words[at]);
    if (sent > longest_words)
      return words.substr(0, fits).append(cut);
  }
  return words;
}

} // namespace

errc errc_of(::grpc::StatusCode code) noexcept {
  return contracts::errc_of(static_cast<contracts::status_code>(index_of(code)));
}

::grpc::Status status_of(const failure& why) {
  const auto status = contracts::to_status(why);
  const auto code = static_cast<::grpc::StatusCode>(status.code());
  const bool readable = why.status.size() <= longest_details;
  return {code, bounded(status.message()), status.details_size() > 0 && readable ? why.status : std::string{}};
}

failure failure_of(const ::grpc::Status& status) {
  failure why{errc_of(status.error_code()), status.error_message()};
  if (const auto code = static_cast<int>(index_of(status.error_code()));
      !status.error_details().empty() || static_cast<int>(contracts::status_code_of(why.code)) != code) {
    google::rpc::Status sent;
    if (!sent.ParseFromString(status.error_details()))
      sent.Clear();
    sent.set_code(code);
    sent.set_message(status.error_message());
    why.status = sent.SerializeAsString();
  }
  return why;
}

std::size_t index_of(::grpc::StatusCode code) noexcept {
  const auto number = static_cast<std::size_t>(code);
  return number < status_code_count ? number : static_cast<std::size_t>(::grpc::StatusCode::UNKNOWN);
}

std::string_view metric_name(::grpc::StatusCode code) noexcept {
  return names[index_of(code)];
}

} // namespace troupe::grpc
