#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/http_version.h"

namespace holysheep {

struct CurlOptions {
  HttpVersion http_version = HttpVersion::kAuto;
  // Open connections, idle ones included; further transfers wait for their
  // turn. 0 removes the limit.
  int64_t max_connections = 100;
  // Idle connections that are kept for later transfers, and how long more of
  // them may be idle; libcurl closes them at once.
  int64_t keepalive_per_host = 20;
  absl::Duration idle_grace = absl::Seconds(1);
  absl::Duration dns_ttl = absl::Seconds(300);
  // How long an HTTP/2 connection that owes an answer may be silent before it
  // is asked by PING. Not for libcurl.
  absl::Duration patience = absl::Seconds(5);
  // Such as `http://proxy:3128`; may hold a password. Empty is none, whatever
  // the environment says.
  std::string proxy;
  // PEM file of the authorities trusted instead of the system's, unless empty.
  std::string ca_file;

  bool operator==(const CurlOptions&) const = default;
};

}  // namespace holysheep
