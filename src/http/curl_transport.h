#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/http_version.h"
#include "http/transport.h"

namespace holysheep {

class AsioLoop;

struct CurlOptions {
  HttpVersion http_version = HttpVersion::kAuto;
  // Open connections, idle ones included; further transfers wait for their
  // turn. 0 is no limit.
  int max_connections = 100;
  // Idle connections that are kept for later transfers.
  int keepalive_per_host = 20;
  absl::Duration dns_ttl = absl::Seconds(300);
  // Such as `http://proxy:3128`. Empty is none, whatever the environment says.
  std::string proxy;
  // PEM file of the authorities trusted instead of the system's, unless empty.
  std::string ca_file;
};

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
