#pragma once
#include <curl/curl.h>

#include "client/http_client.h"

namespace acta {

/// Whom the last transfer of a handle (may be null) was with.
HttpPeer peer_of(CURL* easy);

}  // namespace acta
