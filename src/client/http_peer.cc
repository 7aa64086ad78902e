#include "client/http_peer.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace acta {
namespace {

/// A name from a certificate as it may be shown.
std::string shown(std::string_view text) {
  constexpr size_t kBytesMax = 200;
  std::string out(text.substr(0, kBytesMax));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return out;
}

std::string address_of(CURL* easy) {
  char* address = nullptr;
  long port = 0;
  if (curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address) != CURLE_OK || address == nullptr || *address == 0 ||
      curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port) != CURLE_OK)
    return "";
  const bool six = std::strchr(address, ':') != nullptr;
  return (six ? "[" + std::string(address) + "]:" : std::string(address) + ":") + std::to_string(port);
}

}  // namespace

HttpPeer peer_of(CURL* easy) {
  HttpPeer peer;
  if (easy == nullptr) return peer;
  peer.address = address_of(easy);
  curl_certinfo* certificates = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &certificates) != CURLE_OK || certificates == nullptr ||
      certificates->num_of_certs < 1)
    return peer;
  const std::array<std::pair<std::string_view, std::string*>, 3> wanted{
      {{"Subject:", &peer.subject}, {"Issuer:", &peer.issuer}, {"Expire date:", &peer.expires}}};
  for (const curl_slist* line = certificates->certinfo[0]; line != nullptr; line = line->next) {
    const std::string_view text = line->data;
    for (const auto& [name, into] : wanted) {
      if (text.starts_with(name)) *into = shown(text.substr(name.size()));
    }
  }
  return peer;
}

}  // namespace acta
