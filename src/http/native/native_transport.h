#pragma once

#include <memory>

#include "http/curl_options.h"
#include "http/transport.h"

namespace holysheep {

class AsioLoop;

// Sends requests on `loop` over sockets of its own; must outlive its transfers,
// and `loop` must outlive it. For use without a proxy: `options.proxy` is not
// read. A request's connect_timeout covers name look-up, TCP and TLS, but not
// the wait for a free connection. Certificates are verified. A transfer over
// HTTP/1.1 has a connection to itself, and closes it when it is destroyed; over
// HTTP/2 transfers share a connection until the peer takes no more streams. The
// process need not ignore SIGPIPE.
std::unique_ptr<HttpTransport> NewNativeTransport(AsioLoop& loop,
                                                  const CurlOptions& options);

}  // namespace holysheep
