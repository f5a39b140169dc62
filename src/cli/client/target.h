#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::cli {

// The destination of a channel.
struct Target {
  // In the form that gRPC accepts. Such as
  // `ipv4:10.0.0.1:50051,10.0.0.2:50051`.
  std::string uri;
  // Whether there may be several instances, which are called in turn.
  bool several = false;
};

// Reads an address. HOST:PORT is one instance; `dns:///NAME:PORT` and a
// comma-separated list of IP:PORT may be several. Returns kInvalidArgument for
// a list that gRPC cannot use: with names, or with both IPv4 and IPv6. A single
// address is not checked: gRPC says what is wrong with it when it connects.
// Pure.
absl::StatusOr<Target> ParseTarget(absl::string_view address);

// Whether what is sent to `address`, in a form that ParseTarget accepts, cannot
// leave this machine: it is loopback or a Unix socket, as a whole. Resolves no
// name. Pure.
bool StaysOnThisMachine(absl::string_view address);

}  // namespace holysheep::cli
