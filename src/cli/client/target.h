#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::cli {

// Whom a channel connects to.
struct Target {
  // As gRPC takes it.
  std::string uri;
  // Whether there may be several instances, to be called in turn.
  bool several = false;
};

// Reads an address: HOST:PORT is one instance; `dns:///NAME:PORT` all that the
// name has, and so is a list of IP:PORT with commas. kInvalidArgument for a
// list that gRPC cannot take: with names, or of both IPv4 and IPv6.
absl::StatusOr<Target> ParseTarget(absl::string_view address);

}  // namespace holysheep::cli
