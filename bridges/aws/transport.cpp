#include <troupe/bridges/aws/transport.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <stdexcept>

#include <troupe/bridges/aws/handles.hpp>

namespace troupe::aws {

namespace {

constexpr std::size_t largest_answer = std::size_t{1} << 20U;
constexpr std::chrono::seconds longest_poll{1};

long milliseconds(duration span) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(span).count());
}

// libcurl counts its users itself, but not safely while others begin.
void begin_with_curl() {
  static const auto begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (begun != CURLE_OK)
    throw std::runtime_error(std::string{"libcurl cannot start: "} + curl_easy_strerror(begun));
}

std::size_t keep_body(const char* piece, std::size_t, std::size_t size, void* into) noexcept {
  auto& body = *static_cast<std::string*>(into);
  if (size > largest_answer - body.size())
    return 0; // which ends the transfer
  try {
    body.append(piece, size);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return size;
}

failure to_failure(CURLcode code, const char* words) {
  const std::string reason = *words == '\0' ? curl_easy_strerror(code) : words;
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_ISSUER_ERROR:
      return {errc::not_sent, "the endpoint's certificate is not to be trusted: " + reason};
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {errc::invalid, reason};
    case CURLE_WRITE_ERROR:
      return {errc::undecodable, "the answer is larger than 1 MiB"};
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      return {errc::internal, reason};
    default: // the name, the connection, TLS or the protocol
      return {errc::unavailable, reason};
  }
}

} // namespace

class transport::state {
public:
  explicit state(transport_config config) : config_(std::move(config)) {
    begin_with_curl();
    multi_.reset(curl_multi_init());
    if (!multi_)
      throw std::runtime_error("libcurl has no memory");
  }

  expected<http_response> exchange(const request& outgoing, instant until) {
    transfer under_way;
    under_way.handle.reset(curl_easy_init());
    if (!under_way.handle || !set(under_way, outgoing))
      return failure{errc::internal, "libcurl refuses a setting"};
    if (curl_multi_add_handle(multi_.get(), under_way.handle.get()) != CURLM_OK)
      return failure{errc::internal, "libcurl refuses a transfer"};
    auto result = drive(under_way, until);
    // An interrupted look-up of a name is left to itself; otherwise leaving waits for it.
    curl_easy_setopt(under_way.handle.get(), CURLOPT_QUICK_EXIT, 1L);
    curl_multi_remove_handle(multi_.get(), under_way.handle.get());
    return result;
  }

  void interrupt() noexcept {
    interrupted_ = true;
    curl_multi_wakeup(multi_.get());
  }

private:
  struct transfer {
    list_handle headers;
    std::string body;
    char words[CURL_ERROR_SIZE] = "";
    transfer_handle handle; // ends first: it points into the others
  };

  bool set(transfer& to, const request& outgoing) const {
    auto* const handle = to.handle.get();
    bool fine = true;
    const auto option = [&](CURLoption name, auto value) {
      fine = fine && curl_easy_setopt(handle, name, value) == CURLE_OK;
    };
    option(CURLOPT_URL, outgoing.url.c_str());
    option(CURLOPT_PROTOCOLS_STR, "http,https");
    option(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    option(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    option(CURLOPT_NOSIGNAL, 1L);
    option(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(config_.connect));
    option(CURLOPT_ERRORBUFFER, to.words);
    option(CURLOPT_WRITEFUNCTION, keep_body);
    option(CURLOPT_WRITEDATA, &to.body);
    if (!config_.authorities.empty())
      option(CURLOPT_CAINFO, config_.authorities.c_str());
    if (outgoing.body) {
      option(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(outgoing.body->size()));
      option(CURLOPT_POSTFIELDS, outgoing.body->c_str());
    } else {
      option(CURLOPT_NOPROXY, "*"); // a container's endpoint is never behind one
    }
    if (outgoing.signer) {
      option(CURLOPT_AWS_SIGV4, signing_scope(config_.region, outgoing.service).c_str());
      option(CURLOPT_USERNAME, outgoing.signer->key_id.c_str());
      option(CURLOPT_PASSWORD, outgoing.signer->key.reveal().c_str());
    }
    for (const auto& [name, value] : outgoing.headers) {
      auto* const longer = curl_slist_append(to.headers.get(), std::string{name}.append(": ").append(value).c_str());
      if (longer == nullptr)
        return false;
      static_cast<void>(to.headers.release()); // it is the same list, or the first of it
      to.headers.reset(longer);
    }
    option(CURLOPT_HTTPHEADER, to.headers.get());
    return fine;
  }

  expected<http_response> drive(transfer& under_way, instant until) {
    for (;;) {
      int running = 0;
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK)
        return failure{errc::internal, "libcurl cannot go on"};
      if (interrupted_)
        return failure{errc::shutting_down, "the process is stopping"};
      if (running == 0)
        return result_of(under_way);
      const auto now = steady_now();
      if (now >= until)
        return failure{errc::unavailable, "no answer in time"};
      const auto wait = std::min<duration>(until - now, longest_poll);
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(milliseconds(wait)), nullptr);
    }
  }

  expected<http_response> result_of(transfer& under_way) {
    int left = 0;
    const auto* const done = curl_multi_info_read(multi_.get(), &left);
    if (done == nullptr || done->msg != CURLMSG_DONE)
      return failure{errc::internal, "libcurl ended a transfer without a result"};
    if (done->data.result != CURLE_OK)
      return to_failure(done->data.result, under_way.words);
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(under_way.handle.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(under_way.handle.get(), CURLINFO_RETRY_AFTER, &retry_after);
    http_response result{static_cast<unsigned>(status),
                         {},
                         std::chrono::seconds{std::clamp<curl_off_t>(retry_after, 0, 3600)},
                         std::move(under_way.body)};
    curl_header* type = nullptr;
    if (curl_easy_header(under_way.handle.get(), "x-amzn-errortype", 0, CURLH_HEADER, -1, &type) == CURLHE_OK)
      result.error_type = type->value;
    return result;
  }

  const transport_config config_;
  multi_handle multi_;
  std::atomic<bool> interrupted_{false};
};

transport::transport(transport_config config) : state_(std::make_unique<state>(std::move(config))) {}
transport::~transport() = default;

expected<http_response> transport::exchange(const request& outgoing, instant until) {
  return state_->exchange(outgoing, until);
}

void transport::interrupt() noexcept {
  state_->interrupt();
}

} // namespace troupe::aws
