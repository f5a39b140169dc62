#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "http/curl_transport.h"
#include "intake/request_intake.h"
#include "layers/chain.h"
#include "rpc/grpc_server.h"

namespace holysheep {

// The configuration as the layers take it.
ChainOptions ChainOptionsFrom(const config::Config& config);
CurlOptions CurlOptionsFrom(const config::Config& config);
GrpcServerOptions GrpcServerOptionsFrom(const config::Config& config);
// `certificates` says whether the running listener asks clients for them.
absl::StatusOr<std::shared_ptr<const IntakeSettings>> IntakeSettingsFrom(
    const config::Config& config, bool certificates);

// The settings in which `wanted` differs from `running` and that take a
// restart: where the service listens and to how many, its certificates' paths,
// whether it answers reflection, its ledger, and how it connects to the
// upstream.
std::vector<std::string> NeedsRestart(const config::Config& running,
                                      const config::Config& wanted);

}  // namespace holysheep
