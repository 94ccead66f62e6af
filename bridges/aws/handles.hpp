#pragma once

#include <curl/curl.h>

#include <troupe/bridges/handles/c_ptr.hpp>

namespace troupe::aws {

/// Owns a transfer. It must have left its multi handle before it ends.
using transfer_handle = c_ptr<CURL, curl_easy_cleanup>;

/// Owns the connections of one thread.
using multi_handle = c_ptr<CURLM, curl_multi_cleanup>;

/// Owns a list of headers, which must outlive the transfer that it is set on.
using list_handle = c_ptr<curl_slist, curl_slist_free_all>;

} // namespace troupe::aws
