#pragma once
#include <curl/curl.h>

#include <string_view>

#include "base/result.h"
#include "client/http_client.h"

namespace acta {

/// What is known of an exchange that failed.
struct HttpFailure {
  CURLcode code{};
  std::string_view detail{};  ///< libcurl's words
  int sys = 0;                ///< errno of a connect(2) that failed, else 0
  HttpStep step{};
  bool timed_out = false;
  std::string_view method{}, url{};
};

/// "GET https://es:9200/: TLS: certificate has expired; renew it, or set this host's clock".
Error http_error(const HttpFailure& failure);

}  // namespace acta
