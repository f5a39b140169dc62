#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/memory_account.h"
#include "config/config.h"
#include "intake/request_intake.h"
#include "layers/chain.h"
#include "rpc/grpc_server.h"

namespace holysheep {

// Converts the configuration for the objects that use it. Pure, but for the
// random numbers of new_request_id. REQUIRES, for all of them: `config` has
// been checked by LoadConfig.
ChainOptions ChainOptionsFrom(const config::Config& config);
// Reads the memory limit of the process's control group if the configuration
// sets none. Callers share the account unless all have the same name.
MemoryOptions MemoryOptionsFrom(const config::Config& config);
GrpcServerOptions GrpcServerOptionsFrom(const config::Config& config);
// `certificates` is whether the running listener asks clients for them. The
// errors are those of NewTokenAuthenticator.
absl::StatusOr<std::shared_ptr<const IntakeSettings>> IntakeSettingsFrom(
    const config::Config& config, bool certificates);

// Returns the settings in which `wanted` differs from `running` and that need a
// restart: the address and the bounds of the listener, the paths of its
// certificates, reflection, the ledger, and the connection to the upstream. As
// the paths of the configuration's keys, in a fixed order; empty if a reload
// suffices.
std::vector<std::string> NeedsRestart(const config::Config& running,
                                      const config::Config& wanted);

}  // namespace holysheep
