#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/time.h>

#include <troupe/bridges/amqp/session_state.hpp>

namespace troupe::amqp {

namespace {

constexpr const char* unread_identity = "by-certificate"; // of EXTERNAL; the library does not accept an empty one
constexpr auto longest_answer = std::chrono::seconds{20}; // of a busy cluster to a declaration

timeval timeval_of(duration span) noexcept {
  const auto all = std::chrono::duration_cast<std::chrono::microseconds>(span).count();
  constexpr std::int64_t million = 1'000'000;
  return {all / million, all % million};
}

failure with_address(failure why, const address& at) {
  why.reason.append(" (").append(at.host).append(":").append(std::to_string(at.port)).append(")");
  return why;
}

bool is_ip(const std::string& host) noexcept {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// The flaw in the certificate that the broker presented in this thread's latest attempt. OpenSSL drops it with the
// connection, which the library ends before it returns.
thread_local int certificate_flaw = X509_V_OK;

int note_flaw(int ok, X509_STORE_CTX* chain) noexcept {
  if (ok != 1)
    certificate_flaw = X509_STORE_CTX_get_error(chain);
  return ok;
}

// OpenSSL compares the broker's name itself: the library's own comparison does not support IP addresses.
expected<amqp_socket_t*> new_tls_socket(amqp_connection_state_t on, const tls_files& files, const std::string& host) {
  auto* const socket = amqp_ssl_socket_new(on);
  if (socket == nullptr)
    return status_to_failure(AMQP_STATUS_NO_MEMORY);
  amqp_ssl_socket_set_verify_peer(socket, 1);
  amqp_ssl_socket_set_verify_hostname(socket, 0);
  amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
  auto* const context = static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, note_flaw);
  auto* const rules = SSL_CTX_get0_param(context);
  const auto named = is_ip(host) ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str())
                                 : X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size());
  if (named != 1)
    return failure{errc::invalid, "the host " + host + " cannot be verified by a certificate"};
  if (files.authorities.empty())
    SSL_CTX_set_default_verify_paths(context);
  else if (amqp_ssl_socket_set_cacert(socket, files.authorities.c_str()) != AMQP_STATUS_OK)
    return failure{errc::untrusted, "the certificate authorities in " + files.authorities + " cannot be read"};
  if (!files.certificate.empty()
      && amqp_ssl_socket_set_key(socket, files.certificate.c_str(), files.key.c_str()) != AMQP_STATUS_OK)
    return failure{errc::unauthenticated,
                   "the certificate in " + files.certificate + " and the key in " + files.key + " cannot be used"};
  return socket;
}

// The library reports only that TLS failed; OpenSSL keeps the reason.
failure tls_failure(int status) {
  const auto code = ERR_peek_last_error();
  if (code == 0)
    return status_to_failure(status);
  std::array<char, 256> words{};
  ERR_error_string_n(code, words.data(), words.size());
  auto why = status_to_failure(status, words.data());
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    why.code = errc::untrusted;
    why.reason.append(": ").append(X509_verify_cert_error_string(certificate_flaw));
  }
  return why;
}

// The capabilities are what a broker reports only to clients that know of it: why a login fails, that a consumer has ended,
// that publishing is blocked.
failure log_in(amqp_connection_state_t on, const connection& to, const access& where) {
  std::array capabilities{yes_entry("authentication_failure_close"), yes_entry("consumer_cancel_notify"),
                          yes_entry("connection.blocked"), yes_entry("publisher_confirms"), yes_entry("basic.nack")};
  std::array entries{entry_of("product", "troupe"), entry_of("connection_name", to.name),
                     table_entry("capabilities", capabilities)};
  const amqp_table_t properties{static_cast<int>(entries.size()), entries.data()};
  const auto heartbeat = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(to.heartbeat).count());
  const auto reply = to.mechanism == sasl::external
                       ? amqp_login_with_properties(on, where.virtual_host.c_str(), our_channel, frame_size, heartbeat,
                                                    &properties, AMQP_SASL_METHOD_EXTERNAL, unread_identity)
                       : amqp_login_with_properties(on, where.virtual_host.c_str(), our_channel, frame_size, heartbeat,
                                                    &properties, AMQP_SASL_METHOD_PLAIN, where.login.username.c_str(),
                                                    where.login.password.reveal().c_str());
  auto why = to_failure(reply);
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION)
    if (const auto closed = closing_of(reply.reply); closed && closed->code == AMQP_ACCESS_REFUSED)
      why.code = errc::unauthenticated;
  return why;
}

} // namespace

expected<connection_handle> open_connection(const connection& to, const access& where, const address& at,
                                            socket_interrupter* line) {
  connection_handle made{amqp_new_connection()};
  if (!made)
    return status_to_failure(AMQP_STATUS_NO_MEMORY);
  auto limit = timeval_of(to.reached_within);
  amqp_set_handshake_timeout(made.get(), &limit);
  const auto answer_limit = timeval_of(longest_answer);
  amqp_set_rpc_timeout(made.get(), &answer_limit);
  expected<amqp_socket_t*> socket{nullptr};
  ERR_clear_error();
  certificate_flaw = X509_V_OK;
  if (where.how == encryption::tls)
    socket = new_tls_socket(made.get(), to.tls, at.host);
  else
    socket = amqp_tcp_socket_new(made.get());
  if (socket.has_error())
    return socket.error();
  if (const auto status = amqp_socket_open_noblock(*socket, at.host.c_str(), at.port, &limit); status != AMQP_STATUS_OK)
    return with_address(where.how == encryption::tls ? tls_failure(status) : status_to_failure(status), at);
  if (line != nullptr)
    line->hold(amqp_get_sockfd(made.get()));
  auto why = log_in(made.get(), to, where);
  if (why.code == errc::none) {
    amqp_channel_open(made.get(), our_channel);
    why = to_failure(amqp_get_rpc_reply(made.get()));
  }
  if (why.code == errc::none)
    return made;
  if (line != nullptr)
    line->release();
  return with_address(std::move(why), at);
}

} // namespace troupe::amqp
