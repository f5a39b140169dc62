#pragma once

#include <memory>

#include "http/curl_options.h"
#include "http/transport.h"

namespace holysheep {

class AsioLoop;

// Sends requests with libcurl on `loop`; must outlive its transfers, and
// `loop` must outlive it. A request's connect_timeout covers name look-up, TCP
// and TLS, but not the wait for a free connection. Certificates are verified;
// cookies, .netrc, compression and protocols other than HTTP(S) are off. An
// Each transfer has a connection to itself, whatever the version of HTTP, and
// what is destroyed closes it. An answer that is not HTTP ends its transfer
// with UPSTREAM_MALFORMED, and a request that cannot be sent at all with
// INTERNAL. The process has to ignore SIGPIPE.
std::unique_ptr<HttpTransport> NewCurlTransport(AsioLoop& loop,
                                                const CurlOptions& options);

}  // namespace holysheep
