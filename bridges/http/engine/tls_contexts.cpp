#include <troupe/bridges/http/engine/tls_contexts.hpp>

#include <utility>

#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>

namespace troupe::http {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

failure unusable(const std::string& path, const error_code& error) {
  return {errc::not_sent, "the TLS file " + path + " cannot be used: " + error.message()};
}

expected<std::shared_ptr<ssl::context>> read(const tls_files& files) {
  auto result = std::make_shared<ssl::context>(ssl::context::tls_client);
  error_code error;
  if (SSL_CTX_ctrl(result->native_handle(), SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr) != 1)
    return failure{errc::internal, "TLS 1.2 cannot be asked for"};
  // An encrypted key would otherwise be asked for at the terminal.
  result->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string{}; }, error);
  if (files.authorities.empty())
    result->set_default_verify_paths(error);
  else
    result->load_verify_file(files.authorities, error);
  if (error)
    return unusable(files.authorities.empty() ? "of the system's authorities" : files.authorities, error);
  if (files.certificate.empty())
    return result;
  result->use_certificate_chain_file(files.certificate, error);
  if (error)
    return unusable(files.certificate, error);
  result->use_private_key_file(files.key, ssl::context::pem, error);
  if (error)
    return unusable(files.key, error);
  return result;
}

} // namespace

tls_contexts::print tls_contexts::look_at(const std::string& path) {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0)
    return {};
  return {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec};
}

tls_contexts::prints tls_contexts::look() const {
  return {look_at(files_.authorities), look_at(files_.certificate), look_at(files_.key)};
}

expected<std::shared_ptr<ssl::context>> tls_contexts::current(instant now, duration pause) {
  if (context_ && now - last_look_ < pause)
    return context_;
  last_look_ = now;
  const auto found = look();
  if (context_ && found == seen_)
    return context_;
  auto next = read(files_);
  if (!next) {
    trouble_ = next.error();
    if (!context_)
      return trouble_;
    return context_;
  }
  // Files that changed while they were read are read again the next time.
  seen_ = found;
  context_ = std::move(*next);
  trouble_ = {errc::none, {}};
  ++generation_;
  return context_;
}

} // namespace troupe::http
