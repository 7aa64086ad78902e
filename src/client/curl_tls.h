#pragma once
#include <curl/curl.h>

#include <string>

#include "client/tls_options.h"

namespace acta {

/// What the verification of one handle needs; must outlive the handle, at the same place.
struct CurlTls {
  const TlsOptions* options = nullptr;
  std::string host{};  ///< whose certificate it has to be, for `strict`
};

/// Sets up `curl` for TLS as `tls.options` say, with the certificates that `files` hold; `files` must outlive the
/// handle's transfers.
void set_tls(CURL* curl, CurlTls& tls, const TlsFiles& files);

}  // namespace acta
