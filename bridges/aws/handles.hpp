#pragma once

#include <memory>

#include <curl/curl.h>

namespace troupe::aws {

template <auto Fn>
struct c_deleter {
  template <class T>
  void operator()(T* handle) const noexcept {
    static_cast<void>(Fn(handle));
  }
};

/// Owns a transfer. It must have left its multi handle before it ends.
using transfer_handle = std::unique_ptr<CURL, c_deleter<curl_easy_cleanup>>;

/// Owns the connections of one thread.
using multi_handle = std::unique_ptr<CURLM, c_deleter<curl_multi_cleanup>>;

/// Owns a list of headers, which must outlive the transfer that it is set on.
using list_handle = std::unique_ptr<curl_slist, c_deleter<curl_slist_free_all>>;

} // namespace troupe::aws
