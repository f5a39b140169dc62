#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/http_version.h"
#include "http/transport.h"

namespace holysheep {

class AsioLoop;

// Settings of the upstream's connections.
struct CurlOptions {
  HttpVersion http_version = HttpVersion::kAuto;
  // Open connections, idle ones included; further transfers wait for one. 0 is
  // unlimited.
  int max_connections = 100;
  // Idle connections kept for later transfers.
  int keepalive_per_host = 20;
  absl::Duration dns_ttl = absl::Seconds(300);
  // Such as `http://proxy:3128`. If empty, no proxy is used, whatever the
  // environment says.
  std::string proxy;
  // A PEM file of authorities that are trusted instead of the system's; empty
  // for none.
  std::string ca_file;
};

// A transport that sends requests with libcurl on `loop`. It must outlive its
// transfers, and `loop` must outlive it. A request's connect_timeout covers
// name resolution, TCP and TLS, but not the wait for a free connection.
// Certificates are verified; cookies, .netrc, compression and protocols other
// than HTTP(S) are off. Each transfer has a connection to itself, whatever the
// version of HTTP; destroying the transfer closes the connection. An answer
// that is not HTTP ends its transfer with UPSTREAM_MALFORMED, and a request
// that cannot be sent at all with INTERNAL. The process must ignore SIGPIPE.
std::unique_ptr<HttpTransport> NewCurlTransport(AsioLoop& loop,
                                                const CurlOptions& options);

}  // namespace holysheep
